"""The first values on the way: a frame, and the QR texts read from it."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""`(H, W) uint8`, 0 is black."""

Point = tuple[float, float]
"""x to the right, y down, in pixels of the frame."""

Corners = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right, bottom left, as a code defines them whatever its turn."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One grey picture.

    Attributes:
        grey: `(H, W) uint8`.
        captured_s: monotonic seconds when it was captured.
        number: counts up from 0 within its source.
    """

    grey: Grey
    captured_s: float
    number: int


@dataclass(frozen=True, slots=True)
class QrText:
    """One decoded QR code; `text` is hostile until a format has parsed it.

    Attributes:
        text: as decoded, at most `MAX_TEXT` characters.
        corners: of the code, without its quiet zone.
        px_per_module: mean edge of one module in frame pixels.
    """

    text: str
    corners: Corners
    px_per_module: float


class FrameSource(Protocol):
    """Anything that delivers frames: a camera, a file, a simulation.

    Sources are context managers; `close` may be called twice and from another thread.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """What an operator would call it, such as `/dev/video0` or a file's name."""
        ...

    def read(self) -> Frame | None:
        """The next frame, or None at the end of a finite source.

        Raises:
            CameraError: the device or the file has failed; the caller may open it again.
        """
        ...

    def close(self) -> None:
        """Give the device back."""
        ...
