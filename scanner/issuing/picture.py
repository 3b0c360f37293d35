"""A QR text as a picture to print or to show."""

from io import BytesIO
from typing import Final

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

_CORRECTION: Final = "M"
_LIGHT: Final = 128


def qr_modules(text: str) -> NDArray[np.bool_]:
    """The code as a square of modules, error correction level M.

    Args:
        text: what the code shall say.

    Returns:
        `(n, n) bool`, True where a module is dark; a quiet zone of four modules is part of it.

    Raises:
        ValueError: the text does not fit into a QR code.
    """
    barcode = _barcode(text)
    return np.array(zxingcpp.write_barcode_to_image(barcode, scale=1)) < _LIGHT


def qr_png(text: str, px_per_module: int = 8) -> bytes:
    """A black and white PNG with quiet zone, error correction level M.

    Args:
        text: what the code shall say.
        px_per_module: edge of one module in pixels.

    Raises:
        ValueError: the text does not fit into a QR code.
    """
    pixels = np.array(zxingcpp.write_barcode_to_image(_barcode(text), scale=px_per_module))
    buffer = BytesIO()
    Image.fromarray(pixels).convert("1").save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _barcode(text: str) -> zxingcpp.Barcode:
    return zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=_CORRECTION)
