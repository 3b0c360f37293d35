"""From what the settings say about a barcode scanner to a way of opening it."""

from collections.abc import Callable
from functools import partial
from typing import Final

from scanner.domain.errors import SettingsError
from scanner.peripherals.layouts import LAYOUTS
from scanner.peripherals.texts import TextSource

DEFAULT_BAUD: Final = 115_200
_KINDS: Final = (
    "Give serial:/dev/serial/by-id/..., serial:/dev/ttyUSB0@9600 (with bits per second) or "
    "wedge:/dev/input/by-id/...-event-kbd."
)


def scanner_opener(spec: str, layout: str) -> Callable[[], TextSource]:
    """What opens the scanner that `spec` names, as often as it is asked.

    Args:
        spec: `serial:PATH`, `serial:PATH@BAUD` or `wedge:PATH`.
        layout: name of the keyboard layout that wedges are set to.

    Raises:
        SettingsError: there is no such kind of scanner, or no such layout.
    """
    kind, _, path = spec.partition(":")
    if not path.startswith("/"):
        raise SettingsError(f"The scanner {spec!r} is none of the known kinds.", _KINDS)
    if kind == "serial":
        from scanner.peripherals.serial_scanner import SerialScanner

        port, _, baud = path.rpartition("@")
        if port and baud.isdecimal():
            return partial(SerialScanner, port, int(baud))
        return partial(SerialScanner, path, DEFAULT_BAUD)
    if kind == "wedge":
        from scanner.peripherals.wedge_scanner import open_wedge

        if layout not in LAYOUTS:
            known = ", ".join(LAYOUTS)
            raise SettingsError(f"There is no keyboard layout {layout!r}.", f"Known: {known}.")
        return partial(open_wedge, path, LAYOUTS[layout])
    raise SettingsError(f"The scanner {spec!r} is none of the known kinds.", _KINDS)
