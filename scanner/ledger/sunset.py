"""A gate's last word: what it held is erased. Signed once all else is gone, before the key goes.

A certificate is a signed note (`scanner.ledger.note`) whose text has six lines: origin
`checkpoint-gate/<device id>/sunset`, the number of the log's last entry, the chain's head after it
in base64, up to which entry the hub had acknowledged, how many files were erased, the time. The hub
countersigns and keeps it. Pure functions that gate and hub both use.
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
_END: Final = "/sunset"
_HEAD_SIZE: Final = 32
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)


class Sunset(Struct, frozen=True):
    """What a verified certificate says.

    Attributes:
        end: the log's last entry, with the chain's head after it; seq 0 and zeros without a log.
        acked_seq: up to here the hub had acknowledged entries; what came after it is lost.
        files: how many files were erased; the device's key goes after the certificate.
        at: when the device signed, by its own clock, aware UTC, in milliseconds.
    """

    device_id: str
    end: Position
    acked_seq: int
    files: int
    at: datetime


def make_certificate(
    device: Signer, end: Position, acked_seq: int, files: int, at: datetime
) -> str:
    """A note that says: this device's log, which ended there, is erased."""
    sunset = Sunset(device.device_id, end, acked_seq, files, at)
    return sign_note(_text(sunset), _name(sunset.device_id), device.private_key)


def verify_certificate(note: str, public_key: Ed25519PublicKey) -> Sunset:
    """The content of a certificate, after the device's signature has been checked.

    Raises:
        NoteError: the note is malformed, or the device's signature is missing or wrong.
    """
    text, signatures = split_note(note)
    sunset = _parse(text)
    verify_signed(text, signatures, _name(sunset.device_id), public_key)
    return sunset


def claimed_device(note: str) -> str:
    """Whose certificate it says it is; nobody has checked that.

    Raises:
        NoteError: the note is malformed.
    """
    return _parse(split_note(note)[0]).device_id


def _name(device_id: str) -> str:
    return f"{_ORIGIN}{device_id}{_END}"


def _text(sunset: Sunset) -> str:
    at = sunset.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = base64.b64encode(sunset.end.head).decode()
    lines = (
        _name(sunset.device_id), sunset.end.seq, head, sunset.acked_seq, sunset.files, at,
    )  # fmt: skip
    return "".join(f"{line}\n" for line in lines)


def _parse(text: str) -> Sunset:
    lines = text.split("\n")
    if len(lines) != 7 or not (lines[0].startswith(_ORIGIN) and lines[0].endswith(_END)):
        raise NoteError("not the last certificate of a gate")
    if not all(_NUMBER.fullmatch(lines[index]) for index in (1, 3, 4)):
        raise NoteError("a number cannot be read")
    try:
        head = base64.b64decode(lines[2], validate=True)
        at = datetime.fromisoformat(lines[5])
    except ValueError as error:
        raise NoteError("the head or the time cannot be read") from error
    sunset = Sunset(
        lines[0].removeprefix(_ORIGIN).removesuffix(_END),
        Position(int(lines[1]), head),
        int(lines[3]),
        int(lines[4]),
        at,
    )
    if len(head) != _HEAD_SIZE or at.tzinfo is None or _text(sunset) != text:
        raise NoteError("the note is not in its one legal form")
    return sunset
