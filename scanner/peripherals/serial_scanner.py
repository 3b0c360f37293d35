"""A barcode scanner on a serial port: USB (CDC-ACM) or RS-232 behind a converter."""

import time
from typing import Final

import serial

from scanner.domain.errors import ScannerError
from scanner.peripherals.assembly import TextAssembler
from scanner.peripherals.texts import ScannedText, TextSource

_WAIT_S: Final = 0.05


class SerialScanner(TextSource):
    """An open serial port, ours alone.

    Args:
        path: of the device; `/dev/serial/by-id/...` stays the same wherever it is plugged in.
        baud: bits per second; of no meaning to a USB scanner.

    Raises:
        ScannerError: the port is missing, in use, or not for us.
    """

    def __init__(self, path: str, baud: int) -> None:
        self._path = path
        self._assembler = TextAssembler()
        try:
            self._port = serial.Serial(path, baud, timeout=_WAIT_S, exclusive=True)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise ScannerError(
                f"The serial port {path} cannot be opened ({type(error).__name__}).",
                "Plug the scanner in, set it to USB serial mode (CDC-ACM), and let the gate's user "
                "into the group dialout.",
            ) from error

    @property
    def name(self) -> str:
        """The port's path."""
        return self._path

    @property
    def dropped(self) -> int:
        """How many texts were too long."""
        return self._assembler.dropped

    def read(self) -> list[ScannedText]:
        """The texts that are complete; waits 50 ms for one at most.

        Raises:
            ScannerError: the port is gone.
        """
        try:
            chunk = self._port.read(self._port.in_waiting or 1)
        except OSError as error:
            raise ScannerError(
                f"The scanner on {self._path} is gone ({type(error).__name__}).",
                "Plug it in again.",
            ) from error
        now_s = time.monotonic()
        return self._assembler.feed(chunk, now_s) if chunk else self._assembler.idle(now_s)

    def close(self) -> None:
        """Close the port."""
        self._port.close()
