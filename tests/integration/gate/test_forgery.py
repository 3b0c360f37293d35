"""Row 12, from the code's text to the ledger: what is suspected to be forged, and what is not.

`docs/forgery.md` has the table that these tests play.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.domain.entries import Entry, encode_entry
from scanner.domain.passes import Algorithm, Colour
from scanner.domain.reasons import Reason
from scanner.domain.suspicion import SUSPECTED
from scanner.domain.verdicts import Decision
from scanner.formats import base45, cose
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.issuing.phone import Phone
from scanner.policy.rules import ResultRules, RuleSet, Strict
from tests.builders import (
    NOW,
    P256_ORDER,
    a_bound_code,
    a_code,
    a_key,
    a_pass,
    a_phone,
    a_sign1,
    as_health_text,
)
from tests.gate_builders import Gate, Keys

KNOWN = a_key("33")
CITY = a_key("44", division="440100")
CURVE = a_key("31", Algorithm.ES256)
TAKEN_BACK = a_key("31")
DAY = timedelta(days=1)
PAGE = Path(__file__).parents[3] / "docs" / "forgery.md"


def a_gate(folder: Path, rules: RuleSet | None = None) -> Gate:
    folder.mkdir(exist_ok=True)
    gate = Gate(folder, [KNOWN, CITY, CURVE], rules)
    stolen = replace(TAKEN_BACK.trusted(), revoked_at=NOW - DAY)
    gate.pipeline.judge.trust = Keys([*(key.trusted() for key in gate.issuers), stolen])
    return gate


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return a_gate(tmp_path)


def forged(real: IssuerKey = KNOWN) -> str:
    """Signed by somebody who has no key of that issuer, under the id of one."""
    thief = IssuerKey.generate(real.issuer, real.algorithm)
    return issue_health_code(a_pass(issuer=real.issuer), replace(thief, key_id=real.key_id))


def altered() -> str:
    """A genuine code in which one word of the signed claims was turned."""
    text = a_code(code_id=b"genuine")
    return as_health_text(base45.decode(text.partition(":")[2]).replace(b"genuine", b"GENUINE"))


def of_a_strange_phone() -> str:
    """A genuine code of today that another phone than its holder's vouches for."""
    copied = a_phone().receives(a_bound_code())
    return replace(copied, private_key=Phone.new().private_key).presents(NOW)


SUSPICIOUS = [
    ("forged", forged, Decision.REFUSE, Reason.BAD_SIGNATURE, "33"),
    ("altered", altered, Decision.REFUSE, Reason.BAD_SIGNATURE, "33"),
    ("another phone's", of_a_strange_phone, Decision.REFUSE, Reason.BAD_SIGNATURE, "33"),
    (
        "a key that nobody knows",
        lambda: a_code(a_key("33", Algorithm.PS256)),
        Decision.CHECK,
        Reason.UNKNOWN_KEY,
        "33",
    ),
    (
        "a key that was taken back",
        lambda: a_code(TAKEN_BACK, issuer="31"),
        Decision.REFUSE,
        Reason.KEY_REVOKED,
        "31",
    ),
    (
        "a city's key for another city",
        lambda: a_code(CITY, issuer="44", division="440300"),
        Decision.REFUSE,
        Reason.WRONG_KEY_USAGE,
        "44",
    ),
]


@pytest.mark.parametrize(
    ("text", "decision", "reason", "issuer"),
    [row[1:] for row in SUSPICIOUS],
    ids=[row[0] for row in SUSPICIOUS],
)
def test_a_suspected_forgery_leaves_its_digest_and_whose_it_claims_to_be(
    gate: Gate, text: Callable[[], str], decision: Decision, reason: Reason, issuer: str
) -> None:
    shown = gate.verdict(text())
    assert (shown.decision, shown.reasons) == (decision, (reason,))
    (entry,) = gate.entries()
    assert (entry.decision, entry.reasons) == (decision, (reason,))
    assert re.fullmatch("[0-9a-f]{64}", entry.digest or "")
    assert entry.claimed_issuer == issuer


GENUINE_OR_NO_PASS = [
    ("expired", lambda: a_code(expires_at=NOW - DAY, issued_at=NOW - 2 * DAY), Reason.EXPIRED),
    ("from tomorrow", lambda: a_code(issued_at=NOW + DAY), Reason.NOT_YET_VALID),
    ("a copied screen", lambda: _presented(timedelta(minutes=5)), Reason.SCREENSHOT),
    ("a code without its phone", a_bound_code, Reason.HOLDER_UNPROVEN),
    (
        "an issuer that nobody knows",
        lambda: a_code(a_key("65"), issuer="65"),
        Reason.UNKNOWN_ISSUER,
    ),
    ("half a code", lambda: a_code()[:-9], Reason.MALFORMED),
    ("a payment code", lambda: "https://qr.alipay.com/fkx07", Reason.NOT_A_HEALTH_CODE),
    ("red", lambda: a_code(colour=Colour.RED), Reason.COLOUR_RED),
]


def _presented(ago: timedelta) -> str:
    return a_phone().receives(a_bound_code()).presents(NOW - ago)


@pytest.mark.parametrize(
    ("text", "reason"),
    [row[1:] for row in GENUINE_OR_NO_PASS],
    ids=[row[0] for row in GENUINE_OR_NO_PASS],
)
def test_what_is_no_forgery_leaves_no_digest(
    gate: Gate, text: Callable[[], str], reason: Reason
) -> None:
    gate.verdict(text())
    (entry,) = gate.entries()
    assert reason in entry.reasons
    assert (entry.digest, entry.claimed_issuer) == (None, None)


def test_a_superseded_code_that_is_shown_again_is_no_forgery(gate: Gate) -> None:
    older = a_code(colour=Colour.RED, issued_at=NOW - timedelta(minutes=4), code_id=b"older")
    gate.verdict(a_code())
    gate.wait(60)
    gate.verdict(older)
    entry = gate.entries()[-1]
    assert Reason.SUPERSEDED in entry.reasons
    assert entry.digest is None


def test_one_forgery_has_one_digest_at_every_gate_and_however_it_is_written(
    tmp_path: Path,
) -> None:
    text = a_code(IssuerKey.generate("31", Algorithm.ES256), issuer="31")
    twin = _with_the_other_signature(text)
    assert text != twin
    assert _digest(a_gate(tmp_path / "east"), text) == _digest(a_gate(tmp_path / "west"), twin)


def test_two_forgeries_have_two_digests(gate: Gate) -> None:
    first, other = (
        a_code(a_key("33", Algorithm.PS256)),
        a_code(a_key("33", Algorithm.PS256), code_id=b"code-002"),
    )
    assert _digest(gate, first) != _digest(gate, other)


def _with_the_other_signature(text: str) -> str:
    """(r, order - s) is as good a signature as (r, s)."""
    envelope = cose.parse(base45.decode(text.partition(":")[2]), strict=True)
    r, s = envelope.signature[:32], int.from_bytes(envelope.signature[32:], "big")
    other = r + (P256_ORDER - s).to_bytes(32, "big")
    message = a_sign1(envelope.payload, CURVE, protected=envelope.protected, signature=other)
    return as_health_text(message)


def _digest(gate: Gate, text: str) -> str | None:
    gate.wait(30)
    gate.verdict(text)
    return gate.entries()[-1].digest


def test_a_site_refuses_unknown_keys_and_none_admits_a_wrong_signature(tmp_path: Path) -> None:
    strict = RuleSet(results=ResultRules(unknown_key=Strict.REFUSE))
    gate = a_gate(tmp_path, strict)
    assert gate.verdict(a_code(a_key("33", Algorithm.PS256))).decision is Decision.REFUSE
    lenient = RuleSet(results=ResultRules(wrong_key_usage=Strict.CHECK, key_revoked=Strict.CHECK))
    gate = a_gate(tmp_path / "lenient", lenient)
    assert gate.verdict(a_code(TAKEN_BACK, issuer="31")).decision is Decision.CHECK
    assert gate.verdict(forged()).decision is Decision.REFUSE


def test_nothing_that_a_forged_code_says_gets_into_its_entry(gate: Gate) -> None:
    gate.verdict(forged())
    line = encode_entry(gate.entries()[-1]).decode()
    for told in ("张", "123X", "code-001", "green", "JKM1"):
        assert told not in line


def test_a_suspicion_holds_no_visit_open_and_names_no_holder(gate: Gate) -> None:
    shown = gate.verdict(forged())
    assert shown.final
    assert (shown.masked_name, shown.issuer, shown.colour) == (None, None, None)


def _suspected(entries: list[Entry]) -> int:
    return sum(entry.digest is not None for entry in entries)


def test_a_forgery_that_is_shown_anew_is_recorded_anew(gate: Gate) -> None:
    text = forged()
    for _ in range(3):
        gate.verdict(text)
        gate.wait(60)
    assert _suspected(gate.entries()) == 3


def test_the_page_names_every_reason_that_is_suspected() -> None:
    named = set(re.findall(r"^\| `(\w+)` .*\| yes", PAGE.read_text("utf-8"), re.MULTILINE))
    assert named == set(SUSPECTED)
