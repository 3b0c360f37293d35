"""Our numbers and layouts beside those of the kernel's own headers, through a C compiler."""

import shutil
import subprocess
from pathlib import Path

import pytest

from scanner.vision.sources import v4l2_abi as abi
from scanner.vision.sources.v4l2_abi import Control, FrameSize, Request

HEADER = Path("/usr/include/linux/videodev2.h")
PROGRAM = """
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <linux/videodev2.h>
#define NUMBER(name) printf("%s %lu\\n", #name, (unsigned long)(name))
#define BYTES(label, value) do { printf("%s ", label); \\
    for (size_t i = 0; i < sizeof(value); i++) \\
        printf("%02x", ((unsigned char *)&(value))[i]); \\
    printf("\\n"); } while (0)
int main(void) {
    NUMBER(VIDIOC_QUERYCAP); NUMBER(VIDIOC_ENUM_FMT); NUMBER(VIDIOC_G_CTRL);
    NUMBER(VIDIOC_S_CTRL); NUMBER(VIDIOC_QUERYCTRL); NUMBER(VIDIOC_QUERYMENU);
    NUMBER(VIDIOC_ENUM_FRAMESIZES);
    NUMBER(VIDIOC_ENUM_FRAMEINTERVALS); NUMBER(V4L2_CID_AUTOGAIN); NUMBER(V4L2_CID_GAIN);
    NUMBER(V4L2_CID_POWER_LINE_FREQUENCY); NUMBER(V4L2_CID_EXPOSURE_AUTO);
    NUMBER(V4L2_CID_EXPOSURE_ABSOLUTE); NUMBER(V4L2_CID_EXPOSURE_AUTO_PRIORITY);
    NUMBER(V4L2_CID_FOCUS_ABSOLUTE); NUMBER(V4L2_CID_FOCUS_AUTO);
    NUMBER(V4L2_CID_AUTO_EXPOSURE_BIAS);
    struct v4l2_capability card = {.driver = "d", .card = "Cam", .bus_info = "usb-1",
        .capabilities = V4L2_CAP_DEVICE_CAPS, .device_caps = V4L2_CAP_VIDEO_CAPTURE};
    struct v4l2_fmtdesc format = {.index = 3, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
        .description = "Motion-JPEG", .pixelformat = V4L2_PIX_FMT_MJPEG};
    struct v4l2_frmsizeenum size = {.index = 1, .pixel_format = V4L2_PIX_FMT_YUYV,
        .type = V4L2_FRMSIZE_TYPE_DISCRETE, .discrete = {1280, 720}};
    struct v4l2_frmsizeenum steps = {.type = V4L2_FRMSIZE_TYPE_STEPWISE,
        .stepwise = {16, 1920, 2, 32, 1080, 4}};
    struct v4l2_frmivalenum interval = {.pixel_format = V4L2_PIX_FMT_YUYV, .width = 1280,
        .height = 720, .type = V4L2_FRMIVAL_TYPE_DISCRETE, .discrete = {2, 15}};
    struct v4l2_queryctrl query = {.id = V4L2_CID_GAIN, .name = "Gain", .minimum = -5,
        .maximum = 255, .step = 5};
    struct v4l2_querymenu menu = {.id = V4L2_CID_AUTO_EXPOSURE_BIAS, .index = 2, .value = -1500};
    struct v4l2_control control = {V4L2_CID_GAIN, -7};
    BYTES("card", card); BYTES("format", format); BYTES("size", size); BYTES("steps", steps);
    BYTES("interval", interval); BYTES("query", query); BYTES("control", control);
    BYTES("menu", menu);
    return 0;
}
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the C program printed: each name with its number or its bytes in hexadecimal."""
    compiler = shutil.which("cc")
    if compiler is None or not HEADER.exists():
        pytest.skip("no C compiler or no kernel headers (gcc, linux-libc-dev)")
    folder = tmp_path_factory.mktemp("abi")
    (folder / "abi.c").write_text(PROGRAM, "ascii")
    subprocess.run([compiler, folder / "abi.c", "-o", folder / "abi"], check=True)
    printed = subprocess.run([folder / "abi"], check=True, capture_output=True, text=True).stdout
    return dict(line.split(" ") for line in printed.splitlines())


def test_every_request_and_control_has_the_kernels_number(kernel: dict[str, str]) -> None:
    for request in Request:
        assert kernel[f"VIDIOC_{request.name}"] == str(int(request))
    for control in Control:
        assert kernel[f"V4L2_CID_{control.name}"] == str(int(control))


def test_every_answer_is_read_as_the_kernel_lays_it_out(kernel: dict[str, str]) -> None:
    answer = {
        name: bytearray.fromhex(value) for name, value in kernel.items() if not name.startswith("V")
    }
    assert abi.capability(answer["card"]) == abi.Capability("Cam", "usb-1", captures=True)
    assert abi.fourcc(answer["format"]) == "MJPG"
    assert abi.frame_size(answer["size"]) == FrameSize(1280, 720)
    assert abi.frame_size(answer["steps"]) == FrameSize(1920, 1080, is_largest=True)
    assert abi.frames_per_s(answer["interval"]) == (7.5, False)
    assert abi.control_range(answer["query"]) == abi.ControlRange(-5, 255, 5)
    assert abi.control_value(answer["control"]) == -7
    assert abi.menu_number(answer["menu"]) == -1500


def test_every_question_is_laid_out_as_the_kernel_reads_it(kernel: dict[str, str]) -> None:
    assert abi.control_buffer(Control.GAIN, -7).hex() == kernel["control"]
    assert abi.query_buffer(Control.GAIN).hex()[:8] == kernel["query"][:8]
    assert abi.format_buffer(3).hex()[:16] == kernel["format"][:16]
    assert abi.size_buffer(1, "YUYV").hex()[:16] == kernel["size"][:16]
    size = FrameSize(1280, 720)
    assert abi.interval_buffer(0, "YUYV", size).hex()[:32] == kernel["interval"][:32]
