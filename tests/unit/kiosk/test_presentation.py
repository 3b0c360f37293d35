import pytest

from scanner.domain.foreign import ForeignKind
from scanner.domain.passes import Colour
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.domain.walk_ins import GUARD_REASONS
from scanner.formats.readers.eu_dcc import FORMAT as EU_DCC
from scanner.kiosk.palette import Tone
from scanner.kiosk.presentation import ADMITTING, REFUSING, Shape, present, wants_temperature
from scanner.kiosk.words import load
from tests.unit.kiosk.builders import a_verdict

CHINESE = load("zh_CN")


def title(**changes: object) -> str:
    return CHINESE(present(a_verdict(**changes)).title)


def advice(**changes: object) -> str:
    return CHINESE(present(a_verdict(**changes)).advice)


def test_green_may_pass() -> None:
    shown = present(a_verdict())
    assert (shown.tone, shown.shape) == (Tone.ADMIT, Shape.TICK_IN_DISC)
    assert (title(), advice()) == ("绿码", "请通行")


def test_an_admitted_certificate_without_colour_is_not_called_green() -> None:
    assert title(format=EU_DCC, colour=Colour.NONE) == "请通行"


def test_a_pass_of_a_format_without_colours_is_not_called_green() -> None:
    assert title(format=EU_DCC, colour=None) == "请通行"


def test_a_payment_code_is_named() -> None:
    changes = {"decision": Decision.CHECK, "reasons": (Reason.NOT_A_HEALTH_CODE,)}
    changes["foreign"] = ForeignKind.PAYMENT
    assert present(a_verdict(**changes)).tone is Tone.CHECK
    assert (title(**changes), advice(**changes)) == ("这是付款码，不是健康码", "请出示健康码")


def test_yellow_needs_a_check() -> None:
    changes = {"decision": Decision.CHECK, "reasons": (Reason.COLOUR_YELLOW,)}
    shown = present(a_verdict(**changes))
    assert (shown.tone, shown.shape) == (Tone.CHECK, Shape.BANG_IN_TRIANGLE)
    assert (title(**changes), advice(**changes)) == ("黄码", "请人工复核")


def test_red_is_asked_to_wait_in_calm_words() -> None:
    changes = {"decision": Decision.REFUSE, "reasons": (Reason.COLOUR_RED, Reason.EXPIRED)}
    shown = present(a_verdict(**changes))
    assert (shown.tone, shown.shape) == (Tone.REFUSE, Shape.CROSS_IN_OCTAGON)
    assert (title(**changes), advice(**changes)) == ("请到一旁等候", "工作人员会协助您")


@pytest.mark.parametrize(
    ("reason", "words", "next_step"),
    [
        (Reason.EXPIRED, "健康码已过期", "请刷新"),
        (Reason.NOT_A_HEALTH_CODE, "不是健康码", "请重新出示"),
        (Reason.NOT_RECOGNISED, "暂未互认", "请人工复核"),
    ],
)
def test_a_green_code_that_fails_otherwise_looks_neither_green_nor_yellow(
    reason: Reason, words: str, next_step: str
) -> None:
    changes = {"decision": Decision.CHECK, "reasons": (reason,), "colour": Colour.GREEN}
    assert present(a_verdict(**changes)).tone is Tone.CHECK
    assert (title(**changes), advice(**changes)) == (words, next_step)


def test_an_asked_temperature_shows_a_thermometer_and_the_keypad() -> None:
    verdict = a_verdict(
        decision=Decision.CHECK,
        reasons=(Reason.TEMPERATURE_NEEDED,),
        asks=(Ask.TEMPERATURE,),
        final=False,
    )
    assert present(verdict).shape is Shape.THERMOMETER_IN_TRIANGLE
    assert wants_temperature(verdict)


def test_a_final_verdict_asks_for_no_temperature() -> None:
    assert not wants_temperature(a_verdict(asks=(Ask.TEMPERATURE,), final=True))


@pytest.mark.parametrize("decision", Decision)
def test_what_is_not_recorded_never_looks_admitted(decision: Decision) -> None:
    shown = present(a_verdict(decision=decision, recorded=False, visit=0))
    assert (shown.tone, shown.shape) == (Tone.FAULT, Shape.BANG_IN_SQUARE)


def test_a_guards_decision_shows_in_its_own_words() -> None:
    changes = {"decision": Decision.REFUSE, "reasons": (Reason.COLOUR_RED,)}
    admitted = {**changes, "guard": GuardDecision.ADMITTED_BY_GUARD}
    refused = {"guard": GuardDecision.REFUSED_BY_GUARD}
    assert (present(a_verdict(**admitted)).tone, title(**admitted)) == (Tone.ADMIT, "人工放行")
    assert (present(a_verdict(**refused)).tone, title(**refused)) == (Tone.REFUSE, "人工拒绝")


def test_a_check_without_reasons_still_has_words() -> None:
    assert title(decision=Decision.CHECK) == "请复核"


def test_a_guard_can_name_every_reason_by_hand_or_by_saying_who_came() -> None:
    assert {*ADMITTING, *REFUSING, *GUARD_REASONS.values()} == set(GuardReason)


def test_each_admitting_reason_has_a_digit() -> None:
    assert len(ADMITTING) <= 10
