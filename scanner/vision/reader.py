"""From a grey frame to the QR texts in it, by zxing-cpp."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Final, cast

import numpy as np
import zxingcpp

from scanner.vision.closer_look import look_closer
from scanner.vision.frames import Corners, Grey, QrText

MAX_TEXT: Final = 4096
"""Longer texts are dropped: the largest pass in use has under 1,900 characters, and a QR code of
version 40 holds 4,296 alphanumeric ones."""
MAX_LOOKS: Final = 2
"""So many located codes of a frame get a closer look at most."""

_FORMATS: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)


class QrReader:
    """Reads QR codes of model 2, the only one that issuers print.

    A reader keeps no state between frames and may be shared by threads: zxing-cpp releases the GIL.
    """

    def read(self, grey: Grey) -> list[QrText]:
        """All codes that decode without an error; those that needed a closer look come last.

        A part of a structured append series comes as the text of that part. Bytes that are no text
        come as Latin-1, which no pass format accepts. Empty texts and those over `MAX_TEXT`
        characters are left out.

        Args:
            grey: `(H, W) uint8`, of any size and memory layout.
        """
        if not grey.size:
            return []
        found = _search(grey, with_failed=True)
        codes = [_as_qr_text(barcode, _corners(barcode)) for barcode in found if _is_text(barcode)]
        failed = [_corners(barcode) for barcode in found if not barcode.valid]
        for corners in sorted(failed, key=mean_edge_px, reverse=True)[:MAX_LOOKS]:
            known = {code.text for code in codes}  # one code may be located twice, and read once
            codes += [code for code in _read_closely(grey, corners) if code.text not in known]
        return codes


def mean_edge_px(corners: Corners) -> float:
    """The mean length of the four edges, in pixels."""
    return sum(math.dist(a, b) for a, b in pairwise((*corners, corners[0]))) / 4


def _read_closely(grey: Grey, located: Corners) -> list[QrText]:
    look = look_closer(grey, located)
    if look is None:
        return []
    return [
        _as_qr_text(barcode, look.to_frame(_corners(barcode)))
        for barcode in _search(look.grey, with_failed=False)
        if _is_text(barcode)
    ]


def _search(grey: Grey, *, with_failed: bool) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(
        np.ascontiguousarray(grey),
        formats=_FORMATS,
        try_rotate=False,  # is for linear codes: QR codes are found at any angle without it
        text_mode=zxingcpp.TextMode.Plain,
        return_errors=with_failed,
    )


def _is_text(barcode: zxingcpp.Barcode) -> bool:
    return barcode.valid and 0 < len(barcode.text) <= MAX_TEXT


def _as_qr_text(barcode: zxingcpp.Barcode, corners: Corners) -> QrText:
    details = cast("Mapping[str, str]", barcode.extra)
    modules = 17 + 4 * int(details["Version"])  # ISO/IEC 18004: 21 for version 1, then 4 more each
    return QrText(barcode.text, corners, mean_edge_px(corners) / modules)


def _corners(barcode: zxingcpp.Barcode) -> Corners:
    """Top left, top right, bottom right, bottom left as the code defines them."""
    position = barcode.position
    ordered = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    a, b, c, d = ((float(point.x), float(point.y)) for point in ordered)
    return a, b, c, d
