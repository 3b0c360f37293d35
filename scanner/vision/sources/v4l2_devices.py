"""The V4L2 cameras of this machine, and what each of them delivers."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scanner.vision.sources import v4l2_abi as abi
from scanner.vision.sources.v4l2_abi import Request
from scanner.vision.sources.v4l2_controls import Ioctl

DEVICES: Final = Path("/dev")
_MOST: Final = 64  # formats, sizes, rates: a camera that lists more is not believed
_REFUSALS: Final = {
    errno.EACCES: "this user may not open it: add the user to the group `video`",
    errno.EPERM: "this user may not open it: add the user to the group `video`",
    errno.EBUSY: "another program holds it",
}


@dataclass(frozen=True, slots=True)
class DeliveredMode:
    """One way in which a camera can deliver.

    Attributes:
        fourcc: the pixel format: `YUYV` raw, `MJPG` Motion JPEG.
        width, height: in pixels; with `up_to`, every smaller size as well.
        fps: frames a second, the fastest first; empty when the driver does not say.
    """

    fourcc: str
    width: int
    height: int
    fps: tuple[float, ...]
    up_to: bool = False


@dataclass(frozen=True, slots=True)
class CameraDevice:
    """One node under /dev.

    Attributes:
        path: `/dev/video0`.
        stable: a name that survives a new plug and a restart, from /dev/v4l; empty without one.
        name: what the camera calls itself.
        bus: where it is plugged in.
        modes: what it delivers.
        trouble: why it cannot be asked; empty when it could.
    """

    path: Path
    stable: str = ""
    name: str = ""
    bus: str = ""
    modes: tuple[DeliveredMode, ...] = ()
    trouble: str = ""


def list_cameras(devices: Path = DEVICES) -> list[CameraDevice]:
    """Every node that delivers pictures, or cannot be asked whether it does."""
    paths = sorted(devices.glob("video[0-9]*"), key=lambda path: int(path.name[5:] or "0"))
    described = (_describe(path, _stable_name(path, devices)) for path in paths)
    return [device for device in described if device is not None]


def modes_of(ioctl: Ioctl) -> tuple[DeliveredMode, ...]:
    """Formats, sizes and rates that a camera lists."""
    return tuple(
        DeliveredMode(
            fourcc,
            size.width,
            size.height,
            tuple(_rates(ioctl, fourcc, size)),
            up_to=size.is_largest,
        )
        for fourcc in _formats(ioctl)
        for size in _sizes(ioctl, fourcc)
    )


@contextmanager
def opened(path: Path) -> Iterator[Ioctl]:
    """The ioctls of a device, beside whoever captures from it.

    Raises:
        OSError: it cannot be opened.
    """
    node = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def ioctl(request: Request, buffer: bytearray) -> None:
        fcntl.ioctl(node, request, buffer)

    try:
        yield ioctl
    finally:
        os.close(node)


def _describe(path: Path, stable: str) -> CameraDevice | None:
    try:
        with opened(path) as ioctl:
            buffer = abi.capability_buffer()
            ioctl(Request.QUERYCAP, buffer)
            camera = abi.capability(buffer)
            if not camera.captures:
                return None
            return CameraDevice(path, stable, camera.card, camera.bus, modes_of(ioctl))
    except OSError as error:
        trouble = _REFUSALS.get(error.errno or 0, f"it cannot be asked: {error.strerror}")
        return CameraDevice(path, stable, trouble=trouble)


def _stable_name(path: Path, devices: Path) -> str:
    for folder in ("by-id", "by-path"):
        for link in sorted((devices / "v4l" / folder).glob("*")):
            if link.resolve() == path.resolve():
                return str(link)
    return ""


def _formats(ioctl: Ioctl) -> Iterator[str]:
    for index in range(_MOST):
        buffer = abi.format_buffer(index)
        if not _asks(ioctl, Request.ENUM_FMT, buffer):
            return
        if fourcc := abi.fourcc(buffer):
            yield fourcc


def _sizes(ioctl: Ioctl, fourcc: str) -> Iterator[abi.FrameSize]:
    for index in range(_MOST):
        buffer = abi.size_buffer(index, fourcc)
        if not _asks(ioctl, Request.ENUM_FRAMESIZES, buffer):
            return
        size = abi.frame_size(buffer)
        yield size
        if size.is_largest:
            return


def _rates(ioctl: Ioctl, fourcc: str, size: abi.FrameSize) -> Iterator[float]:
    for index in range(_MOST):
        buffer = abi.interval_buffer(index, fourcc, size)
        if not _asks(ioctl, Request.ENUM_FRAMEINTERVALS, buffer):
            return
        fps, is_range = abi.frames_per_s(buffer)
        if fps:
            yield round(fps, 2)
        if is_range:
            return


def _asks(ioctl: Ioctl, request: Request, buffer: bytearray) -> bool:
    try:
        ioctl(request, buffer)
    except OSError:
        return False
    return True
