"""PINs are compared beside the loop, one at a time."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from scanner.gate.guard_messages import Login
from scanner.gate.guardhouse import CheckedPin, PinToCheck
from scanner.gate.pin_checks import Checked, PinChecks
from scanner.gate.server import Connection, Received
from tests.guard_builders import cheap

SEALED = cheap("4711")


@contextmanager
def a_kiosk() -> Iterator[Connection]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Connection(ours, lambda _: None, lambda _: None)


def answer(checks: PinChecks) -> Checked:
    """The next one, however busy the machine is."""
    pause = threading.Event()
    while True:
        for checked in checks.taken():
            return checked
        pause.wait(0.001)


def test_a_pin_is_compared_and_a_second_one_waits_outside() -> None:
    checks = PinChecks()
    with a_kiosk() as kiosk:
        received = Received(Login(command=1, guard="07", pin="4711"), kiosk)
        assert list(checks.taken()) == []
        assert checks.begin(received, PinToCheck("4711", SEALED))
        assert not checks.begin(received, PinToCheck("4712", SEALED))
        checked = answer(checks)
        assert checked.received is received
        assert checked.pin == CheckedPin(SEALED, fits=True)
        assert checks.begin(received, PinToCheck("4712", SEALED))
        assert answer(checks).pin == CheckedPin(SEALED, fits=False)


def test_a_comparison_that_fails_fits_nobody_and_stops_nothing() -> None:
    checks = PinChecks()
    with a_kiosk() as kiosk:
        received = Received(Login(command=1, guard="07", pin="4711"), kiosk)
        assert checks.begin(received, PinToCheck("\ud800", SEALED))  # no UTF-8
        assert not answer(checks).pin.fits
        assert checks.begin(received, PinToCheck("4711", SEALED))
        assert answer(checks).pin.fits


def test_what_came_of_a_pin_shows_no_string_that_it_could_be_guessed_from() -> None:
    assert SEALED not in repr(CheckedPin(SEALED, fits=True))
