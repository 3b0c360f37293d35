"""The whole daemon, its socket and a roster's file: a PIN is compared beside the loop."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from config.settings import GateSettings, load_gate_settings
from scanner.cli.demo.setup import Deployment, deploy
from scanner.cli.gate import gate_options
from scanner.domain.entries import Entry, EntryType
from scanner.domain.guards import LoginWay, Role, ShiftChange
from scanner.domain.reasons import GuardReason
from scanner.gate.framing import frame, receive
from scanner.gate.guard_messages import Login, Logout, Undo
from scanner.gate.messages import Command, CommandResult, Decide, ErrorCode, Event, decode_event
from scanner.gate.service import GateService
from scanner.gate.status import GuardStatus, Status
from scanner.guards.pins import seal_pin
from scanner.guards.roster import RosterGuard
from scanner.guards.roster_file import edit_roster
from scanner.issuing.picture import qr_png
from scanner.ledger.store import Ledger
from tests.builders import a_key
from tests.captured_log import captured_log
from tests.guard_builders import ROSTER, a_badge

Wanted = TypeVar("Wanted", bound=Event)
DEVICE = "d-0123456789abcdef"
NOW = datetime.now(UTC).replace(microsecond=0)
GUARD = RosterGuard("07", Role.GUARD, seal_pin("4711"))


class Kiosk:
    """Says and hears."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream

    def hears(self, kind: type[Wanted], what: Callable[[Wanted], bool] = lambda _: True) -> Wanted:
        while True:
            body = receive(self._stream)
            assert body is not None
            event = decode_event(body)
            if isinstance(event, kind) and what(event):
                return event

    def asks(self, *commands: Command) -> list[ErrorCode | None]:
        """The answers, in the order in which they come."""
        for command in commands:
            self._stream.sendall(frame(command))
        return [self.hears(CommandResult).error for _ in commands]

    def sees(self, what: Callable[[GuardStatus], bool]) -> GuardStatus:
        return self.hears(Status, lambda status: what(status.guards)).guards


@contextmanager
def running(settings: GateSettings) -> Iterator[Kiosk]:
    stop = threading.Event()
    settings.paths.state.mkdir(exist_ok=True)
    with Ledger.open(settings.ledger, DEVICE) as ledger:
        service = GateService(gate_options(settings), ledger)
        thread = threading.Thread(target=service.run, args=(stop,))
        thread.start()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
                stream.settimeout(30)
                waiting = threading.Event()
                for _ in range(1000):
                    if settings.socket.is_socket():
                        break
                    waiting.wait(0.01)
                stream.connect(str(settings.socket))
                yield Kiosk(stream)
        finally:
            stop.set()
            thread.join()


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    made = deploy(tmp_path, [a_key()], NOW)
    yield made
    made.remove_runtime()


def settings_of(deployment: Deployment, picture: Path) -> GateSettings:
    text = deployment.gate_settings.read_text("utf-8")
    path = deployment.folder / "with-picture.toml"
    path.write_text(text.replace(f"simulated:{deployment.stage}", str(picture)), "utf-8")
    return load_gate_settings(path)


def entries(settings: GateSettings, kind: EntryType) -> list[Entry]:
    with Ledger.open(settings.ledger, DEVICE) as ledger:
        return [entry for entry in ledger.latest(100) if entry.type is kind]


def test_a_guard_of_the_roster_logs_in_decides_takes_it_back_and_outlives_a_restart(
    deployment: Deployment,
) -> None:
    picture = deployment.folder / "empty.png"
    picture.write_bytes(qr_png("nothing of a pass"))
    settings = settings_of(deployment, picture)
    reason = GuardReason.STAFF_ON_DUTY
    decide = Decide(command=3, admit=True, reason=reason)
    with captured_log() as log, running(settings) as kiosk:
        assert not kiosk.sees(lambda _: True).is_login_needed
        edit_roster(settings.roster, lambda roster: roster.put(GUARD))
        kiosk.sees(lambda guards: guards.is_login_needed)
        assert kiosk.asks(decide) == [ErrorCode.LOGIN_NEEDED]
        right = Login(command=1, guard="07", pin="4711")
        assert kiosk.asks(Login(command=1, guard="07", pin="9999")) == [ErrorCode.WRONG_PIN]
        assert kiosk.asks(right) == [None]
        kiosk.sees(lambda guards: guards.guard == "07")
        assert kiosk.asks(decide) == [None]
        offer = kiosk.sees(lambda guards: guards.undo is not None).undo
        assert offer is not None
        assert kiosk.asks(Undo(command=4, entry=offer.entry)) == [None]
    with running(settings) as kiosk:
        assert kiosk.sees(lambda _: True).guard == "07"
        assert kiosk.asks(Logout(command=1)) == [None]
    assert [entry.shift for entry in entries(settings, EntryType.SHIFT)] == [
        ShiftChange.STARTED,
        ShiftChange.ENDED,
    ]
    (undo,) = entries(settings, EntryType.UNDO)
    assert (undo.undoes, undo.by) == (offer.entry, "07")
    assert "4711" not in str(log)


def test_a_badge_before_the_camera_starts_a_shift(deployment: Deployment) -> None:
    picture = deployment.folder / "badge.png"
    day = timedelta(days=1)
    picture.write_bytes(qr_png(a_badge(issued_at=NOW - day, expires_at=NOW + day)))
    settings = settings_of(deployment, picture)
    settings.paths.state.mkdir(exist_ok=True)
    edit_roster(settings.roster, lambda _: ROSTER)
    with running(settings) as kiosk:
        kiosk.sees(lambda guards: guards.guard == "07")
    (shift,) = entries(settings, EntryType.SHIFT)
    assert (shift.by, shift.login_way) == ("07", LoginWay.BADGE)
    assert entries(settings, EntryType.SCAN) == []
