"""How often somebody may be wrong about a PIN."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scanner.policy.lockout import (
    FIRST_LOCK_S,
    GUARD_FORGETS_S,
    KIOSK_FORGETS_S,
    LONGEST_LOCK_S,
    PER_GUARD,
    PER_KIOSK,
    LockOut,
)


def wrong(times: int, guard: str = "07", at_s: float = 0.0) -> LockOut:
    lock = LockOut()
    for _ in range(times):
        lock.failed(guard, at_s)
    return lock


def test_four_failures_lock_nobody_out() -> None:
    assert wrong(PER_GUARD - 1).locked_s("07", 0.0) == 0


def test_the_fifth_locks_that_guard_for_half_a_minute() -> None:
    lock = wrong(PER_GUARD)
    assert lock.locked_s("07", 1.0) == FIRST_LOCK_S - 1
    assert lock.locked_s("08", 1.0) == 0
    assert lock.locked_s("07", FIRST_LOCK_S) == 0


def test_each_further_one_doubles_the_time_up_to_a_quarter_of_an_hour() -> None:
    times = [wrong(PER_GUARD + more).locked_s("07", 0.0) for more in range(8)]
    assert times == [30, 60, 120, 240, 480, 900, 900, 900]


def test_the_right_pin_clears_a_guard_and_not_the_kiosk() -> None:
    lock = wrong(PER_KIOSK)
    lock.succeeded("07")
    assert lock.locked_s("07", 0.0) == FIRST_LOCK_S
    assert lock.locked_s("07", FIRST_LOCK_S) == 0
    assert lock.kiosk_locked_s(0.0) == FIRST_LOCK_S


def test_guessing_many_numbers_locks_the_kiosk() -> None:
    lock = LockOut()
    for number in range(PER_KIOSK):
        lock.failed(f"{number:02}", 0.0)
    assert lock.locked_s("99", 0.0) == FIRST_LOCK_S


def test_failures_of_unknown_numbers_after_a_restart_still_count_for_the_kiosk() -> None:
    lock = LockOut()
    for _ in range(PER_KIOSK):
        lock.failed(None, 0.0)
    assert lock.locked_s("07", 0.0) == FIRST_LOCK_S


def test_a_quiet_day_forgets_a_guards_failures_and_a_quiet_hour_the_kiosks() -> None:
    lock = wrong(PER_KIOSK)
    lock.failed("07", KIOSK_FORGETS_S)
    assert lock.kiosk_locked_s(KIOSK_FORGETS_S) == 0
    assert lock.locked_s("07", KIOSK_FORGETS_S) == LONGEST_LOCK_S
    lock.failed("07", KIOSK_FORGETS_S + GUARD_FORGETS_S)
    assert lock.locked_s("07", KIOSK_FORGETS_S + GUARD_FORGETS_S) == 0


def test_numbers_without_end_do_not_fill_the_memory() -> None:
    lock = LockOut()
    for number in range(2000):
        lock.failed(f"{number:06}", 0.0)
    assert len(lock._guards) <= 256


class Guesser(RuleBasedStateMachine):
    """Somebody who tries whenever he may, and sometimes knows a PIN of his own."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = LockOut()
        self.now_s = 0.0
        self.wrong_at: dict[str, list[float]] = {}

    @rule(guard=st.sampled_from(["01", "02", "03"]))
    def guess(self, guard: str) -> None:
        if self.lock.locked_s(guard, self.now_s) == 0:
            self.lock.failed(guard, self.now_s)
            self.wrong_at.setdefault(guard, []).append(self.now_s)

    @rule()
    def uses_his_own(self) -> None:
        if self.lock.locked_s("04", self.now_s) == 0:
            self.lock.succeeded("04")

    @rule(seconds=st.floats(min_value=0, max_value=2000))
    def waits(self, seconds: float) -> None:
        self.now_s += seconds

    @invariant()
    def nobody_guesses_faster_than_promised(self) -> None:
        for times in self.wrong_at.values():
            for begin in range(len(times) - PER_GUARD):
                assert times[begin + PER_GUARD] - times[begin] >= FIRST_LOCK_S
            day = [at for at in times if at > self.now_s - GUARD_FORGETS_S]
            assert len(day) <= PER_GUARD + 6 + GUARD_FORGETS_S / LONGEST_LOCK_S

    @invariant()
    def a_lock_ends(self) -> None:
        for guard in ("01", "02", "03", "04"):
            assert 0 <= self.lock.locked_s(guard, self.now_s) <= LONGEST_LOCK_S


Guesser.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestGuesser = Guesser.TestCase
