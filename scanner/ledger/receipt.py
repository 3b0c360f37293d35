"""Receipts of erasure: a device says which lines it erased, and that their hashes stay.

A receipt is a signed note (`scanner.ledger.note`) whose text has six lines: origin
`checkpoint-gate/<device id>/erased`, first and last entry, how many, the chain's head before and
after them in base64, the time. It stands in the entry that records the erasure, and so at the hub,
and in the ledger's table `receipts`, where it outlives that entry's own line. Pure functions.
"""

import base64
import re
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from scanner.ledger.checkpoint import Signer
from scanner.ledger.note import NoteError, sign_note, split_note, verify_signed
from scanner.ledger.position import Position

_ORIGIN: Final = "checkpoint-gate/"
_END: Final = "/erased"
_HEAD_SIZE: Final = 32
_RANGE: Final = re.compile(r"([1-9][0-9]{0,18})-([1-9][0-9]{0,18})")


class Receipt(Struct, frozen=True):
    """What a verified receipt says.

    Attributes:
        before: the last entry that an earlier receipt covers; seq 0 and the log's genesis for the
            first receipt.
        after: the last entry that this one covers, with the chain's head after it.
        at: when the device signed, by its own clock, aware UTC, in milliseconds.
    """

    device_id: str
    before: Position
    after: Position
    at: datetime

    @property
    def first(self) -> int:
        """Number of the first entry that was erased."""
        return self.before.seq + 1

    @property
    def count(self) -> int:
        """How many entries were erased."""
        return self.after.seq - self.before.seq


def make_receipt(device: Signer, before: Position, after: Position, at: datetime) -> str:
    """A note that says: the lines behind `before` up to `after` are erased, their hashes kept."""
    receipt = Receipt(device.device_id, before, after, at)
    return sign_note(_text(receipt), _name(receipt.device_id), device.private_key)


def verify_receipt(note: str, public_key: Ed25519PublicKey) -> Receipt:
    """The content of a receipt, after its signature has been checked.

    Raises:
        NoteError: the note is malformed, or the device's signature is missing or wrong.
    """
    text, signatures = split_note(note)
    receipt = _parse(text)
    verify_signed(text, signatures, _name(receipt.device_id), public_key)
    return receipt


def read_receipt(note: str) -> Receipt:
    """What a receipt claims; nobody has checked who signed it.

    Raises:
        NoteError: the note is malformed.
    """
    return _parse(split_note(note)[0])


def _name(device_id: str) -> str:
    return f"{_ORIGIN}{device_id}{_END}"


def _text(receipt: Receipt) -> str:
    at = receipt.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return "".join(
        f"{line}\n"
        for line in (
            _name(receipt.device_id),
            f"{receipt.first}-{receipt.after.seq}",
            receipt.count,
            base64.b64encode(receipt.before.head).decode(),
            base64.b64encode(receipt.after.head).decode(),
            at,
        )
    )


def _parse(text: str) -> Receipt:
    lines = text.split("\n")
    if len(lines) != 7 or not (lines[0].startswith(_ORIGIN) and lines[0].endswith(_END)):
        raise NoteError("not a receipt of a gate")
    span = _RANGE.fullmatch(lines[1])
    if span is None:
        raise NoteError("the range of entries cannot be read")
    try:
        before, after = (base64.b64decode(line, validate=True) for line in lines[3:5])
        at = datetime.fromisoformat(lines[5])
    except ValueError as error:
        raise NoteError("a head or the time cannot be read") from error
    receipt = Receipt(
        lines[0].removeprefix(_ORIGIN).removesuffix(_END),
        Position(int(span[1]) - 1, before),
        Position(int(span[2]), after),
        at,
    )
    sizes = {len(before), len(after)}
    if at.tzinfo is None or sizes != {_HEAD_SIZE} or receipt.count < 1 or _text(receipt) != text:
        raise NoteError("the note is not in its one legal form")
    return receipt
