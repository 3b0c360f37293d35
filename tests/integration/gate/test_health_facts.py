"""From a full code to the guard's screen: the facts of a health report, and nothing else of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.domain.issuers import EU
from scanner.domain.passes import (
    DependantRecord,
    LaboratoryTest,
    PassKind,
    RecoveryRecord,
    VaccineRecord,
    VerifiedPass,
)
from scanner.formats.registry import read_pass
from scanner.gate.framing import frame
from scanner.gate.instant import Instant
from scanner.gate.messages import VerdictShown, decode_event
from scanner.gate.visits import Timing, Visit, verdict_event
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.kiosk.presentation import present
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Display
from scanner.kiosk.widgets.verdict_details import details_text, holder_line
from scanner.kiosk.words import load, speech
from scanner.policy.asking import Asking
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.rules import RuleSet
from scanner.trust.staleness import Staleness
from tests.builders import NOW, a_key, a_pass, a_ring, a_verified_pass
from tests.gate_builders import Gate

FULL = a_pass(
    division="330106",
    scope="翠苑社区-SCOPE",
    test=LaboratoryTest("PCR-LABOR", True, NOW - timedelta(hours=12), NOW - timedelta(hours=3)),
    vaccine=VaccineRecord(2, (NOW - timedelta(days=30)).date()),
    reason_class="REASONCLASS",
    colour_since=NOW - timedelta(days=3),
    household="HOUSE-77",
    dependant=DependantRecord("RELATION", "李四五"),
    policy_version="POLICY-9",
)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, (a_key(),))
    yield gate
    gate.ledger.close()


def screen(shown: VerdictShown, language: str) -> list[str]:
    """Everything in words below the picture, holder first."""
    session = Session(Display(), None, speech((language,)), UTC)
    return [holder_line(shown), *details_text(session, shown).plain.splitlines()]


def test_a_full_health_code_shows_its_facts_and_nothing_else(gate: Gate) -> None:
    shown = gate.verdict(issue_health_code(FULL, a_key()))
    assert load("zh_CN")(present(shown).title) == "绿码"
    assert screen(shown, "zh_CN") == [
        "张*三  …123X",
        "请核对身份证 · 浙江 · 随行人员的码 · 60秒钟前生成",
        "检测阴性 12小时前 · 疫苗2剂 30天前 · 9分钟后到期",
    ]
    assert screen(shown, "en") == [
        "张*三  …123X",
        "Compare: Resident card · Zhejiang · A dependant's code · made 60 seconds ago",
        "test negative 12 hr ago · vaccine ×2 30 days ago · 9 minutes left",
    ]


def test_what_the_screen_does_not_need_never_reaches_the_kiosk(gate: Gate) -> None:
    shown = gate.verdict(issue_health_code(FULL, a_key()))
    message = frame(shown)
    for word in ("SCOPE", "LABOR", "REASONCLASS", "HOUSE", "RELATION", "李", "POLICY", "330106"):
        assert word.encode() not in message
    assert decode_event(message[4:]) == shown


def event(shown: VerifiedPass, now: datetime = NOW) -> VerdictShown:
    """What the gate tells the kiosk about a proven pass."""
    verdict = evaluate(shown, RuleSet(), Circumstances(now, Staleness.FRESH, clock_is_sure=True))
    visit = Visit(seq=1, shown=shown, verdict=verdict, opened_s=0.0, asking=Asking(0.0))
    return verdict_event(visit, Instant(now, is_sure=True, mono_s=0.0, boot="boot"), Timing())


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        (PassKind.VACCINATION, "疫苗"),
        (PassKind.TEST, "检测阴性 "),
        (PassKind.RECOVERY, "康复 "),
    ],
)
def test_a_certificate_shows_its_own_fact_and_no_disease(kind: PassKind, fact: str) -> None:
    key = a_key(EU)
    outcome = read_pass(issue_eu_dcc(key, now=NOW, kind=kind), a_ring(key), NOW)
    assert isinstance(outcome, VerifiedPass), outcome
    facts = screen(event(outcome), "zh_CN")[2].split(" · ")
    assert len(facts) == 2, "the fact and the end"
    assert facts[0].startswith(fact)
    for detail in (b"840539006", b"LP6464", b"EU/1/", b"1998"):
        assert detail not in frame(event(outcome))


def test_ages_count_from_the_moment_of_showing() -> None:
    shown = a_verified_pass(
        colour=None,
        test=LaboratoryTest("PCR", True, None, NOW - timedelta(seconds=90)),
        recovery=RecoveryRecord((NOW - timedelta(days=40)).date()),
    )
    facts = event(shown)
    assert (facts.test_negative, facts.test_age_s, facts.recovery_age_days) == (True, 90, 40)
    assert (facts.vaccine_doses, facts.vaccine_age_days) == (None, None)
    assert event(shown, NOW + timedelta(days=1)).recovery_age_days == 41


def test_a_test_without_a_time_has_a_result_and_no_age() -> None:
    shown = a_verified_pass(test=LaboratoryTest("PCR", False, None, None))
    assert (event(shown).test_negative, event(shown).test_age_s) == (False, None)


def test_an_unproven_code_shows_no_facts(gate: Gate) -> None:
    text = issue_health_code(FULL, IssuerKey.generate("33"))
    shown = gate.verdict(text)
    assert (shown.test_negative, shown.vaccine_doses, shown.expires_at) == (None, None, None)
    assert shown.foreign is None
