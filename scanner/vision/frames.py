"""The first values on the way: a frame, and the QR texts read from it."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol, Self, TypeGuard

import numpy as np
from numpy.typing import NDArray

from scanner.domain.errors import CameraError
from scanner.vision.wishes import ControlReport, ExposureDial, not_steered

MAX_TEXT: Final = 4096
"""Longer texts are dropped: the largest pass in use has under 1,900 characters, and a QR code of
version 40 holds 4,296 alphanumeric ones."""

Grey = NDArray[np.uint8]
"""`(H, W) uint8`, 0 is black."""

MAX_PIXELS: Final = 50_000_000
"""A phone's 48-megapixel photo passes; a picture that unpacks to gigabytes does not."""

Point = tuple[float, float]
"""x to the right, y down, in pixels of the frame."""

Corners = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right, bottom left, as a code defines them whatever its turn."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the frame; right and bottom are the first outside."""


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


def is_grey(picture: object) -> TypeGuard[Grey]:
    """True for what a frame may hold: `(H, W) uint8`, not empty, at most `MAX_PIXELS`."""
    return (
        isinstance(picture, np.ndarray)
        and picture.ndim == 2
        and picture.dtype == np.uint8
        and 0 < picture.size <= MAX_PIXELS
    )


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


class DamagedFrameError(CameraError):
    """One picture arrived damaged; the next may be whole, and the source stays open."""


def mean_edge_px(corners: Corners) -> float:
    """The mean length of the four edges, in pixels."""
    return sum(math.dist(a, b) for a, b in pairwise((*corners, corners[0]))) / 4


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

    @property
    def controls(self) -> tuple[ControlReport, ...]:
        """What was asked of a camera and what it made of that; others have nothing to set."""
        return (not_steered("not possible: only cameras can be"),)

    @property
    def dial(self) -> ExposureDial | None:
        """What steers the exposure; None where nothing does: files, streams, a fixed exposure."""
        return None

    def read(self) -> Frame | None:
        """The next frame, or None at the end of a finite source.

        Raises:
            DamagedFrameError: this picture is damaged; the caller may read on.
            CameraError: the device or the file has failed; the caller may open it again.
        """
        ...

    def close(self) -> None:
        """Give the device back."""
        ...
