"""Every message exists in every language, and everything that the gate can say has words."""

import re
import string
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

import scanner.kiosk
from scanner.domain.clock import ClockDoubt
from scanner.domain.foreign import ForeignKind
from scanner.domain.guards import Role
from scanner.domain.hints import Hint
from scanner.domain.id_documents import NumberFault
from scanner.domain.passes import Colour, IdKind, PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.domain.walk_ins import PersonKind
from scanner.gate.guard_messages import BadgeResult
from scanner.gate.messages import ErrorCode
from scanner.gate.status import CameraFault, Health, Part
from scanner.kiosk.connection import Trouble
from scanner.kiosk.palette import Tone
from scanner.kiosk.presentation import present
from scanner.kiosk.screens.note import NOTES
from scanner.kiosk.screens.pin import PinFor
from scanner.kiosk.words import SHIPPED, load, speech
from tests.unit.kiosk.builders import a_verdict

PREFIXES = {
    "reason": Reason,
    "guard_reason": GuardReason,
    "decision": Decision,
    "ask": Ask,
    "error": ErrorCode,
    "hint": Hint,
    "part": Part,
    "health": Health,
    "camera_fault": CameraFault,
    "clock_doubt": ClockDoubt,
    "kind": PassKind,
    "id_kind": IdKind,
    "colour": Colour,
    "word": Tone,
    "person": PersonKind,
    "number_fault": NumberFault,
    "badge": BadgeResult,
    "duty": Role,
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def keys_in_the_code() -> Iterator[str]:
    """Literal keys, such as `key.language`."""
    literal = re.compile(
        r'"((?:button|key|idle|detail|choose|done|temperature|duty|note|walk_in)\.[a-z_]+)"'
    )
    for file in Path(scanner.kiosk.__file__).parent.rglob("*.py"):
        yield from literal.findall(file.read_text("utf-8"))


def test_chinese_and_english_are_shipped() -> None:
    assert set(SHIPPED) >= {"zh_CN", "en"}


@pytest.mark.parametrize("language", SHIPPED)
def test_no_message_is_missing_or_empty(language: str) -> None:
    chinese, other = load("zh_CN").messages, load(language).messages
    assert other.keys() == chinese.keys()
    assert [key for key, text in other.items() if not text.strip()] == []


@pytest.mark.parametrize("language", SHIPPED)
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    chinese, other = load("zh_CN").messages, load(language).messages
    for key, text in chinese.items():
        assert placeholders(other[key]) == placeholders(text), key


@pytest.mark.parametrize("language", SHIPPED)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_everything_the_gate_can_say_has_words(language: str, prefix: str) -> None:
    messages = load(language).messages
    assert [
        str(code) for code in PREFIXES[prefix] if f"{prefix}.{code.value}" not in messages
    ] == []


@pytest.mark.parametrize("language", SHIPPED)
def test_every_verdict_has_a_headline(language: str) -> None:
    words = load(language)
    guards = (None, *GuardDecision)
    for decision, reason, guard, recorded in product(
        Decision, set(Reason) - {Reason.OK}, guards, (True, False)
    ):
        reasons = (Reason.OK,) if decision is Decision.ADMIT else (reason,)
        shown = present(
            a_verdict(decision=decision, reasons=reasons, guard=guard, recorded=recorded)
        )
        assert all(words(key) for key in (shown.word, shown.title, shown.advice))


@pytest.mark.parametrize("language", SHIPPED)
@pytest.mark.parametrize("kind", ForeignKind)
def test_every_foreign_code_is_named_politely(language: str, kind: ForeignKind) -> None:
    words = load(language)
    reasons = (Reason.NOT_A_HEALTH_CODE,)
    shown = present(a_verdict(decision=Decision.CHECK, reasons=reasons, foreign=kind))
    title, advice = words(shown.title), words(shown.advice)
    assert title.endswith({"zh_CN": "，不是健康码", "en": ", not a health code"}[language])
    assert advice in ("请出示健康码", "Please show the health code")
    assert len(title) <= 60, "a headline is read from three metres"


@pytest.mark.parametrize("language", SHIPPED)
def test_every_trouble_has_a_title_and_a_remedy(language: str) -> None:
    messages = load(language).messages
    for trouble in Trouble:
        assert f"trouble.{trouble.value}.title" in messages
        assert f"trouble.{trouble.value}.remedy" in messages


@pytest.mark.parametrize("language", SHIPPED)
def test_every_pin_that_is_asked_for_and_every_note_has_words(language: str) -> None:
    messages = load(language).messages
    wanted = {f"pin.{purpose.value}.{part}" for purpose in PinFor for part in ("title", "advice")}
    wanted |= {f"note.{note}" for note in NOTES}
    assert wanted - messages.keys() == set()


def test_every_key_in_the_code_exists() -> None:
    known = load("en").messages
    keys = set(keys_in_the_code())
    assert len(keys) > 20
    assert keys - known.keys() == set()


def test_ages_are_written_in_the_language() -> None:
    assert load("zh_CN").age(180) == "3分钟"
    assert load("en").age(180) == "3 minutes"


def test_days_and_hours_are_never_rounded_to_larger_units() -> None:
    assert (load("zh_CN").days(40), load("zh_CN").hours(36)) == ("40天", "36小时")
    assert (load("en").days(40), load("en").hours(36)) == ("40 days", "36 hr")


def test_the_sites_first_language_is_the_large_one() -> None:
    chosen = speech(("en", "zh_CN"))
    assert (chosen.large.language, chosen.small.language) == ("en", "zh_CN")
    assert chosen.switched().large.language == "zh_CN"


def test_languages_that_are_not_shipped_are_passed_over() -> None:
    assert speech(("tlh", "en")).large.language == "en"
