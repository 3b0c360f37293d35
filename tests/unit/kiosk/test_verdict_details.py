import pytest

from scanner.domain.passes import PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.formats.readers.eu_dcc import FORMAT as EU_DCC
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Display
from scanner.kiosk.widgets.verdict_details import details_text, holder_line
from scanner.kiosk.words import speech
from tests.unit.kiosk.builders import a_verdict


def lines(language: str = "zh_CN", **changes: object) -> list[str]:
    session = Session(Display(), None, speech((language,)))
    return details_text(session, a_verdict(**changes)).plain.splitlines()


def test_name_and_suffix_stand_together() -> None:
    assert holder_line(a_verdict()) == "张*三  …301X"


def test_an_unproven_code_shows_no_holder() -> None:
    assert holder_line(a_verdict(masked_name=None, id_suffix=None)) == ""


@pytest.mark.parametrize(
    "evil", ["\x1b]0;owned\x07*", "\x9b31m*", "\u202e*", "*\n*", "\x1b[2J" * 500]
)
def test_a_name_cannot_steer_the_terminal(evil: str) -> None:
    shown = holder_line(a_verdict(masked_name=evil, id_suffix=evil))
    assert shown.isprintable()
    assert len(shown) < 100


def test_what_it_is_stands_in_one_line() -> None:
    assert lines() == ["请核对身份证 · 浙江 · 动态码 · 42秒钟前生成"]


def test_an_eu_certificate_names_its_country() -> None:
    changes = {"format": EU_DCC, "kind": PassKind.VACCINATION, "id_kind": None}
    (line,) = lines("en", issuer="EU", country="AT", code_age_s=None, **changes)
    assert line == "European Union Austria · vaccination certificate"


def test_an_unknown_issuer_and_country_are_shown_without_control_characters() -> None:
    (line,) = lines("en", issuer="EU", country="\x1b[2J", code_age_s=None, id_kind=None)
    assert line == "European Union [2J · phone code"


def test_reasons_come_the_worst_first_in_both_languages() -> None:
    reasons = (Reason.COLOUR_RED, Reason.EXPIRED)
    shown = lines(decision=Decision.REFUSE, reasons=reasons)
    assert shown[1:] == ["• 红码  Red code", "• 健康码已过期  Code has expired"]


def test_more_than_three_reasons_are_counted() -> None:
    reasons = (Reason.COLOUR_RED, Reason.EXPIRED, Reason.REVOKED, Reason.KEYS_STALE)
    shown = lines(decision=Decision.REFUSE, reasons=reasons)
    assert len(shown) == 4
    assert shown[-1].endswith("+1")


def test_the_machines_decision_stands_beside_the_guards() -> None:
    guard = GuardDecision.ADMITTED_BY_GUARD
    shown = lines(decision=Decision.CHECK, reasons=(Reason.NOT_RECOGNISED,), guard=guard)
    assert "系统判定：复核" in shown[1]


def test_a_comparison_that_is_asked_for_is_named() -> None:
    shown = lines(decision=Decision.CHECK, asks=(Ask.ID_COMPARE,), final=False)
    assert shown[-1] == "→ 请核对姓名和证件尾号  Compare name and document"


def test_a_temperature_is_shown_with_one_decimal() -> None:
    assert "体温 36.8 °C" in lines(temperature_c=36.8)[0]
