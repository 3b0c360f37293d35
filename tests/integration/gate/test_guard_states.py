"""Guards, PINs, badges, decisions, crashes and power cuts in any order, beside a plain model."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from scanner.domain.entries import EntryType
from scanner.domain.guards import Role
from scanner.domain.reasons import GuardReason
from scanner.gate.guard_messages import BadgeShown
from scanner.gate.messages import CommandResult, ErrorCode
from scanner.policy.lockout import PER_GUARD, PER_KIOSK
from tests.gate_builders import Gate
from tests.guard_builders import PINS, ROSTER, a_badge

NUMBERS = st.sampled_from([*PINS, "55"])


class Kiosk(RuleBasedStateMachine):
    """One kiosk of a site with a roster; the gate's own words are compared with the model's."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.gate = Gate(Path(self.folder.name), [], roster=ROSTER)
        self.on_duty: str | None = None
        self.by_pin = False
        self.boots = 0
        self.decided: list[tuple[int, str, float]] = []

    def teardown(self) -> None:
        self.gate.ledger.close()
        self.folder.cleanup()

    @rule(number=NUMBERS, is_right=st.booleans())
    def logs_in(self, number: str, is_right: bool) -> None:
        pin = PINS.get(number, "4711") if is_right else "9999"
        match self.gate.login(number, pin):
            case None:
                assert is_right
                assert number in PINS
                self.on_duty, self.by_pin = number, True
            case ErrorCode.WRONG_PIN:
                assert not is_right or number not in PINS
            case error:
                assert error is ErrorCode.LOCKED_OUT

    @rule(number=st.sampled_from(["07", "09", "90"]))
    def shows_a_badge(self, number: str) -> None:
        self.gate.seconds += 6  # the last one is out of sight
        role = Role.SUPERVISOR if number == "90" else Role.GUARD
        (event,) = self.gate.show(a_badge(number, role))
        assert isinstance(event, BadgeShown)
        if self.on_duty is None:
            self.on_duty, self.by_pin = number, False

    @rule()
    def logs_out(self) -> None:
        assert (self.gate.logout() is None) is (self.on_duty is not None)
        self.on_duty = None

    @rule()
    def decides(self) -> None:
        reason = GuardReason.STAFF_ON_DUTY
        (result,) = self.gate.decide(None, admit=True, reason=reason)
        assert isinstance(result, CommandResult)
        assert (result.error is None) is (self.on_duty is not None)
        if self.on_duty is not None:
            seq = self.gate.ledger.position.seq
            self.decided.append((seq, self.on_duty, self.gate.seconds))

    @precondition(lambda self: self.decided)
    @rule(data=st.data())
    def takes_one_back(self, data: st.DataObject) -> None:
        seq, by, at_s = data.draw(st.sampled_from(self.decided))
        (result,) = self.gate.undo(seq)
        assert isinstance(result, CommandResult)
        is_his = self.on_duty == by
        is_chief = self.on_duty is not None and self.on_duty > "89" and self.by_pin
        may = (is_his or is_chief) and self.gate.seconds - at_s < 30
        assert (result.error is None) is may
        if may:
            self.decided.remove((seq, by, at_s))

    @rule(seconds=st.sampled_from([1.0, 10.0, 31.0, 900.0, 3600.0]))
    def waits(self, seconds: float) -> None:
        self.gate.wait(seconds)
        session = self.gate.pipeline.guards.book.session
        if session is None:
            self.on_duty = None

    @rule()
    def crashes(self) -> None:
        self.gate.restart()

    @rule()
    def loses_the_power(self) -> None:
        self.boots += 1
        self.gate.reboot(f"boot {self.boots}")
        self.on_duty = None
        self.decided.clear()

    @invariant()
    def the_screen_names_who_is_on_duty(self) -> None:
        assert self.gate.on_duty() == self.on_duty

    @invariant()
    def no_number_is_guessed_at_faster_than_it_may(self) -> None:
        entries = self.gate.entries()
        wrong = [one for one in entries if one.login_failure is not None]
        for begin in range(len(wrong) - PER_KIOSK):
            span = wrong[begin + PER_KIOSK].at - wrong[begin].at
            assert span.total_seconds() >= 29
        for number in PINS:
            streak: list[float] = []
            for one in entries:
                if one.type is EntryType.SHIFT and one.by == number:
                    streak.clear()
                elif one.login_failure is not None and one.by == number:
                    streak.append(one.at.timestamp())
            for begin in range(len(streak) - PER_GUARD):
                assert streak[begin + PER_GUARD] - streak[begin] >= 29

    @invariant()
    def every_decision_has_a_name(self) -> None:
        for entry in self.gate.entries():
            if entry.type in (EntryType.GUARD, EntryType.UNDO):
                assert entry.by is not None


Kiosk.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestKiosk = Kiosk.TestCase
