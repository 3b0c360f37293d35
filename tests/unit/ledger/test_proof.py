"""A proof holds, and nothing that somebody changes in it does."""

import base64
from datetime import UTC, datetime

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.entries import encode_entry
from scanner.ledger import chain
from scanner.ledger.checkpoint import cosign, make_checkpoint
from scanner.ledger.device import Device
from scanner.ledger.position import Position
from scanner.ledger.proof import EntryProof, ProofError, check_proof, make_proof
from tests.ledger_builders import an_entry

AT = datetime(2026, 11, 25, 8, tzinfo=UTC)
DEVICE = Device(Ed25519PrivateKey.from_private_bytes(b"d" * 32))
PUBLIC = DEVICE.private_key.public_key()
HUB = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
WITNESS = ("hub-1", HUB.public_key())
NONCE = b"n" * 16
LINES = [encode_entry(an_entry(seq)) for seq in range(1, 41)]
LEAVES = [chain.leaf(line) for line in LINES]
GENESIS = chain.genesis(DEVICE.device_id, NONCE)


def note(seq: int, *, lines: list[bytes] = LINES) -> str:
    """A countersigned checkpoint of the log."""
    head = chain.extend_all(GENESIS, lines[:seq])
    return cosign(make_checkpoint(DEVICE, Position(seq, head), AT), WITNESS[0], HUB)


def a_proof(start: int, seq: int, end: int, **changes: object) -> bytes:
    parts: dict[str, object] = {
        "before": note(start) if start else "",
        "nonce": NONCE,
        "after": note(end),
        "seq": seq,
        "line": LINES[seq - 1],
        "leaves": LEAVES[start:end],
    }
    return make_proof(**{**parts, **changes})  # type: ignore[arg-type]


@given(st.data())
def test_every_entry_between_two_checkpoints_is_proven(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, 39))
    end = data.draw(st.integers(start + 1, 40))
    seq = data.draw(st.integers(start + 1, end))
    proven = check_proof(a_proof(start, seq, end), PUBLIC, WITNESS)
    assert (proven.seq, proven.line, proven.after.seq) == (seq, LINES[seq - 1], end)
    assert (proven.before.seq if proven.before else 0) == start


def test_a_proof_shows_no_other_line() -> None:
    content = a_proof(0, 7, 40)
    for seq, line in enumerate(LINES, 1):
        assert (an_entry(seq).subject or "").encode() not in content or seq == 7
        assert (msgspec.json.decode(content)["line"].encode() == line) == (seq == 7)


@pytest.mark.parametrize(
    ("proof", "complaint"),
    [
        pytest.param(a_proof(5, 7, 20, line=LINES[7]), "not entry 7", id="another entry's line"),
        pytest.param(
            a_proof(5, 7, 20, line=LINES[6].replace(b"ADMIT", b"CHECK")),
            "not entry 7",
            id="an edited line",
        ),
        pytest.param(
            a_proof(5, 8, 20, leaves=[*LEAVES[5:19], LEAVES[0]]),
            "do not lead",
            id="a changed hash",
        ),
        pytest.param(a_proof(5, 7, 20, leaves=LEAVES[5:19]), "do not fit", id="a hash too few"),
        pytest.param(a_proof(5, 21, 20), "do not fit", id="behind the second checkpoint"),
        pytest.param(a_proof(5, 7, 20, before=note(4)), "do not fit", id="another beginning"),
        pytest.param(a_proof(0, 7, 20, nonce=b"x" * 16), "do not lead", id="another log's nonce"),
        pytest.param(
            a_proof(5, 7, 20, after=note(20, lines=LINES[::-1])), "do not lead", id="another end"
        ),
        pytest.param(b"{}", "no proof", id="no proof"),
        pytest.param(b"\xff", "no proof", id="not UTF-8"),
        pytest.param(
            a_proof(5, 7, 20).replace(b"proof/1", b"proof/2"), "another version", id="a newer form"
        ),
        pytest.param(a_proof(5, 7, 20, before="x"), "first checkpoint", id="no note"),
    ],
)
def test_what_does_not_fit_proves_nothing(proof: bytes, complaint: str) -> None:
    with pytest.raises(ProofError, match=complaint):
        check_proof(proof, PUBLIC, WITNESS)


def test_another_devices_or_hubs_key_proves_nothing() -> None:
    proof = a_proof(5, 7, 20)
    with pytest.raises(ProofError, match="does not hold"):
        check_proof(proof, HUB.public_key())
    with pytest.raises(ProofError, match="does not hold"):
        check_proof(proof, PUBLIC, ("hub-2", HUB.public_key()))
    assert check_proof(proof, PUBLIC).hub is None


def test_a_line_that_carries_another_number_proves_nothing() -> None:
    lines = [*LINES[:6], LINES[9], *LINES[7:]]
    leaves = [chain.leaf(line) for line in lines]
    proof = a_proof(5, 7, 20, line=lines[6], leaves=leaves[5:20], after=note(20, lines=lines))
    with pytest.raises(ProofError, match="does not carry the number 7"):
        check_proof(proof, PUBLIC)


@given(st.binary(max_size=200))
def test_a_hostile_file_is_a_proof_error(content: bytes) -> None:
    with pytest.raises(ProofError):
        check_proof(content, PUBLIC)


@given(st.text(max_size=100))
def test_hostile_hashes_are_a_proof_error(text: str) -> None:
    proof = msgspec.structs.replace(
        msgspec.json.decode(a_proof(5, 7, 20), type=EntryProof), leaves=text
    )
    with pytest.raises(ProofError):
        check_proof(msgspec.json.encode(proof), PUBLIC)


def test_the_hashes_are_no_more_than_the_lines_need() -> None:
    proof = msgspec.json.decode(a_proof(5, 7, 20), type=EntryProof)
    assert len(base64.b64decode(proof.leaves)) == 15 * chain.HASH_SIZE
