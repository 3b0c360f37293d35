"""Undoing blur that is known: out of focus (a Gaussian) or a movement along a line.

Wiener's filter in the frequency domain: `conj(H) / (|H|² + n)`, where `H` is what the lens or the
movement did to the picture and `n` is how much of what is left is noise. Both blurs here are
symmetric, so that `H` is real.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from scanner.vision.frames import Grey

_PADDING: Final = 16
_PIXEL_BLUR: Final = 0.6  # of every lens and of the pixels themselves, as a standard deviation
_ANGLE_STEPS: Final = 36
_LENGTH_STEPS_PER_PX: Final = 2
# Measured on upright QR codes smeared by known lengths, 1.5 to 4 px per module: the weakest over
# the strongest mean gradient, and how much less it is along the code's own edges.
_SHARES: Final = (0.42, 0.48, 0.60, 0.66, 0.77, 0.85)
_LENGTHS_PX: Final = (10.5, 8.5, 5.4, 4.6, 3.4, 2.5)
_LESS_ALONG_EDGES: Final = 0.05

Floats = NDArray[np.float32]


class Smear(Struct, frozen=True):
    """A movement during the exposure.

    Attributes:
        length_px: in pixels of the frame.
        angle_rad: of its direction, x to the right, y down.
    """

    length_px: float
    angle_rad: float


def smear_of(grey: Grey) -> Smear | None:
    """How a picture of a code was moved, from the directions in which it still has edges.

    A code has as many edges along x as along y. A movement wipes out those that it crosses, so
    that the structure tensor's weak direction is the movement's, and the ratio of its two
    eigenvalues tells how long it was.

    Returns:
        None when edges are as strong one way as the other.
    """
    floats = grey.astype(np.float32)
    dx, dy = cv2.Sobel(floats, cv2.CV_32F, 1, 0), cv2.Sobel(floats, cv2.CV_32F, 0, 1)
    xx, yy, xy = (float(cv2.mean(cv2.multiply(a, b))[0]) for a, b in ((dx, dx), (dy, dy), (dx, dy)))
    spread = math.hypot(xx - yy, 2 * xy)
    weak, strong = xx + yy - spread, xx + yy + spread
    share = math.sqrt(max(weak, 0.0) / strong) if strong > 0 else 1.0
    if share > _SHARES[-1]:
        return None
    angle_rad = 0.5 * math.atan2(2 * xy, xx - yy) + math.pi / 2
    share += _LESS_ALONG_EDGES * abs(math.cos(2 * angle_rad))
    return Smear(float(np.interp(share, _SHARES, _LENGTHS_PX)), angle_rad)


def focus(grey: Grey, sigma_px: float, noise: float) -> Grey:
    """Undo a Gaussian blur; the result is stretched to the full range of grey.

    Args:
        grey: `(H, W) uint8`.
        sigma_px: the blur's standard deviation.
        noise: share of noise in the spectrum: larger is softer and safer.
    """
    return _filtered(grey, lambda rows, columns: _focusing(rows, columns, sigma_px, noise))


def hold_still(grey: Grey, smear: Smear, noise: float) -> Grey:
    """Undo a movement; the result is stretched to the full range of grey.

    Args:
        grey: `(H, W) uint8`.
        smear: as found by `smear_of`.
        noise: as for `focus`.
    """
    length = round(smear.length_px * _LENGTH_STEPS_PER_PX)
    angle = round(smear.angle_rad / math.pi * _ANGLE_STEPS) % _ANGLE_STEPS
    return _filtered(grey, lambda rows, columns: _stilling(rows, columns, length, angle, noise))


def stretched(picture: NDArray[np.uint8] | Floats) -> Grey:
    """The same with its darkest and lightest two percent at 0 and 255, `(H, W) uint8`."""
    low, high = np.percentile(picture[::2, ::2], (2, 98))
    scale = 255 / max(float(high - low), 1.0)
    scaled = (picture.astype(np.float32) - np.float32(low)) * np.float32(scale)
    return np.asarray(np.clip(scaled, 0, 255), dtype=np.uint8)


def _filtered(grey: Grey, make_filter: Callable[[int, int], Floats]) -> Grey:
    height, width = grey.shape
    rows, columns = (cv2.getOptimalDFTSize(side + 2 * _PADDING) for side in (height, width))
    bottom, right = rows - height - _PADDING, columns - width - _PADDING
    # Mirrored edges: the spectrum of a hard edge would ring through the whole picture.
    padded = cv2.copyMakeBorder(grey, _PADDING, bottom, _PADDING, right, cv2.BORDER_REFLECT)
    spectrum = np.fft.rfft2(padded.astype(np.float32)) * make_filter(rows, columns)
    restored = np.fft.irfft2(spectrum, padded.shape)
    inner = restored[_PADDING : _PADDING + height, _PADDING : _PADDING + width]
    return stretched(inner.astype(np.float32))


@lru_cache(maxsize=8)
def _focusing(rows: int, columns: int, sigma_px: float, noise: float) -> Floats:
    return _wiener(_gaussian(rows, columns, sigma_px), noise)


@lru_cache(maxsize=8)
def _stilling(rows: int, columns: int, length: int, angle: int, noise: float) -> Floats:
    along = angle * math.pi / _ANGLE_STEPS
    y, x = _frequencies(rows, columns)
    line = np.sinc((length / _LENGTH_STEPS_PER_PX) * (x * math.cos(along) + y * math.sin(along)))
    return _wiener((line * _gaussian(rows, columns, _PIXEL_BLUR)).astype(np.float32), noise)


def _wiener(transfer: Floats, noise: float) -> Floats:
    return transfer / (transfer * transfer + np.float32(noise))


def _gaussian(rows: int, columns: int, sigma_px: float) -> Floats:
    y, x = _frequencies(rows, columns)
    exponent = -2 * (math.pi * sigma_px) ** 2
    return np.asarray(np.exp(exponent * y * y) * np.exp(exponent * x * x), dtype=np.float32)


def _frequencies(rows: int, columns: int) -> tuple[Floats, Floats]:
    """Cycles per pixel along y, as a column, and along x, as a row; as `rfft2` orders them."""
    y = np.fft.fftfreq(rows).astype(np.float32)[:, None]
    return y, np.fft.rfftfreq(columns).astype(np.float32)[None, :]
