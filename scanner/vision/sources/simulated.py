"""The demo's camera: plays the scene that a director has put into a folder."""

import time
from collections import deque
from pathlib import Path
from typing import Final

from scanner.vision.frames import Frame, FrameSource
from scanner.vision.sources.pacing import Pacer
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import EMPTY_GATE, STAGE_FILE, read_stage
from scanner.vision.wishes import (
    CameraWishes,
    ControlReport,
    ExposureDial,
    Span,
    site_wishes_it_fixed,
    steered,
)

LATENCY_FRAMES: Final = 3
"""So many frames after it was turned the first one shows another exposure, as with real cameras."""

_Stamp = tuple[int, int, int]


class SimulatedDial:
    """An exposure that follows its dial after some frames."""

    span: Final = Span(-6.0, 6.0)

    def __init__(self) -> None:
        """Begin with the camera's own exposure."""
        self._on_their_way = deque([0.0] * LATENCY_FRAMES, maxlen=LATENCY_FRAMES)
        self._turned_ev = 0.0

    def turn(self, bias_ev: float) -> float:
        """See `ExposureDial`."""
        self._turned_ev = min(max(bias_ev, self.span.lowest), self.span.highest)
        return self._turned_ev

    def next_frame(self) -> float:
        """The bias that the next frame is exposed with."""
        bias_ev = self._on_their_way[0]
        self._on_their_way.append(self._turned_ev)
        return bias_ev


class SimulatedSource(FrameSource):
    """Real frames of a simulated gate, at the camera's pace; it never ends by itself."""

    def __init__(self, folder: Path, wishes: CameraWishes) -> None:
        """Watch `folder` for scenes; see `scanner.vision.sources.stage.write_stage`."""
        self._folder = folder
        self._renderer = SceneRenderer(wishes.width, wishes.height)
        self._pacer = Pacer(wishes.fps)
        self._fps = wishes.fps
        self._fixed = site_wishes_it_fixed(wishes)
        self._dial = SimulatedDial()
        self._stamp: _Stamp | None = None
        self._scene = EMPTY_GATE
        self._number = 0
        self._scene_began = 0

    @property
    def name(self) -> str:
        """`simulated:` and the folder."""
        return f"simulated:{self._folder}"

    @property
    def controls(self) -> tuple[ControlReport, ...]:
        """Whether its exposure is steered."""
        return (self._fixed or steered("a simulated exposure", self._dial.span),)

    @property
    def dial(self) -> ExposureDial | None:
        """Its exposure, unless the settings fix it."""
        return None if self._fixed else self._dial

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
            self._renderer.render(self._scene, since_s, self._number, self._dial.next_frame()),
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
