"""The readers that are compared, each a function from a frame to the texts in it."""

import time
from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from scanner.vision.cascade import Budget, look
from scanner.vision.engines import ZxingEngine
from scanner.vision.evidence import Evidence
from scanner.vision.frames import Grey
from scanner.vision.reader import FRAME_BUDGET_S

Read = Callable[[Grey], list[str]]

OURS: Final = "ours"
ZXING: Final = "zxing-cpp, all options"
ZXING_FAST: Final = "zxing-cpp, fewest options"
ZBAR: Final = "pyzbar"
CV2: Final = "cv2.QRCodeDetector"

SLOW: Final = (ZBAR, CV2)
"""Not run on everything; the tables say where."""

BUDGET: Final = Budget(FRAME_BUDGET_S, time.thread_time)
"""The gate's own, in processor time, so that a busy machine changes no verdict of this run."""

_FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def contestants() -> dict[str, Read]:
    """All of them by name, ours first."""
    detector = cv2.QRCodeDetector()
    ours = ZxingEngine()
    return {
        OURS: lambda grey: [c.text for c in look(grey, ours, Evidence(), 0.0, BUDGET).codes],
        ZXING: _zxing_all,
        ZXING_FAST: _zxing_fewest,
        ZBAR: _zbar,
        CV2: lambda grey: _cv2(detector, grey),
    }


class Follower:
    """Ours on the frames of one camera, with what the earlier ones have shown."""

    def __init__(self) -> None:
        self._engine = ZxingEngine()
        self._evidence = Evidence()

    def read(self, grey: Grey, at_s: float) -> list[str]:
        """The texts of one more frame."""
        seen = look(grey, self._engine, self._evidence, at_s, BUDGET)
        self._evidence = seen.evidence
        return [code.text for code in seen.codes]


def _zxing_all(grey: Grey) -> list[str]:
    return [barcode.text for barcode in zxingcpp.read_barcodes(grey, formats=_FORMATS)]


def _zxing_fewest(grey: Grey) -> list[str]:
    found = zxingcpp.read_barcodes(
        grey, formats=_FORMATS, try_rotate=False, try_downscale=False, try_invert=False
    )
    return [barcode.text for barcode in found]


def _zbar(grey: Grey) -> list[str]:
    found = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
    return [code.data.decode("utf-8", "replace") for code in found]


def _cv2(detector: cv2.QRCodeDetector, grey: Grey) -> list[str]:
    try:
        _, texts, _, _ = detector.detectAndDecodeMulti(np.ascontiguousarray(grey))
    except (cv2.error, UnicodeDecodeError):
        return []  # it raises on some pictures, and on texts that are not UTF-8
    return [text for text in texts if text]
