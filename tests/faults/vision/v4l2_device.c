/* A V4L2 camera inside one process: preloaded, it answers open, ioctl and select for one path.
 *
 * For machines without the kernel's own test drivers. The process under test sees the kernel's
 * interface (linux/videodev2.h) and nothing else: OpenCV's V4L2 backend streams from it by mmap.
 *   PLAYED_CAMERA  path of the device, a node that exists
 *   PLAYED_FRAMES  folder with 0.jpg, 1.jpg, ... or, for raw pictures, 0.yuyv, 1.yuyv, ...
 *   PLAYED_RAW     set for raw pictures
 *   PLAYED_LIGHT   set for pictures that follow the exposure: NUMBER.STEP.jpg for STEP doublings of
 *                  the light, -4 to 4
 *   PLAYED_BIAS    set for a camera that has an exposure bias, a menu of -4 to 4 EV
 *   PLAYED_LOG     file that gets a line "id value" for each control that is set
 *   PLAYED_MOOD    file with one word: live, silent, frozen, cut, gone
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 640, HEIGHT = 360, BUFFERS = 4, ROOM = 1 << 20, FPS = 15, HANDLES = 8 };

static struct { unsigned id; int value, maximum; } controls[] = {
    {V4L2_CID_POWER_LINE_FREQUENCY, 2, 2},
    {V4L2_CID_EXPOSURE_AUTO, 3, 3},
    {V4L2_CID_EXPOSURE_ABSOLUTE, 156, 2047},
    {V4L2_CID_AUTO_EXPOSURE_BIAS, 4, 8},
};
/* What the exposure is after the controls: a step of it doubles the light. */
static int bias_mev(void) { return (controls[3].value - 4) * 1000; }
static int exposure_step(void) {
    double light = controls[1].value == 1 ? controls[2].value / 156.0 : 1.0;
    int step = bias_mev() / 1000;
    while (light < 0.71) { light *= 2; step--; }
    while (light > 1.42) { light /= 2; step++; }
    return step;
}
static int handles[HANDLES] = {-1, -1, -1, -1, -1, -1, -1, -1};
static int queue[BUFFERS], queued, streaming;
static unsigned sequence, shown;
static double next_s;

static double now_s(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static int is(const char *word) {
    char text[16] = "live";
    FILE *file = fopen(getenv("PLAYED_MOOD"), "r");
    if (file) {
        if (fscanf(file, "%15s", text) != 1) strcpy(text, "live");
        fclose(file);
    }
    return strcmp(text, word) == 0;
}

static unsigned pixels(void) {
    return getenv("PLAYED_RAW") ? V4L2_PIX_FMT_YUYV : V4L2_PIX_FMT_MJPEG;
}

static int is_ours(int handle) {
    for (int i = 0; handle >= 0 && i < HANDLES; i++)
        if (handles[i] == handle) return 1;
    return 0;
}

static int fails(int code) {
    errno = code;
    return -1;
}

static int play(const char *path) {
    if (is("gone")) return fails(ENODEV);
    for (int i = 0; i < HANDLES; i++)
        if (handles[i] < 0) {
            handles[i] = memfd_create(path, MFD_CLOEXEC);
            if (ftruncate(handles[i], BUFFERS * ROOM)) return fails(ENOMEM);
            return handles[i];
        }
    return fails(EBUSY);
}

#define OPEN(name)                                                       \
    int name(const char *path, int flags, ...) {                         \
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name);   \
        const char *camera = getenv("PLAYED_CAMERA");                    \
        if (camera && strcmp(path, camera) == 0) return play(path);      \
        va_list rest;                                                    \
        va_start(rest, flags);                                           \
        int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; \
        va_end(rest);                                                    \
        return real(path, flags, mode);                                  \
    }
OPEN(open)
OPEN(open64)

int close(int handle) {
    int (*real)(int) = dlsym(RTLD_NEXT, "close");
    for (int i = 0; handle >= 0 && i < HANDLES; i++)
        if (handles[i] == handle) handles[i] = -1;
    return real(handle);
}

static size_t load(int handle, int index) {
    char path[4096];
    static unsigned char data[ROOM];
    if (!is("frozen")) shown++;
    FILE *file = NULL;
    char step[8] = "";
    if (getenv("PLAYED_LIGHT")) snprintf(step, sizeof step, ".%d", exposure_step());
    for (int again = 0; again < 2 && !file; again++) {
        snprintf(path, sizeof path, "%s/%u%s.%s", getenv("PLAYED_FRAMES"), shown, step,
                 pixels() == V4L2_PIX_FMT_YUYV ? "yuyv" : "jpg");
        file = fopen(path, "rb");
        if (!file) shown = 0;
    }
    if (!file) return 0;
    size_t size = fread(data, 1, ROOM, file);
    fclose(file);
    if (is("cut")) size /= 2;
    return pwrite(handle, data, size, (off_t)index * ROOM) == (ssize_t)size ? size : 0;
}

static int dequeue(int handle, struct v4l2_buffer *buffer) {
    if (is("silent") || !queued || now_s() < next_s) return fails(EAGAIN);
    next_s = now_s() + 1.0 / FPS;
    int index = queue[0];
    memmove(queue, queue + 1, --queued * sizeof *queue);
    memset(buffer, 0, sizeof *buffer);
    buffer->index = index;
    buffer->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer->memory = V4L2_MEMORY_MMAP;
    buffer->length = ROOM;
    buffer->bytesused = load(handle, index);
    buffer->sequence = sequence++;
    buffer->m.offset = index * ROOM;
    return 0;
}

static void note(struct v4l2_control *pair) {
    FILE *file = getenv("PLAYED_LOG") ? fopen(getenv("PLAYED_LOG"), "a") : NULL;
    if (!file) return;
    fprintf(file, "%#x %d\n", pair->id, pair->value);
    fclose(file);
}

static int menu(struct v4l2_querymenu *entry) {
    if (entry->id != V4L2_CID_AUTO_EXPOSURE_BIAS || entry->index > 8) return fails(EINVAL);
    entry->value = ((int)entry->index - 4) * 1000;
    return 0;
}

static int control(unsigned long request, void *data) {
    struct v4l2_control *pair = data;
    struct v4l2_queryctrl *query = data;
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        if (controls[i].id != pair->id) continue;
        if (pair->id == V4L2_CID_AUTO_EXPOSURE_BIAS && !getenv("PLAYED_BIAS")) break;
        if (request == VIDIOC_G_CTRL) pair->value = controls[i].value;
        else if (request == VIDIOC_S_CTRL) {
            controls[i].value = pair->value;
            note(pair);
        } else {
            query->minimum = 0;
            query->maximum = controls[i].maximum;
            query->step = 1;
        }
        return 0;
    }
    return fails(EINVAL);
}

static int answer(int handle, unsigned long request, void *data) {
    if (is("gone")) return fails(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *camera = data;
        strcpy((char *)camera->driver, "played");
        strcpy((char *)camera->card, "Played camera");
        camera->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        camera->capabilities = camera->device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0;
    }
    case VIDIOC_ENUM_FMT: {
        struct v4l2_fmtdesc *format = data;
        format->pixelformat = pixels();
        return format->index ? fails(EINVAL) : 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
        struct v4l2_frmsizeenum *size = data;
        size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
        size->discrete = (struct v4l2_frmsize_discrete){WIDTH, HEIGHT};
        return size->index ? fails(EINVAL) : 0;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
        struct v4l2_frmivalenum *rate = data;
        rate->type = V4L2_FRMIVAL_TYPE_DISCRETE;
        rate->discrete = (struct v4l2_fract){1, FPS};
        return rate->index ? fails(EINVAL) : 0;
    }
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
    case VIDIOC_TRY_FMT: {
        struct v4l2_pix_format *picture = &((struct v4l2_format *)data)->fmt.pix;
        picture->width = WIDTH;
        picture->height = HEIGHT;
        picture->pixelformat = pixels();
        picture->field = V4L2_FIELD_NONE;
        picture->bytesperline = getenv("PLAYED_RAW") ? 2 * WIDTH : 0;
        picture->sizeimage = getenv("PLAYED_RAW") ? 2 * WIDTH * HEIGHT : ROOM;
        return 0;
    }
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        struct v4l2_captureparm *rate = &((struct v4l2_streamparm *)data)->parm.capture;
        rate->capability = V4L2_CAP_TIMEPERFRAME;
        rate->timeperframe = (struct v4l2_fract){1, FPS};
        return 0;
    }
    case VIDIOC_REQBUFS: {
        struct v4l2_requestbuffers *wish = data;
        if (wish->count > BUFFERS) wish->count = BUFFERS;
        queued = 0;
        return 0;
    }
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *buffer = data;
        buffer->length = ROOM;
        buffer->m.offset = buffer->index * ROOM;
        return buffer->index < BUFFERS ? 0 : fails(EINVAL);
    }
    case VIDIOC_QBUF:
        if (queued == BUFFERS) return fails(EINVAL);
        queue[queued++] = ((struct v4l2_buffer *)data)->index;
        return 0;
    case VIDIOC_DQBUF:
        return streaming ? dequeue(handle, data) : fails(EINVAL);
    case VIDIOC_STREAMON:
        streaming = 1;
        return 0;
    case VIDIOC_STREAMOFF:
        streaming = queued = 0;
        return 0;
    case VIDIOC_QUERYMENU:
        return getenv("PLAYED_BIAS") ? menu(data) : fails(EINVAL);
    case VIDIOC_G_CTRL:
    case VIDIOC_S_CTRL:
    case VIDIOC_QUERYCTRL:
        return control(request, data);
    }
    return fails(ENOTTY);
}

int ioctl(int handle, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *data = va_arg(rest, void *);
    va_end(rest);
    int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    return is_ours(handle) ? answer(handle, (unsigned)request, data) : real(handle, request, data);
}

int select(int count, fd_set *in, fd_set *out, fd_set *bad, struct timeval *limit) {
    int (*real)(int, fd_set *, fd_set *, fd_set *, struct timeval *) = dlsym(RTLD_NEXT, "select");
    if (!in || !is_ours(count - 1)) return real(count, in, out, bad, limit);
    double until_s = now_s() + limit->tv_sec + limit->tv_usec / 1e6;
    while (now_s() < until_s) {
        if (is("gone") || (!is("silent") && queued && now_s() >= next_s)) return 1;
        usleep(2000);
    }
    FD_ZERO(in);
    return 0;
}
