"""Signed log heads: a device says how far its log goes, the hub signs below.

A checkpoint is a signed note (C2SP signed-note) whose text has four lines: origin
`checkpoint-gate/<device id>`, the last entry's number, the chain's head in base64, the time.
Since the hub keeps and countersigns them, neither side can rewrite history alone. Pure functions
that gate and hub both use: it imports nothing else of the ledger but `Position` and `note`.
"""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from scanner.ledger.note import NoteError, sign_note, signature_line, split_note, verify_signed
from scanner.ledger.position import Position

_ORIGIN: Final = "checkpoint-gate/"
_HEAD_SIZE: Final = 32
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class Signer(Protocol):
    """What it takes to sign for a device; `scanner.ledger.device.Device` is one."""

    @property
    def device_id(self) -> str:
        """The device's name."""
        ...

    @property
    def private_key(self) -> Ed25519PrivateKey:
        """The device's key."""
        ...


@dataclass(frozen=True, slots=True)
class CheckpointBody:
    """What a verified checkpoint says.

    Attributes:
        seq: number of the last entry, 0 for an empty log.
        head: 32 bytes, the chain's head after it.
        at: when the device signed it by its own clock, aware UTC, in milliseconds.
    """

    device_id: str
    seq: int
    head: bytes
    at: datetime

    @property
    def position(self) -> Position:
        """The same as a position."""
        return Position(self.seq, self.head)


def make_checkpoint(device: Signer, position: Position, at: datetime) -> str:
    """A note that says: the log of `device` reached `position` at `at`."""
    text = _text(CheckpointBody(device.device_id, position.seq, position.head, at))
    return sign_note(text, _ORIGIN + device.device_id, device.private_key)


def verify_checkpoint(note: str, public_key: Ed25519PublicKey) -> CheckpointBody:
    """The content of a device's note, after its signature has been checked.

    Raises:
        NoteError: the note is malformed, or the device's signature is missing or wrong.
    """
    text, signatures = split_note(note)
    body = _parse(text)
    verify_signed(text, signatures, _ORIGIN + body.device_id, public_key)
    return body


def parse_checkpoint(note: str) -> CheckpointBody:
    """The content of a note that nobody has verified: to choose by, never to believe.

    Raises:
        NoteError: the note is malformed.
    """
    text, _ = split_note(note)
    return _parse(text)


def cosign(note: str, name: str, key: Ed25519PrivateKey) -> str:
    """The same note with one more signature, by whoever keeps it (the hub).

    Args:
        note: one that `verify_checkpoint` has accepted.
        name: names the signer, such as the hub's host; without white space and `+`.
        key: the signer's own key.

    Raises:
        NoteError: the note is malformed or the name cannot stand in one.
    """
    text, _ = split_note(note)
    if not re.fullmatch(r"[^\s+]+", name):
        raise NoteError("a signer's name has no white space and no plus sign")
    return note + signature_line(text, name, key)


def verify_cosignature(note: str, name: str, public_key: Ed25519PublicKey) -> None:
    """Check that `name` has signed the note below the device.

    Raises:
        NoteError: the note is malformed, or that signature is missing or wrong.
    """
    text, signatures = split_note(note)
    verify_signed(text, signatures, name, public_key)


def _text(body: CheckpointBody) -> str:
    at = body.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = base64.b64encode(body.head).decode()
    return f"{_ORIGIN}{body.device_id}\n{body.seq}\n{head}\n{at}\n"


def _parse(text: str) -> CheckpointBody:
    lines = text.split("\n")
    if len(lines) != 5 or not lines[0].startswith(_ORIGIN):
        raise NoteError("not a checkpoint of a gate")
    origin, number, encoded, at, _ = lines
    if not _NUMBER.fullmatch(number):
        raise NoteError("the entry number is no number")
    try:
        head = base64.b64decode(encoded, validate=True)
        body = CheckpointBody(
            origin.removeprefix(_ORIGIN), int(number), head, datetime.fromisoformat(at)
        )
    except ValueError as error:
        raise NoteError("the head or the time cannot be read") from error
    if len(head) != _HEAD_SIZE or body.at.tzinfo is None or _text(body) != text:
        raise NoteError("the note is not in its one legal form")
    return body
