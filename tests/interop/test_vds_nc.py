"""The specification's example of an ICAO seal, as it is and tampered with.

Its certificate has parameters that our library refuses; the test takes the key out by the fixed
bytes that every P-256 key begins with, as an operator would with OpenSSL's command.
"""

import json
import os
from base64 import urlsafe_b64decode
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm, IdKind, PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats.registry import read_pass
from scanner.trust.algorithms import fits
from scanner.trust.foreign_keys import keys_from_certificate
from scanner.trust.key_ring import KeyRing
from scanner.trust.keys import TrustedKey

DATA: Final = Path(
    os.environ.get("CHECKPOINT_DATA") or Path(__file__).parents[2] / "../shared/data"
)
SAMPLES: Final = DATA / "vds-nc" / "samples.json"
NOW: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
P256_PREFIX: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
POINT_BYTES: Final = 65

pytestmark = pytest.mark.skipif(not SAMPLES.is_file(), reason=f"the seals are not in {SAMPLES}")


def _samples() -> dict[str, str]:
    samples: dict[str, str] = json.loads(SAMPLES.read_text("utf-8"))
    return samples


def _certificate(seal: dict[str, Any]) -> bytes:
    return urlsafe_b64decode(seal["sig"]["cer"] + "==")


def _ring(state: str, seal: dict[str, Any]) -> KeyRing:
    certificate = _certificate(seal)
    at = certificate.index(P256_PREFIX)
    spki = certificate[at : at + len(P256_PREFIX) + POINT_BYTES]
    public_key = fits(load_der_public_key(spki), Algorithm.ES256)
    assert public_key is not None
    kid = sha256(certificate).digest()[:8]
    return KeyRing([TrustedKey(state, kid, Algorithm.ES256, public_key)])


def test_every_sample_is_proven_by_the_key_in_its_states_name() -> None:
    samples = _samples()
    assert samples
    for state, text in samples.items():
        outcome = read_pass(text, _ring(state, json.loads(text)), NOW)
        assert isinstance(outcome, VerifiedPass), outcome
        assert outcome.claims.issuer == outcome.claims.country == state


def test_the_specifications_example_in_our_own_shape() -> None:
    text = _samples()["UTO"]
    outcome = read_pass(text, _ring("UTO", json.loads(text)), NOW)
    assert isinstance(outcome, VerifiedPass)
    claims = outcome.claims
    assert (claims.kind, claims.code_id) == (PassKind.VACCINATION, b"U32870")
    assert claims.holder is not None
    assert (claims.holder.masked_name, claims.holder.id_kind) == ("S*** B***", IdKind.PASSPORT)
    assert claims.holder.id_suffix == "567Z"
    assert claims.vaccine is not None
    assert (claims.vaccine.doses, claims.vaccine.last_day) == (2, date(2021, 3, 24))
    assert "A1234567Z" not in repr(outcome)
    assert "L4567890Z" not in repr(outcome)


def test_its_certificate_alone_proves_nothing() -> None:
    outcome = read_pass(_samples()["UTO"], KeyRing(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.UNKNOWN_ISSUER,)


def test_its_odd_certificate_is_refused_with_advice() -> None:
    certificate = _certificate(json.loads(_samples()["UTO"]))
    with pytest.raises(TrustError) as refusal:
        keys_from_certificate("UTO", certificate)
    assert "openssl" in str(refusal.value.remedy)


def test_every_change_of_what_is_signed_is_a_bad_signature() -> None:
    seal = json.loads(_samples()["UTO"])
    ring = _ring("UTO", seal)
    for old, new in (
        ("Smith", "Smyth"),
        ("A1234567Z", "A1234568Z"),
        ("2021-03-24", "2026-03-24"),
        ('"seq": 2', '"seq": 3'),
        ("RA01.0", "RA01.1"),
        ("VC87540", "VC87541"),
    ):
        changed = json.dumps(seal["data"]).replace(old, new)
        assert changed != json.dumps(seal["data"])
        text = json.dumps({"data": json.loads(changed), "sig": seal["sig"]})
        outcome = read_pass(text, ring, NOW)
        assert isinstance(outcome, Rejection)
        assert outcome.reasons == (Reason.BAD_SIGNATURE,)


def test_another_spelling_of_the_same_is_the_same() -> None:
    text = _samples()["UTO"]
    seal = json.loads(text)
    ring = _ring("UTO", seal)
    original = read_pass(text, ring, NOW)
    spelt = read_pass(json.dumps({"sig": seal["sig"], "data": seal["data"]}, indent=1), ring, NOW)
    assert isinstance(original, VerifiedPass)
    assert isinstance(spelt, VerifiedPass)
    assert spelt.identity == original.identity
