"""Which visits stay in memory, and how long: a name stays no longer than somebody may need it."""

from dataclasses import replace

from scanner.domain.passes import Rejection
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision, Verdict
from scanner.gate.kept_visits import KeptVisits
from scanner.gate.visits import Visit
from scanner.policy.asking import Asking

FIVE_MINUTES_S = 300.0


def a_visit(seq: int, *, is_pending: bool = False, opened_s: float = 0.0) -> Visit:
    asks = (Ask.TEMPERATURE,) if is_pending else ()
    verdict = Verdict(Decision.CHECK, (), asks, None, "rules")
    return Visit(seq, Rejection((Reason.EXPIRED,)), verdict, opened_s, Asking(opened_s, asks))


def test_a_settled_visit_is_forgotten_after_five_minutes() -> None:
    visits = KeptVisits()
    visits.keep(a_visit(1))
    visits.forget_settled(FIVE_MINUTES_S - 1, None)
    assert visits.get(1) is not None
    visits.forget_settled(FIVE_MINUTES_S, None)
    assert visits.get(1) is None


def test_a_question_and_what_is_on_the_screen_are_not_forgotten() -> None:
    visits = KeptVisits()
    visits.keep(a_visit(1, is_pending=True))
    shown = visits.keep(a_visit(2))
    visits.forget_settled(10 * FIVE_MINUTES_S, shown)
    assert [visits.get(1), visits.get(2)] == [a_visit(1, is_pending=True), shown]


def test_in_a_rush_the_oldest_settled_visits_make_room_and_no_question_does() -> None:
    visits = KeptVisits()
    question = visits.keep(a_visit(1, is_pending=True))
    for seq in range(2, 102):
        visits.keep(a_visit(seq))
    kept = [seq for seq in range(1, 102) if visits.get(seq)]
    assert kept == [1, *range(53, 102)]
    assert visits.pending() == [question]


def test_what_becomes_of_a_visit_takes_its_place() -> None:
    visits = KeptVisits()
    visits.keep(a_visit(1, is_pending=True))
    answered = visits.keep(a_visit(1))
    assert visits.get(1) == answered
    assert visits.pending() == []


def test_a_settled_visit_keeps_no_text_of_a_code() -> None:
    visits = KeptVisits()
    question = visits.keep(replace(a_visit(1, is_pending=True), text="HC1:..."))
    assert question.text == "HC1:..."
    assert visits.keep(replace(question, guard=GuardDecision.REFUSED_BY_GUARD)).text is None
    kept = visits.get(1)
    assert kept is not None
    assert kept.text is None


def test_a_visit_that_has_ended_is_gone_at_once() -> None:
    visits = KeptVisits()
    visits.end(visits.keep(a_visit(1, is_pending=True)))
    assert visits.get(1) is None
