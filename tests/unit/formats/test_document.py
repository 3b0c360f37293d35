"""`docs/health-code.md` says what the code does: its vectors and its tables."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import cbor2
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec.structs import replace

from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    Holder,
    IdKind,
    PassClaims,
    PassKind,
    Rejection,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.formats import base45, cose
from scanner.formats import health_code_claims as table
from scanner.formats.holder_proof import protected_header
from scanner.formats.registry import read_pass
from scanner.issuing.health_code import as_link, encode_claims, issue_health_code
from scanner.issuing.keys import IssuerKey, key_id_of, spki
from scanner.issuing.phone import Phone
from scanner.issuing.picture import qr_modules
from scanner.issuing.signing import sign1
from scanner.trust.algorithms import SCHEMES
from scanner.trust.bundle.issuer_keys import IssuerKeys, KeyRecord
from scanner.trust.cose_keys import cose_key, thumbprint
from tests.builders import a_ring

DOCUMENT: Final = (Path(__file__).parents[3] / "docs/health-code.md").read_text("utf-8")
BLOCKS: Final = dict(re.findall(r"^```(\w+)\n(.*?)\n```$", DOCUMENT, re.DOTALL | re.MULTILINE))
ISSUED: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLAIMS: Final = PassClaims(
    format=HEALTH_CODE,
    kind=PassKind.DYNAMIC,
    issuer="33",
    colour=Colour.GREEN,
    issued_at=ISSUED,
    expires_at=datetime(2026, 11, 23, 9, 10, tzinfo=UTC),
    code_id=b"code-001",
    holder=Holder("张*三", IdKind.RESIDENT_CARD, "207X"),
    division="330100",
)


@pytest.fixture
def key() -> IssuerKey:
    """The key of the vector."""
    private_key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(BLOCKS["seed"]))
    key_id = key_id_of(private_key.public_key())
    return IssuerKey("33", key_id, Algorithm.EDDSA, private_key)


def test_the_vector_is_what_the_reference_issuer_makes(key: IssuerKey) -> None:
    payload = encode_claims(CLAIMS)
    assert spki(key.private_key.public_key()).hex() == BLOCKS["spki"]
    assert payload.hex() == BLOCKS["payload"]
    assert sign1(payload, key).hex() == BLOCKS["envelope"]
    assert issue_health_code(CLAIMS, key) == BLOCKS["text"]
    assert as_link(BLOCKS["text"], "https://health.example/code") == BLOCKS["link"]


@pytest.mark.parametrize("block", ["text", "link"])
def test_the_vector_is_what_the_gate_accepts(key: IssuerKey, block: str) -> None:
    outcome = read_pass(BLOCKS[block], a_ring(key), ISSUED)
    assert isinstance(outcome, VerifiedPass)
    assert outcome.claims == CLAIMS


PRESENTED: Final = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BOUND: Final = replace(CLAIMS, expires_at=ISSUED + timedelta(days=1), code_id=b"code-002")


@pytest.fixture
def phone() -> Phone:
    """The phone of the vectors, without a code."""
    return Phone(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(BLOCKS["phone_seed"])))


def test_the_vector_of_a_phone_is_what_the_reference_issuer_and_phone_make(
    key: IssuerKey, phone: Phone
) -> None:
    assert cbor2.dumps(cose_key(phone.public_key)).hex() == BLOCKS["phone_cose_key"]
    assert thumbprint(phone.public_key).hex() == BLOCKS["phone_thumbprint"]
    payload = encode_claims(BOUND, phone.public_key)
    assert payload.hex() == BLOCKS["bound_payload"]
    assert sign1(payload, key).hex() == BLOCKS["bound_envelope"]
    assert issue_health_code(BOUND, key, phone.public_key) == BLOCKS["bound_text"]
    shown = phone.receives(BLOCKS["bound_text"]).presents(PRESENTED)
    assert shown == BLOCKS["proof_text"]
    message = base45.decode(shown.removeprefix("JKM1:"))
    assert message.hex() == BLOCKS["proof_envelope"]
    assert cbor2.loads(message).value[2].hex() == BLOCKS["proof_payload"]


def test_the_vector_of_a_p256_phone_comes_out_again(key: IssuerKey) -> None:
    scalar = int(BLOCKS["p256_scalar"], 16)
    private_key = derive_private_key(scalar, SECP256R1())
    public_key = private_key.public_key()
    assert cbor2.dumps(cose_key(public_key)).hex() == BLOCKS["p256_cose_key"]
    token = sign1(encode_claims(BOUND, public_key), key)
    header = protected_header(Algorithm.ES256)
    payload = cbor2.dumps([int(PRESENTED.timestamp()), token])
    rfc6979 = ECDSA(SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(private_key.sign(cose.signed_bytes(header, payload), rfc6979))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    message = cbor2.dumps(cbor2.CBORTag(18, [header, {}, payload, signature]))
    assert "JKM1:" + base45.encode(message) == BLOCKS["p256_text"]


@pytest.mark.parametrize("block", ["proof_text", "p256_text"])
def test_the_vectors_of_phones_are_what_the_gate_accepts_for_a_minute(
    key: IssuerKey, block: str
) -> None:
    for offset_s in (-60, 0, 60):
        now = PRESENTED + timedelta(seconds=offset_s)
        outcome = read_pass(BLOCKS[block], a_ring(key), now)
        assert isinstance(outcome, VerifiedPass)
        assert replace(outcome.claims, holder_key=None) == replace(BOUND, presented_at=PRESENTED)
    for offset_s in (-61, 61):
        now = PRESENTED + timedelta(seconds=offset_s)
        outcome = read_pass(BLOCKS[block], a_ring(key), now)
        assert isinstance(outcome, Rejection)
        assert outcome.reasons == (Reason.SCREENSHOT,)


def test_the_vector_without_its_phone_is_a_copy(key: IssuerKey) -> None:
    outcome = read_pass(BLOCKS["bound_text"], a_ring(key), PRESENTED)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.HOLDER_UNPROVEN,)


def test_the_sizes_in_the_document_are_those_of_the_vectors() -> None:
    for block, words in (
        ("text", "{} bytes, {} characters, version {}-M"),
        ("proof_text", "{} bytes, {} characters, version {}-M"),
        ("p256_text", "{}, {}, {}-M"),
    ):
        text = BLOCKS[block]
        size = len(base45.decode(text.removeprefix("JKM1:")))
        version = (qr_modules(text).shape[0] - 2 * 4 - 17) // 4
        assert words.format(size, len(text), version) in DOCUMENT


def test_the_example_of_a_key_set_is_one() -> None:
    example = json.loads(BLOCKS["json"])
    (record,) = msgspec.convert(example, IssuerKeys).keys
    assert record.spki.hex() == BLOCKS["spki"]
    assert set(example["keys"][0]) == set(KeyRecord.__struct_fields__)


def _rows(heading: str) -> list[list[str]]:
    """The rows of the table whose first heading cells are these."""
    lines = DOCUMENT.splitlines()
    at = lines.index(heading) + 2
    rows = []
    while lines[at].startswith("|"):
        rows.append([cell.strip() for cell in lines[at].strip("|").split("|")])
        at += 1
    return rows


def test_the_table_of_claims_lists_every_number() -> None:
    rows = _rows("| key | what | type | rule |")
    names = {int(number): name.replace(" ", "_").upper() for number, name, *_ in rows}
    assert names == {int(claim): claim.name for claim in table.Claim}


def test_the_listed_kinds_and_colours_have_their_numbers() -> None:
    rules = {row[1]: row[3] for row in _rows("| key | what | type | rule |")}
    for name, numbers in (
        ("kind", table.KIND_NUMBERS),
        ("colour", table.COLOUR_NUMBERS),
    ):
        for value, number in numbers.items():
            assert f"{number} {value.value}" in rules[name]
    for id_kind, number in table.ID_KIND_NUMBERS.items():
        words = id_kind.value.replace("_", " ").replace("hong kong macau", "hong kong or macau")
        assert f"{number} {words}" in rules["id kind"].lower()


def test_the_algorithms_have_their_numbers() -> None:
    rows = {row[0]: int(row[1]) for row in _rows("| alg | number | key |")}
    assert rows == {algorithm.value: scheme.cose for algorithm, scheme in SCHEMES.items()}
