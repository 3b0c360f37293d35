"""The libraries that find and decode QR codes, behind one interface."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, cast

import numpy as np
from msgspec import Struct

from scanner.domain.errors import CheckpointError
from scanner.vision.frames import MAX_TEXT, Corners, Grey

if TYPE_CHECKING:
    import zxingcpp


class EngineName(StrEnum):
    """As in the settings."""

    ZXING = "zxing-cpp"
    ZBAR = "pyzbar"


class Sighting(Struct, frozen=True):
    """One code in a picture.

    Attributes:
        text: what it says, 1 to `MAX_TEXT` characters; None when it was located only.
        corners: in pixels of the searched picture.
        modules: along one edge; None when it is not known, which it is of all that was read.
    """

    text: str | None
    corners: Corners
    modules: int | None


class Engine(Protocol):
    """Finds the QR codes of a picture; keeps no state and may be shared by threads."""

    def search(self, grey: Grey) -> list[Sighting]:
        """All codes of a picture, `(H, W) uint8` of any size and memory layout.

        Codes that decode to nothing, or to more than `MAX_TEXT` characters, are left out.
        """
        ...


class ZxingEngine:
    """zxing-cpp: QR codes of model 2 at any angle, light on dark too; tells what it only located.

    A part of a structured append series comes as the text of that part. Bytes that are no text
    come as Latin-1, which no pass format accepts.
    """

    def __init__(self) -> None:
        import zxingcpp

        self._zxing = zxingcpp
        self._formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)

    def search(self, grey: Grey) -> list[Sighting]:
        """See `Engine`."""
        if not grey.size:
            return []
        found = self._zxing.read_barcodes(
            np.ascontiguousarray(grey),
            formats=self._formats,
            try_rotate=False,  # is for linear codes: QR codes are found at any angle without it
            text_mode=self._zxing.TextMode.Plain,
            return_errors=True,
        )
        sightings = []
        for barcode in found:
            corners = _zxing_corners(barcode.position)
            modules = _zxing_modules(cast("Mapping[str, str] | None", barcode.extra))
            if not barcode.valid:
                sightings.append(Sighting(None, corners, modules))
            elif 0 < len(barcode.text) <= MAX_TEXT:
                sightings.append(Sighting(barcode.text, corners, modules))
        return sightings


class ZbarEngine:
    """zbar through pyzbar: for machines without zxing-cpp, or for sites that ask for it.

    It knows nothing of codes that it does not decode. Light on dark it cannot read, so a picture
    where nothing was found is searched once more with its greys turned round.
    """

    def __init__(self) -> None:
        from pyzbar import pyzbar

        self._zbar = pyzbar
        self._symbols = [pyzbar.ZBarSymbol.QRCODE]

    def search(self, grey: Grey) -> list[Sighting]:
        """See `Engine`."""
        if not grey.size:
            return []
        plain = np.ascontiguousarray(grey)
        return self._decode(plain) or self._decode(255 - plain)

    def _decode(self, grey: Grey) -> list[Sighting]:
        sightings = []
        for found in self._zbar.decode(grey, symbols=self._symbols):
            if 0 < len(found.data) <= MAX_TEXT and len(found.polygon) == _CORNERS:
                text, corners = _text(found.data), _zbar_corners(found.polygon, found.orientation)
                sightings.append(Sighting(text, corners, _likely_modules(text)))
        return sightings


def open_engine(wanted: EngineName = EngineName.ZXING) -> Engine:
    """The engine of that name; zbar where zxing-cpp was asked for and is not installed.

    Raises:
        CheckpointError: no engine can be loaded.
    """
    if wanted is EngineName.ZXING:
        try:
            return ZxingEngine()
        except ImportError:
            pass  # no wheel for this machine: the second engine serves
    try:
        return ZbarEngine()
    except ImportError as error:
        raise CheckpointError(
            f"No QR reader can be loaded: {wanted.value} was asked for.",
            "Install zxing-cpp, or the package libzbar0 together with pyzbar.",
        ) from error


_CORNERS: Final = 4
_TURNS: Final = {"UP": 0, "LEFT": 1, "DOWN": 2, "RIGHT": 3}

_ALPHANUMERIC: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_LAST_VERSION: Final = 40


def _zxing_modules(details: "Mapping[str, str] | None") -> int | None:
    """ISO/IEC 18004: 21 modules for version 1, then 4 more each."""
    version = (details or {}).get("Version", "")
    return 17 + 4 * int(version) if version.isdecimal() else None


def _zxing_corners(position: "zxingcpp.Position") -> Corners:
    """Top left, top right, bottom right, bottom left as the code defines them."""
    ordered = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    a, b, c, d = ((float(point.x), float(point.y)) for point in ordered)
    return a, b, c, d


def _zbar_corners(polygon: Sequence[tuple[int, int]], orientation: str | None) -> Corners:
    """The same from pyzbar's corners, which run the other way round from any of them."""
    upper_left = min(range(_CORNERS), key=lambda index: sum(polygon[index]))
    first = upper_left + _TURNS.get(orientation or "UP", 0)
    ordered = (polygon[(first - step) % _CORNERS] for step in range(_CORNERS))
    a, b, c, d = ((float(x), float(y)) for x, y in ordered)
    return a, b, c, d


def _likely_modules(text: str) -> int:
    """How many modules a code of error correction level M has along an edge for this text.

    zbar does not tell the version. The real one is rarely off by more than three, 12 modules.
    """
    bits = 20 + len(text) * (5.5 if _ALPHANUMERIC.issuperset(text) else 8.0)
    modules = 21
    for version in range(1, _LAST_VERSION + 1):
        modules = 17 + 4 * version
        alignments = version // 7 + 2 if version > 1 else 0
        of_patterns = 25 * alignments**2 + 3 * 64 + 2 * modules + 31  # what carries no data
        if (modules**2 - of_patterns) * 0.62 >= bits:
            break
    return modules


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
