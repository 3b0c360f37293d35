"""What a barcode scanner delivers: texts without a picture."""

from typing import Protocol, Self

from msgspec import Struct


class ScannedText(Struct, frozen=True):
    """One code as a barcode scanner read it; hostile until a format has parsed it.

    Attributes:
        text: without terminator, symbology identifier and control characters; never empty.
        received_s: monotonic seconds when its last byte arrived.
    """

    text: str
    received_s: float


class TextSource(Protocol):
    """Anything that delivers texts without a frame, opened and ready.

    Sources are context managers; `close` may be called twice.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """What an operator would call it, such as `/dev/ttyACM0`."""
        ...

    @property
    def dropped(self) -> int:
        """How many inputs were thrown away so far: too long, or with characters lost."""
        ...

    def read(self) -> list[ScannedText]:
        """The texts that are complete; waits a fraction of a second for one at most.

        Raises:
            ScannerError: the device is gone; the caller may open it again.
        """
        ...

    def close(self) -> None:
        """Give the device back."""
        ...
