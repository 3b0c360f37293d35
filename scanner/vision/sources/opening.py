"""From what the settings say about the camera to an open frame source."""

from pathlib import Path

from scanner.domain.errors import CameraError
from scanner.vision.frames import FrameSource
from scanner.vision.wishes import CameraWishes

SIMULATED = "simulated:"
RIBBON = "csi:"
_KINDS = (
    "Give a V4L2 index or path (0, /dev/video0), csi:0 for a ribbon camera, rtsp://HOST/PATH, "
    "an image, a folder of images, a video file, or simulated:FOLDER."
)


def open_source(spec: str, wishes: CameraWishes, *, paced: bool = True) -> FrameSource:
    """Open what `spec` names.

    Args:
        spec: a V4L2 index or path (`0`, `/dev/video0`), `csi:0` for a Pi's ribbon camera, an
            address (`rtsp://`, `http://`), a video file, an image or a folder of images, or
            `simulated:FOLDER`.
        wishes: asked of a camera; the simulated one renders the size, images of a folder are
            shown at the frame rate.
        paced: False plays files as fast as they are read, for tests and tools.

    Raises:
        CameraError: nothing of that kind can be opened; the remedy says what would.
    """
    if spec.startswith(SIMULATED):
        return _open_simulated(spec.removeprefix(SIMULATED), wishes)
    if spec.startswith(RIBBON):
        return _open_ribbon(spec.removeprefix(RIBBON), wishes)
    if _names_device(spec):
        from scanner.vision.sources.v4l2 import CameraSource

        return CameraSource(f"/dev/video{int(spec)}" if spec.isdecimal() else spec, wishes)
    if "://" in spec:
        from scanner.vision.sources.network import NetworkSource

        return NetworkSource(spec)
    if not spec:
        raise CameraError("The camera's source is empty.", _KINDS)
    return _open_file(Path(spec), wishes.fps if paced else None)


def _names_device(spec: str) -> bool:
    return (
        spec.isdecimal()
        or spec.startswith(("/dev/video", "/dev/v4l/"))
        or Path(spec).is_char_device()
    )


def _open_file(path: Path, fps: float | None) -> FrameSource:
    if not path.exists():
        raise CameraError(f"There is no file or folder {path} to take frames from.", _KINDS)
    from scanner.vision.sources import files

    if path.suffix.lower() in files.VIDEO_SUFFIXES:
        return files.VideoFileSource(path, paced=fps is not None)
    if path.is_dir() or path.suffix.lower() in files.IMAGE_SUFFIXES:
        return files.ImageFilesSource(path, fps=fps)
    known = ", ".join(sorted(files.IMAGE_SUFFIXES | files.VIDEO_SUFFIXES))
    raise CameraError(f"{path} is neither an image nor a video by its name.", f"Known: {known}.")


def _open_ribbon(number: str, wishes: CameraWishes) -> FrameSource:
    if not number.isdecimal():
        raise CameraError("A ribbon camera is named by its number.", "The first one is csi:0.")
    from scanner.vision.sources.picamera import RibbonCameraSource, open_ribbon_camera

    return RibbonCameraSource(open_ribbon_camera(int(number)), int(number), wishes)


def _open_simulated(folder: str, wishes: CameraWishes) -> FrameSource:
    if not folder or not Path(folder).is_dir():
        raise CameraError(
            f"There is no folder {folder!r} for the simulated camera.",
            "The demo makes it; name the one it uses.",
        )
    from scanner.vision.sources.simulated import SimulatedSource

    return SimulatedSource(Path(folder), wishes)
