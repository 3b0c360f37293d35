"""From the kernel's input events to what a barcode scanner typed. Pure.

The event is `struct input_event` of linux/input.h in the machine's own layout: two longs of time,
which are not used here, then type, code and value.
"""

import struct
from dataclasses import dataclass
from typing import Final

from scanner.peripherals.assembly import TextAssembler
from scanner.peripherals.layouts import (
    CAPS_LOCK,
    CONTROLS,
    ENTER,
    KEYPAD_ENTER,
    SHIFTS,
    TAB,
    Layout,
)
from scanner.peripherals.texts import ScannedText

EVENT_64: Final = struct.Struct("=qqHHi")
EVENT_32: Final = struct.Struct("=iiHHi")
NATIVE: Final = EVENT_64 if struct.calcsize("l") == 8 else EVENT_32

_EV_SYN: Final = 0
_EV_KEY: Final = 1
_SYN_DROPPED: Final = 3
_RELEASE: Final = 0
_PRESS: Final = 1


@dataclass(frozen=True, slots=True)
class InputEvent:
    """What happened, in the kernel's numbers (input-event-codes.h)."""

    kind: int
    code: int
    value: int

    @property
    def is_loss(self) -> bool:
        """The kernel's buffer was full: events before this one are missing."""
        return (self.kind, self.code) == (_EV_SYN, _SYN_DROPPED)


def parse_events(data: bytes, layout: struct.Struct = NATIVE) -> list[InputEvent]:
    """The whole events in `data`; the kernel never delivers part of one, and a rest is ignored."""
    whole = len(data) - len(data) % layout.size
    return [InputEvent(*fields[2:]) for fields in layout.iter_unpack(data[:whole])]


class Keyboard:
    """Follows Shift and Caps Lock, and says which characters were typed.

    Args:
        layout: the one that the scanner is set to.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._held: set[int] = set()
        self._caps = False

    def type(self, event: InputEvent) -> str:
        r"""The character that the event types, or none; Enter is `\r`, Tab is `\t`.

        A key held down repeats itself in the kernel, in a scanner never: repeats type nothing. Nor
        does a key pressed with Ctrl, Alt or Meta.
        """
        if event.kind == _EV_KEY and event.value == _PRESS:
            return self._press(event.code)
        if event.kind == _EV_KEY and event.value == _RELEASE:
            self._held.discard(event.code)
        return ""

    def release_all(self) -> None:
        """Forget what is held, and Caps Lock: between two texts a scanner holds nothing.

        Thus a release that was lost, as when the cable was pulled, spoils one text at most.
        """
        self._held.clear()
        self._caps = False

    def _press(self, key: int) -> str:
        if key in SHIFTS or key in CONTROLS:
            self._held.add(key)
        elif key == CAPS_LOCK:
            self._caps = not self._caps
        elif key in {ENTER, KEYPAD_ENTER}:
            return "\r"
        elif key == TAB:
            return "\t"
        elif not self._held & CONTROLS:
            shift = bool(self._held & SHIFTS)
            return self._layout.character(key, shift=shift, caps=self._caps) or ""
        return ""


class TypedTexts:
    """From the bytes of an input device to texts.

    Args:
        layout: the keyboard layout that the scanner is set to.
        events: how this machine lays out an event.
    """

    def __init__(self, layout: Layout, events: struct.Struct = NATIVE) -> None:
        self._keyboard = Keyboard(layout)
        self._assembler = TextAssembler()
        self._events = events

    @property
    def dropped(self) -> int:
        """How many texts were too long or had events missing."""
        return self._assembler.dropped

    def feed(self, data: bytes, at_s: float) -> list[ScannedText]:
        """The texts that these events complete.

        Args:
            data: as read from the device.
            at_s: monotonic seconds when it was read.
        """
        texts = []
        for event in parse_events(data, self._events):
            if event.is_loss:
                self._keyboard.release_all()
                self._assembler.lose()
            texts += self._assembler.feed(self._keyboard.type(event).encode(), at_s)
        return texts

    def idle(self, now_s: float) -> list[ScannedText]:
        """Nothing is waiting to be read: what was typed `GAP_S` ago is complete."""
        if self._assembler.is_quiet(now_s):
            self._keyboard.release_all()
        return self._assembler.idle(now_s)
