"""The passes that New Zealand's ministry published with its specification, as their names say."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from scanner.domain.passes import PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats import base32
from scanner.formats.registry import read_pass
from scanner.trust.foreign_keys import keys_from_did_document
from scanner.trust.key_ring import KeyRing

DATA: Final = Path(
    os.environ.get("CHECKPOINT_DATA") or Path(__file__).parents[2] / "../shared/data"
)
PASSES: Final = DATA / "nzcp"
NOW: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not PASSES.is_dir(), reason=f"the passes are not here: {PASSES}")


def _ring() -> KeyRing:
    return KeyRing(keys_from_did_document((PASSES / "did.json").read_bytes()))


def _text(name: str) -> str:
    return (PASSES / name).read_text("ascii").strip()


def test_the_valid_pass_is_proven() -> None:
    outcome = read_pass(_text("valid.txt"), _ring(), NOW)
    assert isinstance(outcome, VerifiedPass)
    claims = outcome.claims
    assert (claims.issuer, outcome.evidence.key_id) == ("did:web:nzcp.covid19.health.nz", b"key-1")
    assert claims.kind is PassKind.CLEARANCE
    assert claims.holder is not None
    assert claims.holder.masked_name == "J*** S***"
    assert claims.code_id == bytes.fromhex("60a4f54d4e304332be33ad78b1eafa4b")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("invalid-expired-payload.txt", Reason.EXPIRED),
        ("invalid-modified-sig.txt", Reason.BAD_SIGNATURE),
        ("invalid-not-associated-public-key.txt", Reason.UNKNOWN_KEY),
    ],
)
def test_the_invalid_ones_fail_for_the_reason_in_their_name(name: str, reason: Reason) -> None:
    outcome = read_pass(_text(name), _ring(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (reason,)


def test_every_published_pass_is_judged() -> None:
    accepted = {
        path.name
        for path in PASSES.glob("*.txt")
        if isinstance(read_pass(_text(path.name), _ring(), NOW), VerifiedPass)
    }
    assert accepted == {path.name for path in PASSES.glob("valid*.txt")}


def test_the_valid_pass_before_and_after_its_time() -> None:
    for when, reason in (
        (datetime(2021, 11, 1, tzinfo=UTC), Reason.NOT_YET_VALID),
        (datetime(2032, 1, 1, tzinfo=UTC), Reason.EXPIRED),
    ):
        outcome = read_pass(_text("valid.txt"), _ring(), when)
        assert isinstance(outcome, Rejection)
        assert outcome.reasons == (reason,)
        assert outcome.proven is not None


def test_the_valid_pass_with_another_name_is_forged() -> None:
    message = base32.decode(_text("valid.txt").removeprefix("NZCP:/1/"))
    assert b"Jack" in message
    forged = "NZCP:/1/" + base32.encode(message.replace(b"Jack", b"Jane"))
    outcome = read_pass(forged, _ring(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.BAD_SIGNATURE,)


def test_without_the_issuers_keys_it_is_of_an_unknown_issuer() -> None:
    outcome = read_pass(_text("valid.txt"), KeyRing(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.UNKNOWN_ISSUER,)
