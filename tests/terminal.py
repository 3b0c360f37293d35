"""The end of a pseudo-terminal at which a person sits."""

import os
import select
import time
from typing import Final

WAIT_S: Final = 60.0


class Terminal:
    """What a program writes to its terminal, and what is typed to it.

    Args:
        descriptor: of the terminal's own end; closed by `close`.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.shown = b""
        self._seen = 0

    def until(self, expected: bytes) -> bytes:
        """Wait for `expected`; all that is new up to its end. What comes behind it is kept."""
        deadline_s = time.monotonic() + WAIT_S
        while (found := self.shown.find(expected, self._seen)) < 0:
            wait_s = max(0.0, deadline_s - time.monotonic())
            ready, _, _ = select.select([self.descriptor], [], [], wait_s)
            assert ready, f"{expected!r} has not come: {self.shown[-200:]!r}"
            self.shown += self._more(expected)
        before, self._seen = self._seen, found + len(expected)
        return self.shown[before : self._seen]

    def type(self, keys: bytes) -> None:
        """Press these keys."""
        os.write(self.descriptor, keys)

    def close(self) -> None:
        """Leave."""
        os.close(self.descriptor)

    def _more(self, expected: bytes) -> bytes:
        try:
            return os.read(self.descriptor, 65536)
        except OSError as error:  # Linux reports the end of a terminal so
            raise AssertionError(f"{expected!r} never came: {self.shown[-200:]!r}") from error
