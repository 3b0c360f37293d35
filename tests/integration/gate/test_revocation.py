"""Codes and keys that their issuers took back, at the gate: refused, recorded, said in words."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from scanner.domain.entries import EntryType, TrustWay
from scanner.domain.passes import Colour, PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Decision
from scanner.formats.checks import Check
from scanner.formats.registry import READERS, inspect_pass, read_pass
from scanner.gate.messages import CommandResult, ErrorCode, TrustChanged, VerdictShown
from scanner.kiosk.presentation import present
from scanner.kiosk.words import load
from scanner.publishing.revocation import (
    change,
    code_hashes,
    pass_hashes,
    publish_list,
    write_filter,
)
from scanner.trust.key_ring import KeyRing
from scanner.trust.keys import NO_REVOCATIONS, Revocations
from scanner.trust.revocation.hashes import code_hash, pass_hash
from scanner.trust.revocation.index import FILTER_NAME
from tests.builders import NOW, a_bound_code, a_code, a_key, a_phone, a_ring
from tests.fuzz.originals import Original, fresh
from tests.gate_builders import Gate, Keys
from tests.revocation_builders import a_list, index_of

CODE_ID = b"code-001"


def trust(gate: Gate, revocations: Revocations) -> None:
    """As after an update: another trust store takes the place of the one in force."""
    keys = Keys(key.trusted() for key in gate.issuers)
    keys.revocations = revocations
    gate.pipeline.judge.trust = keys


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path, [a_key()])


CAME = TrustChanged(before="1.1", after="1.2", way=TrustWay.HUB, signers=())


def test_a_code_taken_back_while_a_thermometer_is_fetched_admits_nobody(
    gate: Gate, tmp_path: Path
) -> None:
    lists = a_list(tmp_path / "33")
    trust(gate, index_of(lists))
    asked = gate.verdict(a_code(kind=PassKind.PAPER, scope="A1", expires_at=NOW.replace(year=2027)))
    assert not asked.final

    gate.wait(5)
    change(lists, code_hashes("33", [CODE_ID]))
    trust(gate, index_of(lists))
    gate.pipeline.trust_changed(CAME, gate.now())
    assert gate.measure(asked.visit, 36.6) == [
        CommandResult(command=1, error=ErrorCode.NO_SUCH_VISIT)
    ]
    assert gate.entries()[-1].type is EntryType.ABANDONED


def test_a_bundle_that_stands_by_a_code_leaves_its_visit_open(gate: Gate, tmp_path: Path) -> None:
    asked = gate.verdict(a_code(kind=PassKind.PAPER, scope="A1", expires_at=NOW.replace(year=2027)))
    gate.wait(100)
    trust(gate, index_of(a_list(tmp_path / "33")))
    gate.pipeline.trust_changed(CAME, gate.now())
    shown = gate.measure(asked.visit, 36.6)[0]
    assert isinstance(shown, VerdictShown)
    assert shown.decision is Decision.ADMIT


def test_a_delta_between_two_scans_turns_admit_into_refuse_and_back(
    gate: Gate, tmp_path: Path
) -> None:
    lists = a_list(tmp_path / "33")
    trust(gate, index_of(lists))
    assert gate.verdict(a_code()).decision is Decision.ADMIT

    gate.wait(5)
    change(lists, code_hashes("33", [CODE_ID]))
    trust(gate, index_of(lists))
    shown = gate.verdict(a_code())
    assert (shown.decision, shown.reasons) == (Decision.REFUSE, (Reason.REVOKED,))
    assert shown.masked_name == "张*三"
    assert shown.recorded

    gate.wait(25)
    change(lists, [], code_hashes("33", [CODE_ID]))
    trust(gate, index_of(lists))
    assert gate.verdict(a_code()).decision is Decision.ADMIT
    assert [(entry.decision, entry.reasons) for entry in gate.entries()] == [
        (Decision.ADMIT, (Reason.OK,)),
        (Decision.REFUSE, (Reason.REVOKED,)),
        (Decision.ADMIT, (Reason.OK,)),
    ]


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Code was withdrawn"), ("zh_CN", "健康码已作废")]
)
def test_the_screen_says_that_a_code_was_taken_back(
    gate: Gate, tmp_path: Path, language: str, title: str
) -> None:
    trust(gate, index_of(a_list(tmp_path / "33", [code_hash("33", CODE_ID)])))
    assert load(language)(present(gate.verdict(a_code())).title) == title


def test_everything_that_is_wrong_is_listed(gate: Gate, tmp_path: Path) -> None:
    trust(gate, index_of(a_list(tmp_path / "33", [code_hash("33", CODE_ID)])))
    red_and_late = a_code(colour=Colour.RED, expires_at=NOW - timedelta(minutes=5))
    assert set(gate.verdict(red_and_late).reasons) == {
        Reason.REVOKED, Reason.EXPIRED, Reason.COLOUR_RED,
    }  # fmt: skip


def test_where_only_a_filter_is_the_guard_looks(gate: Gate, tmp_path: Path) -> None:
    hashes = np.array([code_hash("33", CODE_ID)], np.uint64)
    write_filter(tmp_path / FILTER_NAME, hashes, bytes(32))
    folder = tmp_path / "33"
    folder.mkdir()
    (tmp_path / FILTER_NAME).rename(folder / FILTER_NAME)
    trust(gate, index_of(folder))
    shown = gate.verdict(a_code())
    assert (shown.decision, shown.reasons) == (Decision.CHECK, (Reason.PROBABLY_REVOKED,))


def test_a_phones_code_is_taken_back_for_all_its_refreshes(gate: Gate, tmp_path: Path) -> None:
    phone = a_phone().receives(a_bound_code())
    trust(gate, index_of(a_list(tmp_path / "33", [code_hash("33", CODE_ID)])))
    for _ in range(2):
        shown = gate.verdict(phone.presents(gate.now().at))
        assert shown.reasons == (Reason.REVOKED,)
        gate.wait(31)


def test_a_paper_pass_taken_back_while_its_temperature_is_awaited_is_refused_at_once(
    gate: Gate, tmp_path: Path
) -> None:
    paper = a_code(kind=PassKind.PAPER, expires_at=NOW + timedelta(days=90))
    first = gate.verdict(paper)
    assert not first.final
    gate.wait(5)
    trust(gate, index_of(a_list(tmp_path / "33", [code_hash("33", CODE_ID)])))
    second = gate.verdict(paper)
    assert (second.decision, second.final) == (Decision.REFUSE, True)
    assert second.visit != first.visit
    assert gate.wait(130), "the screen clears, and no question is left open behind it"
    assert gate.pipeline.on_screen is None


def test_no_name_and_no_number_of_a_holder_revokes_anything(tmp_path: Path) -> None:
    """What is not a code id matches no code, however it got onto a list."""
    read = read_pass(a_code(), a_ring(), NOW)
    assert isinstance(read, VerifiedPass)
    holder = read.claims.holder
    assert holder is not None
    words = [holder.masked_name, "张三三", holder.id_suffix, "33010119900101123X", "13800000000"]
    publish_list(tmp_path, code_hashes("33", (word.encode() for word in words)))
    assert isinstance(read_pass(a_code(), a_ring(), NOW, index_of(tmp_path)), VerifiedPass)


def test_a_code_that_nobody_has_proven_is_not_looked_up(tmp_path: Path) -> None:
    """Else a forger could try out which ids are on the list."""
    index = index_of(a_list(tmp_path, [code_hash("33", CODE_ID)]))
    forged = a_code(replace(a_key("65"), issuer="33", key_id=a_key().key_id))
    read = read_pass(forged, a_ring(), NOW, index)
    assert isinstance(read, Rejection)
    assert read.reasons == (Reason.BAD_SIGNATURE,)


def test_the_step_is_reported_only_where_a_list_was_asked(tmp_path: Path) -> None:
    revoked = index_of(a_list(tmp_path / "1", [code_hash("33", CODE_ID)]))
    other = index_of(a_list(tmp_path / "2"))
    for revocations, expected in ((revoked, False), (other, True), (NO_REVOCATIONS, None)):
        inspection = inspect_pass(a_code(), a_ring(), NOW, revocations)
        assert inspection.steps[-1] is Check.REVOCATION
        assert inspection.trail.checks.get(Check.REVOCATION) is expected
        assert inspection.failed is (Check.REVOCATION if expected is False else None)


@pytest.mark.parametrize("name", READERS)
def test_every_format_can_be_taken_back_by_what_its_codes_carry(name: str, tmp_path: Path) -> None:
    for at, original in enumerate(_originals(name)):
        issuer, code_id = original.read.claims.issuer, original.read.claims.code_id
        identity = original.read.identity
        own = pass_hash(issuer, identity) if code_id is None else code_hash(issuer, code_id)
        index = index_of(a_list(tmp_path / str(at), [own]), issuer)
        read = read_pass(original.donor.text, fresh().ring, NOW, index)
        assert isinstance(read, Rejection)
        assert read.reasons == (Reason.REVOKED,)
        assert read.proven == original.read.claims
        assert read.identity == identity


def _originals(name: str) -> list[Original]:
    return [original for original in fresh().all if original.format == name]


def test_only_a_code_without_an_id_is_taken_back_by_its_identity(tmp_path: Path) -> None:
    named, nameless = a_code(), a_code(code_id=None)
    for at, (code, revoked) in enumerate(((named, False), (nameless, True))):
        read = read_pass(code, a_ring(), NOW)
        assert isinstance(read, VerifiedPass)
        folder = tmp_path / str(at)
        publish_list(folder, pass_hashes("33", [read.identity]))
        again = read_pass(code, a_ring(), NOW, index_of(folder))
        assert isinstance(again, Rejection) is revoked


def test_a_code_of_a_revoked_key_is_refused_whatever_its_date(gate: Gate) -> None:
    old = a_code(issued_at=NOW - timedelta(days=300))
    revoked = replace(a_key().trusted(), revoked_at=NOW - timedelta(days=1))
    gate.pipeline.judge.trust = Keys([revoked])
    for code in (a_code(), old):
        shown = gate.verdict(code)
        assert (shown.decision, shown.reasons) == (Decision.REFUSE, (Reason.KEY_REVOKED,))
        assert shown.masked_name is None, "whoever has the key writes any name"
    assert load("en")(present(shown).title) == "Issuer's key was withdrawn"


@pytest.mark.parametrize("revoked_at", [NOW - timedelta(days=1), NOW + timedelta(days=1)])
def test_no_clock_and_no_period_of_use_makes_a_revoked_key_better(revoked_at: datetime) -> None:
    revoked = replace(a_key().trusted(), revoked_at=revoked_at)
    for key in (
        revoked,
        replace(revoked, valid_until=NOW - timedelta(days=2)),
        replace(revoked, valid_from=NOW + timedelta(days=1)),
    ):
        for keys in ([key], [a_key().trusted(), key], [key, a_key().trusted()]):
            read = read_pass(a_code(), KeyRing(keys), NOW)
            assert isinstance(read, Rejection)
            assert (read.reasons, read.proven) == ((Reason.KEY_REVOKED,), None)


def test_a_revoked_key_does_not_stand_in_the_way_of_another_under_its_kid() -> None:
    stolen = replace(a_key("44").trusted(), issuer="33", key_id=a_key().key_id, revoked_at=NOW)
    assert isinstance(read_pass(a_code(), KeyRing([stolen, a_key().trusted()]), NOW), VerifiedPass)


def test_the_report_on_a_revoked_key_says_that_the_key_failed() -> None:
    keys = KeyRing([replace(a_key().trusted(), revoked_at=NOW)])
    inspection = inspect_pass(a_code(), keys, NOW)
    assert inspection.failed is Check.KEY
    assert inspection.trail.checks[Check.SIGNATURE] is True


@pytest.mark.parametrize("kind", [PassKind.PAPER, PassKind.DYNAMIC])
def test_taking_a_refusal_back_brings_no_code_back_that_was_revoked_meanwhile(
    gate: Gate, tmp_path: Path, kind: PassKind
) -> None:
    """A question that it opens again, and a green verdict, both rest on what the code was."""
    lists = a_list(tmp_path / "33")
    trust(gate, index_of(lists))
    visit = gate.verdict(a_code(kind=kind, expires_at=NOW.replace(year=2027))).visit
    gate.decide(visit, admit=False, reason=GuardReason.ID_MISMATCH)
    decision = gate.entries()[-1].seq

    change(lists, code_hashes("33", [CODE_ID]))
    trust(gate, index_of(lists))
    gate.pipeline.trust_changed(CAME, gate.now())
    events = gate.undo(decision)
    assert gate.entries()[-1].type is EntryType.UNDO
    assert not [event for event in events if isinstance(event, VerdictShown)]
    assert gate.measure(visit, 36.6) == [CommandResult(command=1, error=ErrorCode.NO_SUCH_VISIT)]
