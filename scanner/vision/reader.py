"""From a grey frame to the QR texts in it, by zxing-cpp."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Final, cast

import numpy as np
import zxingcpp

from scanner.vision.frames import Grey, Point, QrText

MAX_TEXT: Final = 4096
"""Longer texts are dropped: the largest pass in use has under 1,900 characters, and a QR code of
version 40 holds 4,296 alphanumeric ones."""

_FORMATS: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)


class QrReader:
    """Reads QR codes of model 2, the only one that issuers print.

    A reader keeps no state between frames and may be shared by threads: zxing-cpp releases the GIL.
    """

    def read(self, grey: Grey) -> list[QrText]:
        """All codes that decode without an error, in the order in which zxing-cpp found them.

        A part of a structured append series comes as the text of that part. Bytes that are no text
        come as Latin-1, which no pass format accepts. Empty texts and those over `MAX_TEXT`
        characters are left out.

        Args:
            grey: `(H, W) uint8`, of any size and memory layout.
        """
        if not grey.size:
            return []
        barcodes = zxingcpp.read_barcodes(
            np.ascontiguousarray(grey),
            formats=_FORMATS,
            try_rotate=False,  # means scan lines of linear codes; QR is found at any angle without
            text_mode=zxingcpp.TextMode.Plain,
        )
        return [_as_qr_text(barcode) for barcode in barcodes if 0 < len(barcode.text) <= MAX_TEXT]


def _as_qr_text(barcode: zxingcpp.Barcode) -> QrText:
    position = barcode.position
    corners = (
        _as_point(position.top_left),
        _as_point(position.top_right),
        _as_point(position.bottom_right),
        _as_point(position.bottom_left),
    )
    return QrText(barcode.text, corners, mean_edge_px(corners) / _modules_per_edge(barcode))


def mean_edge_px(corners: tuple[Point, Point, Point, Point]) -> float:
    """The mean length of the four edges, in pixels."""
    return sum(math.dist(a, b) for a, b in pairwise((*corners, corners[0]))) / 4


def _as_point(point: zxingcpp.Point) -> Point:
    return float(point.x), float(point.y)


def _modules_per_edge(barcode: zxingcpp.Barcode) -> int:
    """ISO/IEC 18004: version 1 has 21 modules an edge, each further one 4 more."""
    details = cast("Mapping[str, str]", barcode.extra)
    return 17 + 4 * int(details["Version"])
