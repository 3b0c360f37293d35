"""Rows 1 to 8 of the field at gates that know where they stand: from a text to the ledger."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from config.recognition import load_recognition, read_recognition
from scanner.domain.passes import Algorithm, Colour, PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.gate.messages import VerdictShown
from scanner.gate.site_recognition import SiteRecognition
from scanner.issuing.health_code import as_link
from scanner.issuing.keys import IssuerKey
from scanner.issuing.pilot_repository import publish_pilot
from scanner.policy.recognition import HostRecognition, Mode, RecognitionRow
from scanner.trust.aged_bundle import AgedBundle, Lamps
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.layout import RECOGNITION
from scanner.trust.staleness import Limits
from tests.builders import NOW, a_code, a_key
from tests.gate_builders import Gate
from tests.recognition_builders import a_host, a_row

ALIPAY = "https://qr.alipay.example/s7x0?app=health&t=1"
WECHAT = "https://mp.weixin.example/a/~~abc~~?wxfrom=5"
ALIBABA = ("33", "46", "51", "50", "31", "11", "12", "14", "42", "53", "52")
TENCENT = ("53", "52", "440100", "31", "12", "440300", "50", "420100")
SECOND_OF_SHANGHAI = a_key("31", Algorithm.ES256)
KEYS = [
    *(a_key(issuer) for issuer in {"00", "13", "41", "43", "44", *ALIBABA}),
    *(a_key(city[:2], division=city) for city in ("330100", "440100", "440300", "420100")),
    SECOND_OF_SHANGHAI,
]
SHIPPED = load_recognition()
YELLOW_IS_RED = {Colour.YELLOW: Colour.RED}
POLICY = "default-1 / mutual-2020-04"


def code(issuer: str, colour: Colour = Colour.GREEN, **changes: object) -> str:
    """Of a province (two digits) or of a city's own back end (six)."""
    if len(issuer) == len("33"):
        return a_code(a_key(issuer), issuer=issuer, colour=colour, **changes)
    key = a_key(issuer[:2], division=issuer)
    return a_code(key, issuer=issuer[:2], division=issuer, colour=colour, **changes)


def national(colour: Colour = Colour.GREEN) -> str:
    return code("00", colour, kind=PassKind.NATIONAL)


Open = Callable[[HostRecognition], Gate]


@pytest.fixture
def gate_at(tmp_path: Path) -> Iterator[Open]:
    gates: list[Gate] = []

    def open_gate(host: HostRecognition) -> Gate:
        gates.append(Gate(tmp_path, KEYS, host=host))
        return gates[-1]

    yield open_gate
    for gate in gates:
        gate.ledger.close()


@dataclass(frozen=True)
class Row:
    """One code at one host under the shipped matrix, and what comes of it."""

    number: int
    what: str
    host: str
    text: str
    decision: Decision = Decision.ADMIT
    reasons: tuple[Reason, ...] = (Reason.OK,)


def not_yet(number: int, what: str, host: str, text: str) -> Row:
    return Row(number, what, host, text, Decision.CHECK, (Reason.NOT_RECOGNISED,))


ROWS = [
    *(
        Row(1, f"national code by {carrier} at {host}", host, text)
        for host in ("33", "540000", "330106")
        for carrier, text in (
            ("nothing", national()),
            ("Alipay", as_link(national(), ALIPAY)),
            ("WeChat", as_link(national(), WECHAT)),
        )
    ),
    Row(
        1,
        "a red national code",
        "33",
        national(Colour.RED),
        Decision.REFUSE,
        (Reason.COLOUR_RED,),
    ),
    Row(2, "Zhejiang's code at a host that lists it", "46", code("33")),
    not_yet(2, "Zhejiang's code at one that does not", "44", code("33")),
    *(Row(3, f"{issuer} at home", issuer, code(issuer)) for issuer in ALIBABA),
    *(
        not_yet(3, f"{issuer} in Hangzhou", "330100", code(issuer))
        for issuer in ALIBABA
        if issuer not in ("33", "46")
    ),
    *(Row(4, f"{issuer} at home", issuer, code(issuer)) for issuer in TENCENT),
    Row(4, "Shenzhen's back end in Guangzhou", "440100", code("440300")),
    not_yet(4, "Shenzhen's back end in Hangzhou", "330100", code("440300")),
    Row(4, "Shanghai's other back end", "31", a_code(SECOND_OF_SHANGHAI, issuer="31")),
    Row(5, "Hainan in Hangzhou", "330100", code("46")),
    Row(5, "Hangzhou's back end in Hainan", "46", code("330100")),
    Row(5, "Henan in Zhejiang", "33", code("41")),
    Row(5, "Zhejiang in Henan", "410100", code("33")),
    not_yet(5, "Hainan in Henan", "41", code("46")),
    not_yet(5, "Henan in Hainan", "46", code("41")),
    not_yet(5, "Hunan, which is not Henan, in Zhejiang", "33", code("43")),
    Row(
        5,
        "a yellow code of Hainan",
        "33",
        code("46", Colour.YELLOW),
        Decision.CHECK,
        (Reason.COLOUR_YELLOW,),
    ),
    Row(
        5,
        "a red code from where nothing is recognised",
        "41",
        code("46", Colour.RED),
        Decision.REFUSE,
        (Reason.COLOUR_RED, Reason.NOT_RECOGNISED),
    ),
    *(
        Row(6, f"{issuer} at {host}", host, code(issuer))
        for host in ("110105", "12", "130100")
        for issuer in ("11", "12", "13")
    ),
    not_yet(6, "Shanxi, which is not Hebei, in Beijing", "11", code("14")),
    not_yet(7, "Guangdong, known and not yet connected", "33", code("44")),
    Row(
        8,
        "a province without keys here",
        "33",
        code("65"),
        Decision.CHECK,
        (Reason.UNKNOWN_ISSUER,),
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number}-{row.what}")
def test_a_row_of_the_domain_where_the_gate_stands(gate_at: Open, row: Row) -> None:
    gate = gate_at(HostRecognition(SHIPPED, row.host))
    shown = gate.verdict(row.text)
    assert (shown.decision, shown.reasons) == (row.decision, row.reasons)
    (entry,) = gate.entries()
    assert (entry.decision, entry.reasons, entry.policy) == (row.decision, row.reasons, POLICY)


def test_row_2_zhejiangs_code_where_every_host_lists_it(gate_at: Open) -> None:
    assert gate_at(a_host("54", a_row("*", "33"))).verdict(code("33")).decision is Decision.ADMIT


@pytest.mark.parametrize(("host", "issuer"), [("11", "13"), ("12", "11"), ("130600", "12")])
def test_row_6_what_is_promoted_counts_from_its_day_on(
    gate_at: Open, host: str, issuer: str
) -> None:
    begins = NOW + timedelta(minutes=5)
    gate = gate_at(a_host(host, a_row(host[:2], issuer, valid_from=begins)))
    before = gate.verdict(code(issuer))
    assert (before.decision, before.reasons) == (Decision.CHECK, (Reason.NOT_RECOGNISED,))
    gate.wait(299)
    assert gate.verdict(code(issuer)).decision is Decision.CHECK
    gate.wait(2)
    fresh = code(issuer, issued_at=begins, code_id=b"after")
    assert gate.verdict(fresh).decision is Decision.ADMIT
    assert [entry.decision for entry in gate.entries()] == ["CHECK", "CHECK", "ADMIT"]


def test_row_7_a_new_issuer_is_known_and_recognised_by_one_signed_bundle(
    gate_at: Open, tmp_path: Path
) -> None:
    site = SiteRecognition(SHIPPED, "330100", read_recognition)
    gate = gate_at(site.host)
    guangxi = IssuerKey.generate("45")
    text = a_code(guangxi, issuer="45")
    assert gate.verdict(text).reasons == (Reason.UNKNOWN_ISSUER,)

    publisher = publish_pilot(tmp_path, (*KEYS, guangxi), NOW)
    bundle = load_bundle(tmp_path / "repository", publisher.pinned_root)
    gate.pipeline.judge.trust = AgedBundle(bundle, Limits(), Lamps())
    assert not site.take(bundle.small)
    gate.wait(5)
    assert gate.verdict(text).reasons == (Reason.NOT_RECOGNISED,)

    row = b'version = "b-2"\n[[row]]\nhost = "33"\nissuer = "45"\nmode = "verify"\n'
    publisher.put("targets", RECOGNITION, row, NOW)
    publisher.publish(tmp_path / "repository", NOW)
    assert site.take(load_bundle(tmp_path / "repository", publisher.pinned_root).small)
    gate.pipeline.judge.host = site.host
    gate.wait(5)
    assert gate.verdict(text).decision is Decision.ADMIT
    assert [entry.policy for entry in gate.entries()] == [POLICY, POLICY, "default-1 / b-2"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (None, Reason.NOT_RECOGNISED),
        (a_row("33", "44", Mode.SHOW), Reason.SHOWN_ONLY),
        (a_row("33", "44", Mode.NONE), Reason.RECOGNITION_DENIED),
    ],
)
def test_row_8_a_guard_passes_the_holder_of_what_the_machine_does_not_take(
    gate_at: Open, row: RecognitionRow | None, reason: Reason
) -> None:
    gate = gate_at(a_host("33", *([row] if row else [])))
    asked = gate.verdict(code("44"))
    assert (asked.decision, asked.reasons, asked.final) == (Decision.CHECK, (reason,), True)
    shown, _ = gate.decide(asked.visit, admit=True, reason=GuardReason.ID_REGISTERED)
    assert isinstance(shown, VerdictShown)
    assert shown.guard is GuardDecision.ADMITTED_BY_GUARD


def test_a_converted_colour_is_recorded_beside_what_the_code_shows(gate_at: Open) -> None:
    convert = a_row("440403", "*", Mode.CONVERT, colours=YELLOW_IS_RED)
    gate = gate_at(a_host("440403", convert))
    shown = gate.verdict(code("33", Colour.YELLOW))
    assert (shown.decision, shown.colour) == (Decision.REFUSE, Colour.YELLOW)
    (entry,) = gate.entries()
    assert entry.colour is Colour.YELLOW
    assert entry.reasons[:2] == (Reason.COLOUR_RED, Reason.COLOUR_CONVERTED)
    emergency = GuardReason.EMERGENCY_MEDICAL
    gate.decide(shown.visit, admit=True, reason=GuardReason.STAFF_ON_DUTY)
    gate.decide(shown.visit, admit=True, reason=emergency)
    assert [each.guard_reason for each in gate.entries()[1:]] == [emergency]
