"""What the field asks of a gate, by the number of its row, from the code's text to the ledger.

The gate here was not told where it stands; `test_recognition_rows.py` has rows 1 to 8 at gates that
were. The others that are missing here have their tests beside what they are about.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from scanner.domain.passes import (
    Algorithm,
    Colour,
    DependantRecord,
    Holder,
    IdKind,
    PassKind,
)
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.domain.walk_ins import PersonKind
from scanner.gate.messages import VerdictShown
from scanner.issuing.health_code import as_link
from scanner.issuing.keys import IssuerKey
from scanner.issuing.pilot_repository import publish_pilot
from scanner.trust.aged_bundle import AgedBundle, Lamps
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.staleness import Limits
from tests.builders import NOW, a_bound_code, a_code, a_key, a_phone
from tests.gate_builders import Gate

NATIONAL = a_key("00")
ALIBABA = ("33", "46", "51", "50", "31", "11", "12", "14", "42", "53", "52")
TENCENT = ("53", "52", "44", "31", "12", "50", "42")
CITIES = {
    division: a_key(division[:2], division=division)
    for division in ("440100", "440300", "420100", "330100")
}
SECOND_OF_SHANGHAI = a_key("31", Algorithm.ES256)
PROVINCES = {issuer: a_key(issuer) for issuer in {*ALIBABA, *TENCENT}}
KEYS = [NATIONAL, *PROVINCES.values(), *CITIES.values(), SECOND_OF_SHANGHAI]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, KEYS)
    yield gate
    gate.ledger.close()


def _national(colour: Colour = Colour.GREEN) -> str:
    return a_code(NATIONAL, issuer="00", kind=PassKind.NATIONAL, colour=colour)


def _city(division: str, colour: Colour = Colour.GREEN) -> str:
    return a_code(CITIES[division], issuer=division[:2], division=division, colour=colour)


def _held_by(id_kind: IdKind, suffix: str, name: str) -> str:
    return a_code(holder=Holder(name, id_kind, suffix))


@dataclass(frozen=True)
class Row:
    """One code, and what the gate makes of it."""

    number: int
    what: str
    text: Callable[[], str]
    decision: Decision
    reasons: tuple[Reason, ...] = ()
    issuer: str | None = "33"


def _admits(number: int, what: str, text: Callable[[], str], issuer: str | None = "33") -> Row:
    return Row(number, what, text, Decision.ADMIT, (Reason.OK,), issuer)


ALIPAY = "https://qr.alipay.example/s7x0?app=health&t=1"
ZHELIBAN = "https://zhe.example/zlb/jkm.html"
WECHAT = "https://mp.weixin.example/a/~~abc~~?wxfrom=5"

ROWS = [
    _admits(1, "national code, bare", _national, "00"),
    _admits(1, "national code, from Alipay", lambda: as_link(_national(), ALIPAY), "00"),
    _admits(1, "national code, from WeChat", lambda: as_link(_national(), WECHAT), "00"),
    *(
        _admits(3, f"code of {issuer}", partial(a_code, PROVINCES[issuer], issuer=issuer), issuer)
        for issuer in ALIBABA
    ),
    _admits(4, "Yunnan", lambda: a_code(PROVINCES["53"], issuer="53"), "53"),
    _admits(4, "Guangzhou", lambda: _city("440100"), "44"),
    _admits(4, "Shenzhen", lambda: _city("440300"), "44"),
    _admits(4, "Wuhan", lambda: _city("420100"), "42"),
    _admits(4, "Shanghai, one back end", lambda: a_code(PROVINCES["31"], issuer="31"), "31"),
    _admits(4, "Shanghai, the other", lambda: a_code(SECOND_OF_SHANGHAI, issuer="31"), "31"),
    Row(
        4,
        "Guangzhou's back end for Shenzhen",
        lambda: a_code(CITIES["440100"], issuer="44", division="440300"),
        Decision.REFUSE,
        (Reason.WRONG_KEY_USAGE,),
        "44",
    ),
    Row(
        8,
        "a province without keys here",
        lambda: a_code(a_key("65"), issuer="65"),
        Decision.CHECK,
        (Reason.UNKNOWN_ISSUER,),
        None,
    ),
    Row(
        8,
        "a new key of a known province",
        lambda: a_code(a_key("33", Algorithm.PS256)),
        Decision.CHECK,
        (Reason.UNKNOWN_KEY,),
        None,
    ),
    Row(
        14,
        "an elder's paper pass",
        lambda: a_code(kind=PassKind.PAPER, scope="Block 3"),
        Decision.CHECK,
        (Reason.TEMPERATURE_NEEDED,),
    ),
    Row(
        14,
        "a child's pass",
        lambda: a_code(kind=PassKind.DEPENDANT, dependant=DependantRecord("parent", "张*")),
        Decision.CHECK,
        (Reason.TEMPERATURE_NEEDED,),
    ),
    _admits(14, "a visitor's day pass", lambda: a_code(kind=PassKind.VISITOR)),
    _admits(18, "scanned with Alipay", lambda: as_link(a_code(), ALIPAY)),
    _admits(18, "scanned with Zheliban", lambda: as_link(_city("330100"), ZHELIBAN)),
    _admits(18, "scanned with WeChat", lambda: as_link(a_code(), WECHAT)),
    _admits(
        18,
        "bound to a phone, in a link",
        lambda: as_link(a_phone().receives(a_bound_code()).presents(NOW), ALIPAY),
    ),
    _admits(22, "passport", lambda: _held_by(IdKind.PASSPORT, "77AB", "J*** S***")),
    _admits(22, "Hong Kong", lambda: _held_by(IdKind.HONG_KONG_MACAU_PERMIT, "0123", "陈*文")),
    _admits(22, "Taiwan", lambda: _held_by(IdKind.TAIWAN_PERMIT, "4567", "林*")),
    _admits(22, "another document", lambda: _held_by(IdKind.OTHER, "Z9Z9", "A***")),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number}-{row.what}")
def test_a_row_of_the_domain(gate: Gate, row: Row) -> None:
    shown = gate.verdict(row.text())
    assert (shown.decision, shown.reasons, shown.issuer) == (
        row.decision,
        row.reasons,
        row.issuer,
    )
    (entry,) = gate.entries()
    assert (entry.decision, entry.reasons, entry.issuer) == (
        row.decision,
        row.reasons,
        row.issuer,
    )


def test_row_1_two_carriers_of_one_code_are_one_presentation(gate: Gate) -> None:
    code = _national()
    gate.verdict(as_link(code, ALIPAY))
    assert gate.show(as_link(code, WECHAT)) == []
    assert len(gate.entries()) == 1


def test_row_4_a_city_is_recorded_with_its_division(gate: Gate) -> None:
    gate.verdict(_city("440300"))
    assert [entry.division for entry in gate.entries()] == ["440300"]


def test_row_7_a_new_issuer_comes_with_the_signed_bundle_alone(gate: Gate, tmp_path: Path) -> None:
    guangxi = IssuerKey.generate("45")
    text = a_code(guangxi, issuer="45")
    assert gate.verdict(text).reasons == (Reason.UNKNOWN_ISSUER,)
    publisher = publish_pilot(tmp_path, (*KEYS, guangxi), NOW)
    bundle = load_bundle(tmp_path / "repository", publisher.pinned_root)
    gate.pipeline.judge.trust = AgedBundle(bundle, Limits(), Lamps())
    gate.wait(5)
    assert gate.verdict(text).decision is Decision.ADMIT
    assert gate.entries()[-1].trust == "1.1"


def test_row_8_a_guard_passes_the_holder_of_an_unknown_code_by_hand(gate: Gate) -> None:
    asked = gate.verdict(a_code(a_key("65"), issuer="65"))
    shown, _ = gate.decide(asked.visit, admit=True, reason=GuardReason.ID_REGISTERED)
    assert isinstance(shown, VerdictShown)
    assert shown.guard is GuardDecision.ADMITTED_BY_GUARD


TEN = timedelta(minutes=10)


def _of(colour: Colour, minutes: int) -> str:
    """A code that was issued so many minutes after nine."""
    issued_at = NOW + timedelta(minutes=minutes)
    return a_code(
        colour=colour,
        issued_at=issued_at,
        expires_at=issued_at + TEN,
        code_id=f"{colour}{minutes}".encode(),
    )


def test_row_13_red_at_nine_and_green_at_ten_past(gate: Gate) -> None:
    red, green = _of(Colour.RED, 0), _of(Colour.GREEN, 10)
    assert gate.verdict(red).decision is Decision.REFUSE
    gate.wait(600)
    assert gate.verdict(green).decision is Decision.ADMIT
    gate.wait(5)
    again = gate.verdict(red)
    assert again.decision is Decision.REFUSE
    assert again.reasons[0] is Reason.COLOUR_RED
    assert Reason.SUPERSEDED in again.reasons


def test_row_13_a_green_of_before_does_not_come_back_after_red(gate: Gate) -> None:
    green, red = _of(Colour.GREEN, -2), _of(Colour.RED, 0)
    assert gate.verdict(red).decision is Decision.REFUSE
    gate.wait(5)
    again = gate.verdict(green)
    assert (again.decision, again.reasons) == (Decision.CHECK, (Reason.SUPERSEDED,))
    gate.wait(600)
    late = gate.verdict(_of(Colour.GREEN, -10))
    assert late.decision is Decision.CHECK
    assert Reason.SUPERSEDED in late.reasons


def test_row_13_another_persons_older_code_is_not_touched(gate: Gate) -> None:
    gate.verdict(_of(Colour.RED, 0))
    other = a_code(
        issued_at=NOW - timedelta(minutes=2),
        holder=Holder("李*", IdKind.RESIDENT_CARD, "9876"),
    )
    assert gate.verdict(other).decision is Decision.ADMIT


def test_row_14_nobody_passes_on_paper_without_a_temperature(gate: Gate) -> None:
    asked = gate.verdict(a_code(kind=PassKind.PAPER))
    gate.wait(119)
    assert [entry.decision for entry in gate.entries()] == [Decision.CHECK]
    shown, _ = gate.measure(asked.visit, 36.5)
    assert isinstance(shown, VerdictShown)
    assert shown.decision is Decision.ADMIT


def test_row_14_an_elder_without_anything_is_the_guards_to_register(gate: Gate) -> None:
    asked, _ = gate.walk_in(PersonKind.ELDER)
    assert isinstance(asked, VerdictShown)
    gate.measure(asked.visit, 36.5)
    entry = gate.entries()[-1]
    assert entry.guard_reason is GuardReason.ELDER_WITHOUT_PHONE


@pytest.mark.parametrize("id_kind", IdKind)
def test_row_22_the_guard_sees_which_document_to_compare(gate: Gate, id_kind: IdKind) -> None:
    shown = gate.verdict(_held_by(id_kind, "77AB", "J*** S***"))
    assert (shown.masked_name, shown.id_kind, shown.id_suffix) == ("J*** S***", id_kind, "77AB")
