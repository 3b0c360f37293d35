"""The demo's camera: plays the scene that a director has put into a folder."""

import time
from pathlib import Path

from scanner.vision.frames import Frame, FrameSource
from scanner.vision.sources.pacing import Pacer
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import EMPTY_GATE, STAGE_FILE, read_stage

_Stamp = tuple[int, int, int]


class SimulatedSource(FrameSource):
    """Real frames of a simulated gate, at the camera's pace; it never ends by itself."""

    def __init__(self, folder: Path, *, width: int, height: int, fps: int) -> None:
        """Watch `folder` for scenes; see `scanner.vision.sources.stage.write_stage`."""
        self._folder = folder
        self._renderer = SceneRenderer(width, height)
        self._pacer = Pacer(fps)
        self._fps = fps
        self._stamp: _Stamp | None = None
        self._scene = EMPTY_GATE
        self._number = 0
        self._scene_began = 0

    @property
    def name(self) -> str:
        """`simulated:` and the folder."""
        return f"simulated:{self._folder}"

    def read(self) -> Frame | None:
        """The next frame of the present scene; None after `close`.

        Raises:
            CameraError: the folder holds something that is no scene.
        """
        if not self._pacer.wait():
            return None
        self._look_at_stage()
        since_s = (self._number - self._scene_began) / self._fps
        frame = Frame(
            self._renderer.render(self._scene, since_s, self._number),
            time.monotonic(),
            self._number,
        )
        self._number += 1
        return frame

    def close(self) -> None:
        """Deliver nothing more."""
        self._pacer.close()

    def _look_at_stage(self) -> None:
        stamp = _stamp_of(self._folder / STAGE_FILE)
        if stamp != self._stamp:
            self._scene = read_stage(self._folder)
            self._stamp = stamp
            self._scene_began = self._number


def _stamp_of(path: Path) -> _Stamp | None:
    """Changes with every replaced file, also within one tick of the file system's clock."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
