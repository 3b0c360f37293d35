from datetime import timedelta

import pytest
from rich.cells import cell_len

from scanner.domain.passes import Colour, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.suspicion import SUSPECTED
from scanner.domain.verdicts import Advice, Ask, Decision, GuardDecision
from scanner.formats.readers.eu_dcc import FORMAT as EU_DCC
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Display
from scanner.kiosk.widgets.verdict_details import details_text, holder_line
from scanner.kiosk.words import speech
from tests.unit.kiosk.builders import NOW, a_verdict


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


@pytest.mark.parametrize(
    ("issuer", "chinese", "english"),
    [
        ("33", "浙江", "Zhejiang"),
        ("https://smart.example.org/issuer?a#b", "smart.example.org", "smart.example.org"),
        ("HTTPS://user:pw@Smart.Example.org:443/", "smart.example.org", "smart.example.org"),
        ("did:web:nzcp.example.nz", "nzcp.example.nz", "nzcp.example.nz"),
        ("did:web:nzcp.example.nz:path", "nzcp.example.nz", "nzcp.example.nz"),
        ("did:web:nzcp.example.nz%3A8443", "nzcp.example.nz", "nzcp.example.nz"),
        ("AUS", "澳大利亚", "Australia"),
        ("HKG", "中国香港特别行政区", "Hong Kong SAR China"),
        ("UTO", "UTO", "UTO"),
        ("ANT", "ANT", "ANT"),
        ("D", "D", "D"),
        ("did:key:z6Mk", "did:key:z6Mk", "did:key:z6Mk"),
    ],
)
def test_an_issuer_is_named_as_a_guard_knows_it(issuer: str, chinese: str, english: str) -> None:
    changes: dict[str, object] = {"issuer": issuer, "code_age_s": None, "id_kind": None}
    assert lines("zh_CN", **changes) == [f"{chinese} · 动态码"]
    assert lines("en", **changes) == [f"{english} · phone code"]


def test_of_a_long_host_the_end_is_shown_where_its_owner_stands() -> None:
    issuer = "https://" + "cards." * 30 + "health.example.org/"
    (line,) = lines("en", issuer=issuer, code_age_s=None, id_kind=None)
    host = line.split(" · ")[0]
    assert host.startswith("…")
    assert host.endswith("cards.health.example.org")
    assert len(host) == 40


def test_an_unknown_issuer_and_country_are_shown_without_control_characters() -> None:
    (line,) = lines("en", issuer="EU", country="\x1b[2J", code_age_s=None, id_kind=None)
    assert line == "European Union [2J · phone code"


FULL = {
    "test_negative": True,
    "test_age_s": 12 * 3600 + 59 * 60,
    "vaccine_doses": 2,
    "vaccine_age_days": 30,
    "recovery_age_days": 40,
    "expires_at": NOW + timedelta(minutes=9),
}


def test_the_facts_of_a_health_report_stand_in_one_line() -> None:
    assert lines("zh_CN", **FULL)[1:] == [
        "检测阴性 12小时前 · 疫苗2剂 30天前 · 康复 40天前 · 9分钟后到期"
    ]
    (line,) = lines("en", **FULL)[1:]
    assert line.split(" · ") == [
        "test negative 12 hr ago",
        "vaccine ×2 30 days ago",
        "recovered 40 days ago",
        "9 minutes left",
    ]


@pytest.mark.parametrize(
    ("age_s", "words"),
    [
        (None, "检测阴性"),
        (180, "检测阴性 3分钟前"),
        (48 * 3600 - 1, "检测阴性 47小时前"),
        (72 * 3600, "检测阴性 72小时前"),
        (120 * 3600, "检测阴性 5天前"),
    ],
)
def test_the_age_of_a_test_is_told_in_the_hours_that_rules_count(
    age_s: int | None, words: str
) -> None:
    assert lines(test_negative=True, test_age_s=age_s)[1] == words


def test_a_test_that_is_not_negative_is_told_in_calm_words() -> None:
    assert lines(test_negative=False, test_age_s=3600)[1] == "检测未呈阴性 1小时前"


def test_an_end_that_has_passed_is_told() -> None:
    assert lines(expires_at=NOW - timedelta(hours=2))[1] == "2小时前到期"


def test_a_colour_that_neither_headline_nor_reason_names_is_a_fact() -> None:
    asked = lines(decision=Decision.CHECK, reasons=(Reason.TEMPERATURE_NEEDED,))
    assert asked[0] == "请核对身份证 · 浙江 · 动态码 · 绿码 · 42秒钟前生成"
    assert "黄码" in lines(colour=Colour.YELLOW)[0], "admitted by the site's rules"
    reasons = (Reason.COLOUR_YELLOW,)
    named = lines(decision=Decision.CHECK, reasons=reasons, colour=Colour.YELLOW)
    assert "黄码" not in named[0]


def test_a_format_without_colours_shows_none() -> None:
    assert lines(colour=None)[0] == "请核对身份证 · 浙江 · 动态码 · 42秒钟前生成"


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


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh_CN", "疑似伪造：请勿指责"), ("en", "Suspected forgery: accuse nobody")],
)
@pytest.mark.parametrize("reason", sorted(SUSPECTED))
def test_a_suspicion_is_told_to_the_guard_without_an_accusation(
    language: str, words: str, reason: Reason
) -> None:
    shown = lines(language, decision=Decision.REFUSE, reasons=(reason,), masked_name=None)
    assert any(words in line for line in shown)


def test_what_has_expired_is_no_suspicion() -> None:
    shown = lines("en", decision=Decision.CHECK, reasons=(Reason.EXPIRED, Reason.SUPERSEDED))
    assert not any("forgery" in line for line in shown)


ADVICE = Advice(
    rule="no-test",
    layer="510100",
    guard=(("zh_CN", "请到二号窗口采样"), ("en", "Send to window 2 for a sample")),
    holder=(("zh_CN", "请先采样再进入"),),
    hotline="028-12345",
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh_CN", ["☞ 请到二号窗口采样  咨询电话 028-12345", "“请先采样再进入”"]),
        ("en", ["☞ Send to window 2 for a sample  call 028-12345", "“请先采样再进入”"]),
    ],
)
def test_a_rules_author_speaks_to_guard_and_holder(language: str, said: list[str]) -> None:
    """In the screen's language where the author wrote it, else in another one."""
    reasons = (Reason.TEST_MISSING, Reason.SITE_RULE, Reason.OUTSIDE_HOURS, Reason.KEYS_STALE)
    shown = lines(language, decision=Decision.CHECK, reasons=reasons, advice=ADVICE)
    assert shown[-2:] == said
    assert shown[-3].endswith("+1")
    assert len(shown) == 5, "the card stays as high as it was"


@pytest.mark.parametrize(
    "word", ["W" * 80, "长" * 80, "\x1b[2J" * 20], ids=["narrow", "wide", "steering"]
)
def test_long_words_of_an_author_stay_in_a_line(word: str) -> None:
    advice = Advice(rule="x", layer="33", guard=(("en", word),), holder=(("en", word),))
    shown = lines(decision=Decision.CHECK, reasons=(Reason.SITE_RULE,), advice=advice)
    assert all(line.isprintable() and cell_len(line) <= 54 for line in shown[-2:])
