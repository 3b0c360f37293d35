"""COSE_Sign1: who chooses the algorithm, what an outsider may change, what he may not."""

import cbor2
import pytest
from msgspec.structs import replace

from scanner.domain.passes import Algorithm
from scanner.formats import cose
from scanner.formats.checks import UnreadableError
from scanner.trust.algorithms import SCHEMES, verifies
from tests.builders import P256_ORDER, a_key, a_sign1

PAYLOAD = b"\xa1\x01\x6233"
ALG, KID = cose.ALGORITHM_LABEL, cose.KEY_ID_LABEL


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_genuine_signature_verifies(algorithm: Algorithm) -> None:
    key = a_key(algorithm=algorithm)
    envelope = cose.parse(a_sign1(PAYLOAD, key), strict=True)
    assert envelope.algorithm is algorithm
    assert envelope.key_id == key.key_id
    assert verifies(envelope.signed, key.trusted())


@pytest.mark.parametrize("algorithm", Algorithm)
def test_every_changed_bit_of_what_is_signed_is_noticed(algorithm: Algorithm) -> None:
    key = a_key(algorithm=algorithm)
    envelope = cose.parse(a_sign1(PAYLOAD, key), strict=True)
    for at in range(len(PAYLOAD) * 8):
        flipped = bytearray(PAYLOAD)
        flipped[at // 8] ^= 1 << at % 8
        assert not verifies(replace(envelope, payload=bytes(flipped)).signed, key.trusted())


@pytest.mark.parametrize("signer", Algorithm)
@pytest.mark.parametrize("claimed", Algorithm)
@pytest.mark.parametrize("trusted", Algorithm)
def test_the_key_chooses_the_algorithm(
    signer: Algorithm, claimed: Algorithm, trusted: Algorithm
) -> None:
    key = a_key(algorithm=signer)
    header = {ALG: SCHEMES[claimed].cose, KID: key.key_id}
    envelope = cose.parse(a_sign1(PAYLOAD, key, protected=header), strict=False)
    verified = verifies(envelope.signed, a_key(algorithm=trusted).trusted())
    assert verified == (signer is claimed is trusted)


@pytest.mark.parametrize("number", [None, 0, 5, -35, -38, -257, "ES256", -7.0, True, b"\x26"])
def test_an_unknown_or_missing_algorithm_verifies_nothing(number: object) -> None:
    key = a_key(algorithm=Algorithm.ES256)
    header = {KID: key.key_id} if number is None else {ALG: number, KID: key.key_id}
    envelope = cose.parse(a_sign1(PAYLOAD, key, protected=header), strict=False)
    assert envelope.algorithm is None
    assert not verifies(envelope.signed, key.trusted())


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\xff" * 64, b"\0" * 63, b"\0" * 65, b"0"])
@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_signature_of_another_length_or_of_zeros_is_wrong(
    algorithm: Algorithm, signature: bytes
) -> None:
    key = a_key(algorithm=algorithm)
    envelope = cose.parse(a_sign1(PAYLOAD, key, signature=signature), strict=True)
    assert not verifies(envelope.signed, key.trusted())


def test_the_protected_header_wins() -> None:
    key = a_key(algorithm=Algorithm.ES256)
    message = a_sign1(PAYLOAD, key, unprotected={ALG: -8, KID: b"other"})
    envelope = cose.parse(message, strict=False)
    assert envelope.algorithm is Algorithm.ES256
    assert envelope.key_id == key.key_id


def test_the_unprotected_header_fills_what_the_protected_one_lacks() -> None:
    key = a_key(algorithm=Algorithm.ES256)
    message = a_sign1(PAYLOAD, key, protected=b"", unprotected={ALG: -7, KID: key.key_id})
    envelope = cose.parse(message, strict=False)
    assert envelope.key_id == key.key_id
    assert verifies(envelope.signed, key.trusted())


def test_an_empty_map_is_signed_as_an_empty_string() -> None:
    key = a_key(algorithm=Algorithm.ES256)
    headers = {ALG: -7, KID: key.key_id}
    empty = cose.parse(a_sign1(PAYLOAD, key, protected=b"", unprotected=headers), strict=False)
    message = a_sign1(
        PAYLOAD, key, protected=b"\xa0", unprotected=headers, signature=empty.signature
    )
    spelled = cose.parse(message, strict=False)
    assert verifies(spelled.signed, key.trusted())
    assert cose.identity(spelled) == cose.identity(empty)


def _inverted(message: bytes) -> bytes:
    """The other valid ECDSA signature: s to n - s."""
    protected, unprotected, payload, signature = cbor2.loads(message).value
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    parts = [protected, dict(unprotected), payload, signature[:32] + s.to_bytes(32, "big")]
    return cbor2.dumps(cbor2.CBORTag(18, parts))


def test_what_an_outsider_can_change_leaves_the_identity() -> None:
    key = a_key(algorithm=Algorithm.ES256)
    message = a_sign1(PAYLOAD, key)
    original = cose.parse(message, strict=False)
    signature = original.signature
    variants = {
        "unprotected header": a_sign1(PAYLOAD, key, unprotected={99: 1}, signature=signature),
        "no tag": a_sign1(PAYLOAD, key, tags=(), signature=signature),
        "CWT tag outside": a_sign1(PAYLOAD, key, tags=(18, 61), signature=signature),
        "s to n - s": _inverted(message),
    }
    for change, variant in variants.items():
        assert variant != message, change
        envelope = cose.parse(variant, strict=False)
        assert verifies(envelope.signed, key.trusted()), change
        assert cose.identity(envelope) == cose.identity(original), change


def test_header_and_payload_cannot_trade_bytes_within_the_identity() -> None:
    key = a_key()
    envelope = cose.parse(a_sign1(PAYLOAD, key), strict=True)
    joined = envelope.protected + envelope.payload
    moved = replace(envelope, protected=joined[:-1], payload=joined[-1:])
    assert cose.identity(moved) != cose.identity(envelope)


def test_strict_reading_knows_one_form_only() -> None:
    key = a_key()
    for message in (
        a_sign1(PAYLOAD, key, tags=()),
        a_sign1(PAYLOAD, key, tags=(61,)),
        a_sign1(PAYLOAD, key, tags=(18, 61)),
        a_sign1(PAYLOAD, key, unprotected={99: 1}),
    ):
        with pytest.raises(UnreadableError):
            cose.parse(message, strict=True)


_NO_MESSAGES: list[object] = [
    [],
    [b"", {}, b""],
    [b"", {}, b"", b"", b""],
    ["", {}, b"", b""],
    [b"", [], b"", b""],
    [b"", {}, None, b""],
    [b"", {}, b"", None],
    [b"\x01", {}, b"", b""],
    [b"\xa0\x00", {}, b"", b""],
    [b"\xa1\x02\x81\x01", {}, b"", b""],
    {0: b"", 1: {}, 2: b"", 3: b""},
    7,
    cbor2.CBORTag(18, [b"", {}, b"", b""]),
]


@pytest.mark.parametrize(
    "message",
    [
        *(cbor2.dumps(cbor2.CBORTag(18, item)) for item in _NO_MESSAGES),
        cbor2.dumps(cbor2.CBORTag(17, [b"", {}, b"", b""])),
        pytest.param(a_sign1(PAYLOAD, a_key()) + b"\0", id="trailing byte"),
    ],
)
def test_anything_else_is_no_message(message: bytes) -> None:
    with pytest.raises(UnreadableError):
        cose.parse(message, strict=False)


@pytest.mark.parametrize("key_id", [None, "text", 7, [b"x"]])
def test_a_kid_that_is_no_byte_string_finds_no_key(key_id: object) -> None:
    message = a_sign1(PAYLOAD, a_key(), protected={ALG: -8, KID: key_id})
    assert cose.parse(message, strict=False).key_id == b""


@pytest.mark.parametrize("length", [0, 23, 24, 255, 256, 0xFFFF, 0x10000])
def test_what_is_signed_is_the_structure_of_rfc_9052_whatever_its_length(length: int) -> None:
    for protected, payload in ((b"\xa0" * length, b"p"), (b"\xa0", b"p" * length)):
        structure = ["Signature1", protected, b"", payload]
        assert cose.signed_bytes(protected, payload) == cbor2.dumps(structure)
