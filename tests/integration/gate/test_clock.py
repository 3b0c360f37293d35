"""From the box's switch to the ledger line: at an unsure time no green code is silently green."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.domain.clock import ClockSource
from scanner.domain.entries import Entry, EntryType
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.gate.instant import GateClock, Instant
from scanner.issuing.health_code import issue_health_code
from scanner.policy.rules import ResultRules, RuleSet, Strict
from tests.builders import NOW, a_key, a_pass
from tests.clock_builders import NTP_WELL, Box
from tests.gate_builders import Gate

DAY = timedelta(days=1)


class TimedGate(Gate):
    """A gate that goes by a box's clocks."""

    def __init__(self, folder: Path, box: Box, rules: RuleSet | None = None) -> None:
        self.box = box
        self.clock = GateClock(box)
        super().__init__(folder, (a_key(),), rules)

    def now(self) -> Instant:
        return self.clock.read()

    def switched_on(self, box: Box) -> None:
        """The power comes back, and the ledger is all that is left."""
        self.box = box
        self.clock = GateClock(box)
        self.clock.recall(self.ledger.latest(100))
        self.restart()
        self.clock.observe()

    @property
    def last(self) -> Entry:
        return next(e for e in reversed(self.ledger.latest(10)) if e.type is EntryType.SCAN)


def code(serial: int) -> str:
    return issue_health_code(a_pass(code_id=serial.to_bytes(8, "big")), a_key())


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[TimedGate]:
    gate = TimedGate(tmp_path, Box(NOW, passed_s=60))
    yield gate
    gate.ledger.close()


def test_a_green_code_at_an_unconfirmed_time_is_a_check_and_the_entry_says_why(
    gate: TimedGate,
) -> None:
    gate.clock.observe()
    shown = gate.verdict(code(1))
    assert (shown.decision, shown.reasons) == (Decision.CHECK, (Reason.CLOCK_UNSURE,))
    assert (gate.last.clock, gate.last.clock_unsure) == (ClockSource.UNVERIFIED, True)


def test_ntp_makes_the_next_one_green(gate: TimedGate) -> None:
    gate.clock.observe()
    assert gate.verdict(code(1)).decision is Decision.CHECK
    gate.box.ntp_error = NTP_WELL
    gate.clock.observe()
    gate.box.passed_s += 10
    assert gate.verdict(code(2)).decision is Decision.ADMIT
    assert (gate.last.clock, gate.last.clock_unsure) == (ClockSource.NTP, False)


def test_a_site_may_refuse_at_an_unconfirmed_time(tmp_path: Path) -> None:
    rules = RuleSet(results=ResultRules(clock_unsure=Strict.REFUSE))
    gate = TimedGate(tmp_path, Box(NOW, passed_s=60), rules)
    gate.clock.observe()
    assert gate.verdict(code(1)).decision is Decision.REFUSE
    gate.ledger.close()


def test_an_expired_code_does_not_come_back_to_life_with_a_clock_set_back(gate: TimedGate) -> None:
    gate.box.ntp_error = NTP_WELL
    gate.clock.observe()
    gate.box.passed_s += 2 * 86_400
    assert gate.verdict(code(1)).decision is Decision.CHECK
    gate.box.ntp_error, gate.box.wall_off = None, -2 * DAY
    gate.clock.observe()
    gate.box.passed_s += 10
    assert Reason.EXPIRED in gate.verdict(code(2)).reasons


@pytest.mark.parametrize("is_cut", [False, True])
def test_an_ntp_server_of_somebody_else_brings_no_expired_code_back_to_life(
    gate: TimedGate, *, is_cut: bool
) -> None:
    gate.box.ntp_error = NTP_WELL
    gate.clock.observe()
    gate.box.passed_s += 2 * 86_400
    gate.clock.observe()
    assert Reason.EXPIRED in gate.verdict(code(1)).reasons
    rogue = Box(NOW, passed_s=60, ntp_error=NTP_WELL, boot="after")
    if is_cut:
        gate.switched_on(rogue)
    else:
        gate.box.wall_off = -2 * DAY
        gate.clock.observe()
    gate.box.passed_s += 10
    assert gate.verdict(code(2)).decision is Decision.CHECK


def test_a_gate_that_ran_ahead_heals_after_a_power_cut_when_ntp_comes(gate: TimedGate) -> None:
    gate.box.rtc_off = 30 * DAY
    gate.clock.observe()
    gate.verdict(code(1))
    assert gate.last.at > NOW + 29 * DAY
    gate.switched_on(Box(NOW, passed_s=60, boot="after"))
    assert Reason.CLOCK_UNSURE in gate.verdict(code(2)).reasons
    gate.box.ntp_error = NTP_WELL
    gate.clock.observe()
    gate.box.passed_s += 10
    assert gate.verdict(code(3)).decision is Decision.ADMIT


def test_a_power_cut_without_a_clock_module_is_told_by_the_last_sure_entry(
    gate: TimedGate,
) -> None:
    gate.box.ntp_error = NTP_WELL
    gate.clock.observe()
    gate.verdict(code(1))
    sure = gate.last
    gate.switched_on(Box(NOW, passed_s=60, wall_off=-20_000 * DAY, boot="after"))
    gate.verdict(code(2))
    assert gate.last.clock is ClockSource.FLOOR
    assert gate.last.at >= sure.at
