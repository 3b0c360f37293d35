"""What entries say about guards, after a restart."""

from datetime import timedelta

import pytest

from scanner.domain.entries import Entry, EntryType
from scanner.domain.guards import LoginFailure, LoginWay, Role, ShiftChange
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import GuardDecision
from scanner.gate.guard_book import GuardBook
from scanner.gate.instant import Instant
from tests.ledger_builders import NOON

HOUR = 3600.0


def entry(kind: EntryType, ago_s: float, boot: str = "old", **fields: object) -> Entry:
    at = NOON - timedelta(seconds=ago_s)
    mono_ms = int((10 * HOUR - ago_s) * 1000)
    return Entry(v=1, seq=1, at=at, boot=boot, mono_ms=mono_ms, type=kind, **fields)  # type: ignore[arg-type]


def wrong(ago_s: float, boot: str = "old") -> Entry:
    return entry(EntryType.LOGIN, ago_s, boot, by="07", login_failure=LoginFailure.WRONG_PIN)


def recalled(*entries: Entry, is_sure: bool = True) -> tuple[GuardBook, float]:
    """The book at noon, when the machine is up for a minute as `now`, ten hours as `same`."""
    up_s = 10 * HOUR if entries and entries[-1].boot == "same" else 60.0
    boot = "same" if up_s > 60 else "now"
    book = GuardBook()
    book.recall(entries, Instant(NOON, is_sure=is_sure, mono_s=up_s, boot=boot))
    return book, up_s


@pytest.mark.parametrize(("is_sure", "locked_s"), [(True, 20.0), (False, 30.0)])
def test_a_power_cut_shortens_no_lock_and_lengthens_it_where_no_clock_is_sure(
    is_sure: bool, locked_s: float
) -> None:
    book, now_s = recalled(*[wrong(10.0)] * 5, is_sure=is_sure)
    assert book.lock_out.locked_s("07", now_s) == pytest.approx(locked_s)


def test_a_lock_from_long_ago_is_over_after_a_power_cut() -> None:
    book, now_s = recalled(*[wrong(2 * HOUR)] * 5)
    assert book.lock_out.locked_s("07", now_s) == 0


def test_a_wrong_badge_is_no_wrong_pin() -> None:
    forged = entry(EntryType.LOGIN, 1.0, by="07", login_failure=LoginFailure.WRONG_BADGE)
    book, now_s = recalled(*[forged] * 20)
    assert book.lock_out.locked_s("07", now_s) == 0


def test_who_acted_is_on_duty_though_the_login_lies_further_back_than_was_read() -> None:
    act = entry(
        EntryType.GUARD,
        5.0,
        "same",
        by="90",
        role=Role.SUPERVISOR,
        guard=GuardDecision.ADMITTED_BY_GUARD,
        guard_reason=GuardReason.PAPER_PASS,
    )
    book, _ = recalled(act)
    assert book.session is not None
    assert book.session.person.guard == "90"
    assert book.session.way is LoginWay.BADGE, "nothing says that a PIN was typed"


def test_a_shift_that_ended_is_over() -> None:
    started = entry(
        EntryType.SHIFT,
        9.0,
        "same",
        by="07",
        role=Role.GUARD,
        shift=ShiftChange.STARTED,
        login_way=LoginWay.PIN,
    )
    ended = entry(EntryType.SHIFT, 5.0, "same", by="07", role=Role.GUARD, shift=ShiftChange.ENDED)
    assert recalled(started)[0].session is not None
    assert recalled(started, ended)[0].session is None
