"""A QR text as a picture to print or to show."""

from io import BytesIO
from typing import Final

import numpy as np
import zxingcpp
from PIL import Image

_CORRECTION: Final = "M"


def qr_png(text: str, px_per_module: int = 8) -> bytes:
    """A black and white PNG with quiet zone, error correction level M.

    Args:
        text: what the code shall say.
        px_per_module: edge of one module in pixels.

    Raises:
        ValueError: the text does not fit into a QR code.
    """
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=_CORRECTION)
    pixels = np.array(zxingcpp.write_barcode_to_image(barcode, scale=px_per_module))
    buffer = BytesIO()
    Image.fromarray(pixels).convert("1").save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
