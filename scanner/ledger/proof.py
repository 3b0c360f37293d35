"""Proof of one entry for somebody who may not see the others.

Between two signed checkpoints there are leaf hashes only, and the one line. Whoever has the
device's public key can check that the first head, extended by these hashes, becomes the second one,
and that the line's hash is the one at its place: the entry stood there when the device signed. With
the hub's key they know in addition that the hub saw the log so at that time, and that nobody has
written it anew since. Nothing can be told from the hashes: a line has its own random or sealed
bytes, and its time to the millisecond. `docs/ledger.md` has the format.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.entries import decode_entry
from scanner.ledger import chain
from scanner.ledger.checkpoint import CheckpointBody, verify_checkpoint, verify_cosignature
from scanner.ledger.note import MAX_NOTE, NoteError
from scanner.ledger.position import Position

FORMAT: Final = "checkpoint-entry-proof/1"
MOST_BYTES: Final = 64 << 20
"""Of a proof that is looked at: a million entries between two checkpoints."""

Note = Annotated[str, msgspec.Meta(max_length=MAX_NOTE)]


class ProofError(ValueError):
    """A proof proves nothing; the message says why."""


class EntryProof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an auditor gets.

    Attributes:
        format: `checkpoint-entry-proof/1`.
        before: checkpoint somewhere before the entry; empty when the log's beginning stands there.
        nonce: the log's 16 random bytes in hex, from which its beginning follows.
        after: checkpoint at the entry or behind it.
        seq: the entry's number.
        line: the entry, the bytes that were hashed.
        leaves: leaf hashes of all entries behind `before` up to `after`, one after the other, 32
            bytes each, in base64.
    """

    format: str
    before: Note
    nonce: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    after: Note
    seq: Annotated[int, msgspec.Meta(ge=1)]
    line: Annotated[str, msgspec.Meta(max_length=chain.MAX_LINE)]
    leaves: str


class Proven(msgspec.Struct, frozen=True):
    """What a proof has proven.

    Attributes:
        line: the entry.
        before: the first checkpoint; None for the log's beginning.
        after: the second one, whose signatures stand for everything before it.
        hub: who signed below the device; None when nobody was asked for.
    """

    seq: int
    line: bytes
    before: CheckpointBody | None
    after: CheckpointBody
    hub: str | None = None


def make_proof(
    *, before: str, nonce: bytes, after: str, seq: int, line: bytes, leaves: Sequence[bytes]
) -> bytes:
    """The proof as JSON; nothing is checked here, the reader does that.

    Args:
        before: a note, or empty for the log's beginning.
        nonce: of the log.
        after: a note.
        seq: number of the entry.
        line: of the entry.
        leaves: leaf hashes of the entries behind `before` up to `after`.
    """
    proof = EntryProof(
        format=FORMAT,
        before=before,
        nonce=nonce.hex(),
        after=after,
        seq=seq,
        line=line.decode(),
        leaves=base64.b64encode(b"".join(leaves)).decode(),
    )
    return msgspec.json.format(msgspec.json.encode(proof), indent=2)


def check_proof(
    content: bytes, device_key: Ed25519PublicKey, hub: tuple[str, Ed25519PublicKey] | None = None
) -> Proven:
    """What a proof proves.

    Args:
        content: the file, as anybody may have written it.
        device_key: of the gate, from the hub's list or from `checkpoint device show`.
        hub: name and key of the hub, where its signature is to be checked too.

    Raises:
        ProofError: nothing.
    """
    proof = _read(content)
    before = _checkpoint("first", proof.before, device_key, hub) if proof.before else None
    after = _checkpoint("second", proof.after, device_key, hub)
    if before is not None and before.device_id != after.device_id:
        raise ProofError("The two checkpoints are of two devices.")
    genesis = chain.genesis(after.device_id, bytes.fromhex(proof.nonce))
    start = before.position if before else Position(0, genesis)
    leaves = list(_leaves(proof.leaves))
    if not start.seq < proof.seq <= after.seq or after.seq - start.seq != len(leaves):
        raise ProofError(
            f"Entry {proof.seq} and {len(leaves)} hashes do not fit between checkpoints at "
            f"{start.seq} and {after.seq}."
        )
    line = proof.line.encode()
    if leaves[proof.seq - start.seq - 1] != chain.leaf(line):
        raise ProofError(f"The line is not entry {proof.seq}: its hash is another one.")
    head = start.head
    for leaf in leaves:
        head = chain.extend_by_leaf(head, leaf)
    if head != after.head:
        raise ProofError("The hashes do not lead from the first checkpoint to the second one.")
    if _carried_seq(line) != proof.seq:
        raise ProofError(f"The line does not carry the number {proof.seq}.")
    return Proven(proof.seq, line, before, after, hub[0] if hub else None)


def _read(content: bytes) -> EntryProof:
    if len(content) > MOST_BYTES:
        raise ProofError(f"A proof has at most {MOST_BYTES} bytes.")
    try:
        proof = decode_json(content, EntryProof)
    except UndecodableError as error:
        raise ProofError("The file is no proof of an entry, or it was damaged.") from error
    if proof.format != FORMAT:
        raise ProofError(f"The file's format is not {FORMAT}: another version made it.")
    return proof


def _checkpoint(
    which: str, note: str, device_key: Ed25519PublicKey, hub: tuple[str, Ed25519PublicKey] | None
) -> CheckpointBody:
    try:
        body = verify_checkpoint(note, device_key)
        if hub is not None:
            verify_cosignature(note, *hub)
    except NoteError as error:
        raise ProofError(f"The {which} checkpoint does not hold: {error}.") from error
    return body


def _leaves(encoded: str) -> Iterator[bytes]:
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProofError("The hashes cannot be read.") from error
    if len(data) % chain.HASH_SIZE:
        raise ProofError("The hashes cannot be read.")
    places = range(0, len(data) + 1, chain.HASH_SIZE)
    return (data[start:end] for start, end in pairwise(places))


def _carried_seq(line: bytes) -> int | None:
    try:
        return decode_entry(line).seq
    except UndecodableError:
        return None
