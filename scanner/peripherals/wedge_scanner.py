"""A barcode scanner that poses as a keyboard, taken away from everything that listens to keyboards.

The device is grabbed (EVIOCGRAB of linux/input.h): while the gate holds it, no key of it reaches
the kiosk, a login prompt or any other form.
"""

import fcntl
import os
import select
import time
from typing import Final

from scanner.domain.errors import ScannerError
from scanner.peripherals.keys import NATIVE, TypedTexts
from scanner.peripherals.layouts import Layout
from scanner.peripherals.texts import ScannedText, TextSource

EVIOCGRAB: Final = 0x40044590
"""`_IOW('E', 0x90, int)`, the same number on x86 and ARM."""
_WAIT_S: Final = 0.05
_READ_BYTES: Final = 128 * NATIVE.size


def open_wedge(path: str, layout: Layout) -> "WedgeScanner":
    """Open an input device and grab it.

    Args:
        path: such as `/dev/input/by-id/usb-...-event-kbd`.
        layout: the keyboard layout that the scanner is set to.

    Raises:
        ScannerError: it is missing, not for us, no input device, or grabbed by somebody else.
    """
    try:
        device = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ScannerError(
            f"The input device {path} cannot be opened ({error.strerror}).",
            "Plug the scanner in and let the gate's user into the group input.",
        ) from error
    try:
        fcntl.ioctl(device, EVIOCGRAB, 1)
    except OSError as error:
        os.close(device)
        raise ScannerError(
            f"{path} cannot be taken for the gate alone ({error.strerror}).",
            "Name an input device (/dev/input/by-id/...-event-kbd) that no other program grabs.",
        ) from error
    return WedgeScanner(device, path, layout)


class WedgeScanner(TextSource):
    """An input device that is open and grabbed.

    Args:
        device: file descriptor to read events from; closed with this object, which ends the grab.
        path: for messages.
        layout: the keyboard layout that the scanner is set to.
    """

    def __init__(self, device: int, path: str, layout: Layout) -> None:
        self._device: int | None = device
        self._path = path
        self._texts = TypedTexts(layout)

    @property
    def name(self) -> str:
        """The device's path."""
        return self._path

    @property
    def dropped(self) -> int:
        """How many texts were too long or had events missing."""
        return self._texts.dropped

    def read(self) -> list[ScannedText]:
        """The texts that are complete; waits 50 ms for one at most.

        Raises:
            ScannerError: the device is gone.
        """
        if self._device is None:
            raise ScannerError(f"{self._path} was closed.")
        try:
            readable, _, _ = select.select([self._device], [], [], _WAIT_S)
            data = os.read(self._device, _READ_BYTES) if readable else None
        except OSError as error:
            raise self._gone(type(error).__name__) from error
        now_s = time.monotonic()
        if data is None:
            return self._texts.idle(now_s)
        if not data:
            raise self._gone("end of file")
        return self._texts.feed(data, now_s)

    def close(self) -> None:
        """Give the device back to everybody."""
        device, self._device = self._device, None
        if device is not None:
            os.close(device)

    def _gone(self, why: str) -> ScannerError:
        return ScannerError(f"The scanner on {self._path} is gone ({why}).", "Plug it in again.")
