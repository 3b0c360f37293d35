"""Exposure, gain, focus and mains frequency of a V4L2 camera: asked, set, read back.

What a camera refuses or rounds is reported and never stops it: a gate with the wrong exposure is
better than no gate.
"""

from collections.abc import Callable
from typing import Final

from scanner.vision.sources import v4l2_abi as abi
from scanner.vision.sources.v4l2_abi import Control, ControlRange, Request
from scanner.vision.wishes import CameraWishes, ControlReport

Ioctl = Callable[[Request, bytearray], None]
"""Asks the driver and lets it write its answer into the buffer; raises OSError for a refusal."""

NO_CONTROL: Final = "no such control"
_AUTO: Final = "automatic"
EXPOSURE_UNIT_US: Final = 100
"""`V4L2_CID_EXPOSURE_ABSOLUTE` counts in these."""
MANUAL_EXPOSURE: Final = 1
AUTO_EXPOSURE: Final = (3, 0)
"""Aperture priority, which USB cameras have; else fully automatic."""
MOST_ENTRIES: Final = 64
"""Of a menu: a camera that lists more is not believed."""
_POWER_LINE: Final = {0: 0, 50: 1, 60: 2}
_POWER_LINE_WORDS: Final = ("off", "50 Hz", "60 Hz", _AUTO)


def set_controls(ioctl: Ioctl, wishes: CameraWishes) -> tuple[ControlReport, ...]:
    """Set what is wished for, and tell what the camera made of it."""
    controls = Controls(ioctl)
    return (
        _exposure(controls, wishes.exposure_us),
        _frame_rate(controls),
        _gain(controls, wishes.gain),
        _focus(controls, wishes.focus),
        _power_line(controls, wishes.power_line_hz),
    )


class Controls:
    """The controls of one camera; whatever it refuses reads as None."""

    def __init__(self, ioctl: Ioctl) -> None:
        """Ask through `ioctl`."""
        self._ioctl = ioctl

    def range(self, control: Control) -> ControlRange | None:
        """What a control can be set to; None for one that is not there, or only reads."""
        buffer = abi.query_buffer(control)
        return abi.control_range(buffer) if self._asks(Request.QUERYCTRL, buffer) else None

    def menu(self, control: Control, limits: ControlRange) -> dict[int, int]:
        """The numbers behind the entries of an integer menu, by their index."""
        entries = {}
        for index in range(max(limits.minimum, 0), min(limits.maximum, MOST_ENTRIES) + 1):
            buffer = abi.menu_buffer(control, index)
            if self._asks(Request.QUERYMENU, buffer):
                entries[index] = abi.menu_number(buffer)
        return entries

    def get(self, control: Control) -> int | None:
        """What a control reads now."""
        buffer = abi.control_buffer(control)
        return abi.control_value(buffer) if self._asks(Request.G_CTRL, buffer) else None

    def set(self, control: Control, value: int) -> int | None:
        """What the control reads after it was set."""
        self._asks(Request.S_CTRL, abi.control_buffer(control, value))
        return self.get(control)

    def _asks(self, request: Request, buffer: bytearray) -> bool:
        try:
            self._ioctl(request, buffer)
        except OSError:
            return False
        return True


def _exposure(controls: Controls, wanted_us: int | None) -> ControlReport:
    if wanted_us is None:
        return _automatic(controls, "exposure", Control.EXPOSURE_AUTO, AUTO_EXPOSURE)
    controls.set(Control.EXPOSURE_AUTO, MANUAL_EXPOSURE)
    return _number(
        controls, "exposure", Control.EXPOSURE_ABSOLUTE, wanted_us, " us", EXPOSURE_UNIT_US
    )


def _frame_rate(controls: Controls) -> ControlReport:
    """Automatic exposure must not lower the frame rate: in the dark it would blur what moves."""
    name, asked = "frame rate in the dark", "kept"
    if controls.range(Control.EXPOSURE_AUTO_PRIORITY) is None:
        return ControlReport(name, asked, NO_CONTROL, granted=True)
    got = controls.set(Control.EXPOSURE_AUTO_PRIORITY, 0)
    return ControlReport(name, asked, "kept" if got == 0 else "lowered", granted=got == 0)


def _gain(controls: Controls, wanted: float | None) -> ControlReport:
    if wanted is None:
        return _automatic(controls, "gain", Control.AUTOGAIN, (1,))
    controls.set(Control.AUTOGAIN, 0)
    return _number(controls, "gain", Control.GAIN, wanted)


def _focus(controls: Controls, wanted: float | None) -> ControlReport:
    if wanted is None:
        return _automatic(controls, "focus", Control.FOCUS_AUTO, (1,))
    controls.set(Control.FOCUS_AUTO, 0)
    return _number(controls, "focus", Control.FOCUS_ABSOLUTE, wanted)


def _power_line(controls: Controls, wanted_hz: int) -> ControlReport:
    value = _POWER_LINE[wanted_hz]
    asked = _POWER_LINE_WORDS[value]
    if controls.range(Control.POWER_LINE_FREQUENCY) is None:
        return ControlReport("power line", asked, NO_CONTROL, granted=False)
    got = controls.set(Control.POWER_LINE_FREQUENCY, value)
    known = got is not None and 0 <= got < len(_POWER_LINE_WORDS)
    words = _POWER_LINE_WORDS[got] if known and got is not None else "something else"
    return ControlReport("power line", asked, words, granted=got == value)


def _automatic(
    controls: Controls, name: str, control: Control, values: tuple[int, ...]
) -> ControlReport:
    """Switch to the first automatic mode that the camera has; a fixed lens needs none."""
    if controls.range(control) is None:
        return ControlReport(name, _AUTO, NO_CONTROL, granted=True)
    granted = any(controls.set(control, value) == value for value in values)
    return ControlReport(name, _AUTO, _AUTO if granted else "manual", granted)


def _number(
    controls: Controls, name: str, control: Control, wanted: float, unit: str = "", scale: int = 1
) -> ControlReport:
    """Set a number, in units of `scale`; the nearest one that the camera can do."""
    asked = f"{wanted:g}{unit}"
    limits = controls.range(control)
    if limits is None:
        return ControlReport(name, asked, NO_CONTROL, granted=False)
    got = controls.set(control, limits.nearest(round(wanted / scale)))
    if got is None:
        return ControlReport(name, asked, "a refusal", granted=False)
    granted = got * scale == wanted
    words = f"{got * scale}{unit}"
    if not granted:
        words += f" (it can do {limits.minimum * scale} to {limits.maximum * scale}{unit})"
    return ControlReport(name, asked, words, granted)
