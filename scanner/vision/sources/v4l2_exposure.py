"""Steers the exposure of a V4L2 camera: by its exposure bias, or else by the exposure time itself.

Few cameras have `V4L2_CID_AUTO_EXPOSURE_BIAS`. Of the others the exposure time is taken over from
the automatic at the moment when it is steered, and given back when it is not any more.
"""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from scanner.vision.sources.v4l2_abi import Control, ControlRange
from scanner.vision.sources.v4l2_controls import (
    AUTO_EXPOSURE,
    EXPOSURE_UNIT_US,
    MANUAL_EXPOSURE,
    Controls,
    Ioctl,
)
from scanner.vision.wishes import (
    CameraWishes,
    ControlReport,
    ExposureDial,
    Span,
    not_steered,
    site_wishes_it_fixed,
    steered,
)

Opened = Callable[[], AbstractContextManager[Ioctl]]
"""Opens a device for some ioctls, beside whoever captures from it; raises OSError."""

_BIAS_UNITS_PER_EV: Final = 1000  # linux/v4l2-controls.h: the menu's numbers are 0.001 EV


def open_dial(device: Opened, wishes: CameraWishes) -> tuple[ExposureDial | None, ControlReport]:
    """What steers this camera's exposure, if anything does, and how to tell it.

    Raises:
        OSError: the device cannot be opened.
    """
    if (fixed := site_wishes_it_fixed(wishes)) is not None:
        return None, fixed
    with device() as ioctl:
        controls = Controls(ioctl)
        biases = _biases(controls)
        limits = controls.range(Control.EXPOSURE_ABSOLUTE)
        has_automatic = controls.get(Control.EXPOSURE_AUTO) in AUTO_EXPOSURE
        now = controls.get(Control.EXPOSURE_ABSOLUTE)
    if biases:
        by_bias = BiasDial(device, biases)
        by_bias.turn(0.0)  # whoever used the camera before may have left another one
        return by_bias, steered("its exposure bias", by_bias.span)
    if limits is not None and has_automatic and now:
        by_time = TimeDial(device, limits, now, wishes)
        return by_time, steered("its exposure time", by_time.span)
    return None, not_steered("no such control", granted=False)


class BiasDial:
    """The camera's own exposure compensation, an integer menu in thousandths of an EV."""

    def __init__(self, device: Opened, biases: dict[int, float]) -> None:
        """Choose among `biases`: index of the menu -> EV."""
        self._device = device
        self._biases = biases

    @property
    def span(self) -> Span:
        """From its least to its largest entry."""
        return Span(min(0.0, *self._biases.values()), max(0.0, *self._biases.values()))

    def turn(self, bias_ev: float) -> float:
        """Choose the nearest entry; see `ExposureDial`."""
        nearest = min(self._biases, key=lambda index: abs(self._biases[index] - bias_ev))
        try:
            with self._device() as ioctl:
                got = Controls(ioctl).set(Control.AUTO_EXPOSURE_BIAS, nearest)
        except OSError:
            return 0.0  # gone: whoever reads pictures from it will notice
        return self._biases.get(got, 0.0) if got is not None else 0.0


class TimeDial:
    """The exposure time, taken over from the automatic and given back to it.

    It never exceeds a frame. Above half a period of the mains it keeps to whole halves of it, so
    that lamps make no bands.
    """

    def __init__(
        self, device: Opened, limits: ControlRange, automatic: int, wishes: CameraWishes
    ) -> None:
        """Begin with the automatic on and its present choice, in the control's units."""
        self._device = device
        self._limits = limits
        self._longest = min(limits.maximum, int(1e6 / wishes.fps / EXPOSURE_UNIT_US))
        self._half_period = (
            1e6 / (2 * wishes.power_line_hz) / EXPOSURE_UNIT_US if wishes.power_line_hz else 0.0
        )
        self._automatic = automatic
        self._is_taken_over = False

    @property
    def span(self) -> Span:
        """What is left on both sides of what the automatic chose when it was asked last."""
        least = math.log2(max(self._limits.minimum, 1) / self._automatic)
        most = math.log2(max(self._longest, 1) / self._automatic)
        return Span(min(least, 0.0), max(most, 0.0))

    def turn(self, bias_ev: float) -> float:
        """Set the exposure time, or hand it back to the automatic; see `ExposureDial`."""
        try:
            with self._device() as ioctl:
                controls = Controls(ioctl)
                return self._give_back(controls) if not bias_ev else self._take(controls, bias_ev)
        except OSError:
            return 0.0  # gone: whoever reads pictures from it will notice

    def _give_back(self, controls: Controls) -> float:
        self._is_taken_over = not any(
            controls.set(Control.EXPOSURE_AUTO, value) == value for value in AUTO_EXPOSURE
        )
        return (
            self._bias_of(controls.get(Control.EXPOSURE_ABSOLUTE)) if self._is_taken_over else 0.0
        )

    def _take(self, controls: Controls, bias_ev: float) -> float:
        if not self._is_taken_over:
            self._automatic = controls.get(Control.EXPOSURE_ABSOLUTE) or self._automatic
            taken = controls.set(Control.EXPOSURE_AUTO, MANUAL_EXPOSURE) == MANUAL_EXPOSURE
            self._is_taken_over = taken
            if not taken:
                return 0.0
        wanted = self._without_flicker(self._automatic * 2.0**bias_ev)
        return self._bias_of(controls.set(Control.EXPOSURE_ABSOLUTE, wanted))

    def _without_flicker(self, wanted: float) -> int:
        wanted = min(wanted, self._longest)
        if self._half_period and wanted > self._half_period:
            wanted -= wanted % self._half_period
        return self._limits.nearest(round(wanted))

    def _bias_of(self, exposure: int | None) -> float:
        return math.log2(exposure / self._automatic) if exposure else 0.0


def _biases(controls: Controls) -> dict[int, float]:
    """The entries of the exposure bias; empty where there are not two of them."""
    limits = controls.range(Control.AUTO_EXPOSURE_BIAS)
    if limits is None:
        return {}
    entries = controls.menu(Control.AUTO_EXPOSURE_BIAS, limits)
    biases = {index: number / _BIAS_UNITS_PER_EV for index, number in entries.items()}
    return biases if len(set(biases.values())) > 1 else {}
