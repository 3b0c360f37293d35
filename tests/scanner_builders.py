"""Input events as a barcode scanner that types makes them, for what undoes that."""

import os
import struct
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

from scanner.peripherals.keys import NATIVE
from scanner.peripherals.layouts import ENTER, SHIFTS, Layout

SYN, KEY = 0, 1
RELEASE, PRESS, REPEAT = 0, 1, 2
LEFT_SHIFT = min(SHIFTS)


def event(
    kind: int, code: int, value: int, layout: struct.Struct = NATIVE, at_s: int = 1_700_000_000
) -> bytes:
    return layout.pack(at_s, 999_999, kind, code, value)


def press(code: int, layout: struct.Struct = NATIVE) -> bytes:
    """One key down, with the scan code and the report that the kernel sends along."""
    return event(4, 4, 458_000 + code, layout) + event(KEY, code, PRESS, layout) + _end(layout)


def release(code: int, layout: struct.Struct = NATIVE) -> bytes:
    return event(KEY, code, RELEASE, layout) + _end(layout)


def stroke(code: int, layout: struct.Struct = NATIVE, *, shift: bool = False) -> bytes:
    """One key down and up, under Shift where needed."""
    key = press(code, layout) + release(code, layout)
    return press(LEFT_SHIFT, layout) + key + release(LEFT_SHIFT, layout) if shift else key


def typed(
    text: str, keyboard: Layout, layout: struct.Struct = NATIVE, *, end: int = ENTER
) -> bytes:
    """`text` and Enter."""
    strokes = [
        stroke(code, layout, shift=shift)
        for code, shift in (_key_of(character, keyboard) for character in text)
    ]
    return b"".join(strokes) + stroke(end, layout)


def alphabet(keyboard: Layout) -> str:
    """Everything that the layout can type."""
    return "".join(sorted({*keyboard.plain.values(), *keyboard.shifted.values()}))


def _key_of(character: str, keyboard: Layout) -> tuple[int, bool]:
    return next(_keys_of(character, keyboard))


def _keys_of(character: str, keyboard: Layout) -> Iterator[tuple[int, bool]]:
    for level, shift in ((keyboard.plain, False), (keyboard.shifted, True)):
        yield from ((code, shift) for code, typed in level.items() if typed == character)


def _end(layout: struct.Struct) -> bytes:
    return event(SYN, 0, 0, layout)


class Cable:
    """A serial scanner's cable: a pseudo-terminal under a path that stays the same."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._scanner_end: int | None = None
        self.plug_in()

    def plug_in(self) -> None:
        self._scanner_end, device = os.openpty()
        tty.setraw(device)
        self.path.symlink_to(os.ttyname(device))
        os.close(device)

    def send(self, data: bytes) -> None:
        assert self._scanner_end is not None
        while data:
            data = data[os.write(self._scanner_end, data) :]

    def unplug(self) -> None:
        """Hang up, and the device file is gone."""
        end, self._scanner_end = self._scanner_end, None
        if end is not None:
            self.path.unlink()
            os.close(end)


def until(condition: Callable[[], bool]) -> None:
    limit_s = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < limit_s, "never came true"
        time.sleep(0.002)
