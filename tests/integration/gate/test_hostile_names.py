"""Names that a genuine issuer signed and that no screen, log or ledger may suffer from."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.verify_words import explain
from scanner.domain.issuers import EU
from scanner.domain.passes import DependantRecord, Holder, IdKind, PassKind
from scanner.domain.reasons import Reason
from scanner.formats.registry import inspect_pass
from scanner.gate.framing import frame
from scanner.gate.messages import VerdictShown
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Display
from scanner.kiosk.widgets.verdict_details import details_text, holder_line
from scanner.kiosk.words import speech
from tests.builders import NOW, a_code, a_key, a_ring
from tests.captured_log import captured_log
from tests.gate_builders import Gate

UNPRINTABLE = {
    "bidi override": "张\u202e三",
    "bidi isolate": "\u2066张三\u2069",
    "zero width": "张\u200b\u200d三",
    "escape sequence": "张\x1b[2J\x1b]0;owned\x07三",
    "C1 control": "张\x9b31m三",
    "line feed": "张\n三",
    "NUL": "张\0三",
    "line separator": "张\u2028三",
}
PRINTABLE = {
    "unmasked": ("张小三", "张*三"),
    "full-width star": ("张＊三", "张*三"),
    "stacked marks": ("张" + "\u0301" * 30 + "三", "张*"),
    "right to left": ("محمد علي", "م*** ع***"),
    "beyond the plane": ("𠀀小𠮷", "𠀀*𠮷"),
    "markup": ("[bold]张三[/]", "B***"),
    "no letter": ("98213", ""),
}


@dataclass(frozen=True)
class Traces:
    """Everything that one code left behind."""

    shown: VerdictShown
    screen: str
    logged: str
    ledger: bytes


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, (a_key(), a_key(EU)))
    yield gate
    gate.ledger.close()


def traces(gate: Gate, text: str) -> Traces:
    with captured_log() as logged:
        shown = gate.verdict(text)
    session = Session(Display(), None, speech(("zh_CN",)))
    screen = f"{holder_line(shown)}\n{details_text(session, shown).plain}"
    ledger = b"".join(path.read_bytes() for path in sorted(gate.folder.glob("ledger.db*")))
    return Traces(shown, screen, json.dumps(logged, default=str, ensure_ascii=False), ledger)


def named(name: str) -> str:
    return a_code(holder=Holder(name, IdKind.RESIDENT_CARD, "123X"))


@pytest.mark.parametrize("name", UNPRINTABLE.values(), ids=UNPRINTABLE)
def test_a_health_code_with_an_unprintable_name_is_malformed(gate: Gate, name: str) -> None:
    for text in (named(name), a_code(dependant=DependantRecord("child", name))):
        left = traces(gate, text)
        assert left.shown.reasons == (Reason.MALFORMED,)
        assert left.shown.masked_name is None
        assert all(line.isprintable() for line in left.screen.split("\n"))
        for kept in (left.screen, left.logged):
            assert "张" not in kept
            assert "三" not in kept
        assert name.encode() not in left.ledger
        gate.wait(30)


@pytest.mark.parametrize(("name", "masked"), PRINTABLE.values(), ids=PRINTABLE)
def test_a_printable_name_is_masked_on_its_way_to_the_screen(
    gate: Gate, name: str, masked: str
) -> None:
    left = traces(gate, named(name))
    assert left.shown.masked_name == masked
    assert left.shown.id_suffix == "123X"
    assert all(line.isprintable() for line in left.screen.split("\n"))
    assert name not in left.screen
    assert name not in left.logged
    for trace in (name, masked, "123X"):
        if trace:
            assert trace.encode() not in left.ledger


@pytest.mark.parametrize("length", [41, 3_000])
def test_a_health_code_with_a_name_over_the_limit_is_refused_unread(
    gate: Gate, length: int
) -> None:
    left = traces(gate, named("张" * length))
    assert left.shown.masked_name is None
    assert "张" not in left.screen
    assert len(left.screen) < 200


@pytest.mark.parametrize("name", UNPRINTABLE.values(), ids=UNPRINTABLE)
def test_a_certificates_name_is_masked_and_nothing_unprintable_is_left(
    gate: Gate, name: str
) -> None:
    left = traces(gate, issue_eu_dcc(a_key(EU), now=NOW, surname=name, forename="\u202eAda"))
    assert left.shown.masked_name is not None
    assert left.shown.masked_name.startswith("A***")
    assert all(line.isprintable() for line in left.screen.split("\n"))
    for kept in (left.screen, left.logged, left.ledger.decode("latin-1")):
        assert name not in kept
        assert "owned" not in kept
    assert b"Ada" not in left.ledger


def test_a_very_long_name_of_a_certificate_is_cut(gate: Gate) -> None:
    left = traces(gate, issue_eu_dcc(a_key(EU), now=NOW, surname="A b" * 26, forename="c " * 40))
    assert len(left.shown.masked_name or "") <= 32
    assert len(frame(left.shown)) < 1000


TEXTS = {
    "scope": {"scope": "SCOPE\u3164［2J"},
    "relation": {"dependant": DependantRecord("RELATION", "李四五"), "kind": PassKind.DEPENDANT},
    "household": {"household": "HOUSEHOLD"},
    "reason class": {"reason_class": "REASONCLASS"},
    "policy version": {"policy_version": "POLICY"},
}


@pytest.mark.parametrize("changes", TEXTS.values(), ids=TEXTS)
def test_other_words_of_the_issuer_reach_neither_screen_nor_log_nor_ledger(
    gate: Gate, changes: dict[str, Any]
) -> None:
    left = traces(gate, a_code(**changes))
    assert left.shown.recorded
    for word in ("SCOPE", "RELATION", "李", "HOUSEHOLD", "REASONCLASS", "POLICY"):
        assert word not in left.screen
        assert word not in left.logged
        assert word.encode() not in frame(left.shown)
        assert word.encode() not in left.ledger


@pytest.mark.parametrize("country", ["\x1b[", "\u202eA", "A\n", "张三"])
def test_a_country_that_is_none_is_not_shown(gate: Gate, country: str) -> None:
    left = traces(gate, issue_eu_dcc(a_key(EU), now=NOW, country=country))
    assert left.shown.country is None
    assert all(line.isprintable() for line in left.screen.split("\n"))


@pytest.mark.parametrize("issuer", ["\x1b[", "3\u202e", "３３", "33\n", "33 "])
def test_an_issuer_that_is_not_two_digits_is_unreadable(gate: Gate, issuer: str) -> None:
    left = traces(gate, a_code(issuer=issuer))
    assert (left.shown.reasons, left.shown.issuer) == ((Reason.MALFORMED,), None)


def test_the_terminal_of_an_operator_is_not_steered_either() -> None:
    keys = a_ring(a_key(), a_key(EU))
    texts = [
        a_code(scope="scope\u0301", dependant=DependantRecord("child", "李四五")),
        issue_eu_dcc(a_key(EU), now=NOW, surname=UNPRINTABLE["escape sequence"]),
    ]
    for text in texts:
        lines = list(explain(inspect_pass(text, keys, NOW)))
        assert "It says:" in lines
        assert all(line.isprintable() for line in lines)
        assert not any("李四" in line for line in lines)
