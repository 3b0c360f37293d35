"""From a request's headers and body to a checked batch: pure functions, nothing of it stored yet.

The hub hashes the lines as they arrived and never writes them anew. A line that it cannot read is
no reason to refuse the batch: it is kept as it is, marked, and acknowledged, so that one bad entry
never blocks a gate's queue.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.entries import ENTRY_VERSION, Entry, decode_entry
from scanner.domain.errors import ProtocolError
from scanner.ledger import chain
from scanner.ledger.checkpoint import verify_checkpoint
from scanner.ledger.note import NoteError
from sync import protocol

_MAX_DIGITS: Final = 15
_FIRST_TIME: Final = datetime(1970, 1, 2, tzinfo=UTC)
_LAST_TIME: Final = datetime(9999, 12, 30, tzinfo=UTC)
"""Moments between them exist in every time zone; of others no page can be made."""


@dataclass(frozen=True, slots=True)
class Link:
    """One line in its place: `head` is the chain's head after it; `entry` None if unreadable."""

    seq: int
    line: bytes
    head: bytes
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines that follow one another, and what they claim to follow.

    Attributes:
        previous_seq, previous_head: the entry before the first line; seq 0 and the log's genesis
            for the first one.
        links: empty for a heartbeat.
    """

    previous_seq: int
    previous_head: bytes
    links: tuple[Link, ...]

    @property
    def last_seq(self) -> int:
        """The last line's number, or the predecessor's in a heartbeat."""
        return self.previous_seq + len(self.links)

    @property
    def last_head(self) -> bytes:
        """Head after the batch."""
        return self.links[-1].head if self.links else self.previous_head


@dataclass(frozen=True, slots=True)
class Report:
    """What a gate says about itself beside its entries.

    Attributes:
        boot: boot id and monotonic milliseconds, as sent.
        sent_at_ms: the gate's wall clock; with the hub's own it shows a wrong clock.
        backlog: entries that still wait at the gate.
    """

    boot: str
    sent_at_ms: int
    backlog: int


@dataclass(frozen=True, slots=True)
class Push:
    """A whole request, checked: the chain holds and the gate signed its head."""

    batch: Batch
    report: Report
    checkpoint: str


def read_push(
    device_id: str, device_key: Ed25519PublicKey, headers: Mapping[str, str], body: bytes
) -> Push:
    """Check one push. `headers` have lower-case names; `body` is no longer compressed.

    Raises:
        ProtocolError: headers, lines and checkpoint do not agree; nothing may be stored.
    """
    first = _number(headers, protocol.LOG_FIRST, minimum=1)
    previous = protocol.decode_bytes(_header(headers, protocol.LOG_PREV), chain.HASH_SIZE)
    head = protocol.decode_bytes(_header(headers, protocol.LOG_HEAD), chain.HASH_SIZE)
    nonce = protocol.decode_bytes(_header(headers, protocol.LOG_NONCE), chain.NONCE_SIZE)
    if first == 1 and previous != chain.genesis(device_id, nonce):
        raise ProtocolError("The first line does not follow this log's genesis.")
    batch = Batch(first - 1, previous, link(first, previous, split_lines(body)))
    if batch.last_head != head:
        raise ProtocolError("The lines do not lead to the announced head.")
    return Push(
        batch=batch,
        report=Report(
            boot=_header(headers, protocol.LOG_BOOT)[:80],
            sent_at_ms=_number(headers, protocol.LOG_SENT_AT),
            backlog=_number(headers, protocol.LOG_BACKLOG),
        ),
        checkpoint=_checkpoint(headers, device_id, device_key, batch),
    )


def split_lines(body: bytes) -> list[bytes]:
    """NDJSON as its lines; every line ends with a newline, the last one too.

    Raises:
        ProtocolError: the end is cut off, or there are more lines than a batch may have.
    """
    if not body:
        return []
    if not body.endswith(b"\n"):
        raise ProtocolError("The last line has no end.")
    lines = body[:-1].split(b"\n")
    if len(lines) > protocol.MAX_ENTRIES:
        raise ProtocolError(f"A batch has at most {protocol.MAX_ENTRIES} lines.")
    return lines


def link(first: int, head: bytes, lines: list[bytes]) -> tuple[Link, ...]:
    """Number and hash `lines`, the first of which has seq `first` and follows `head`."""
    links = []
    for seq, line in enumerate(lines, first):
        head = chain.extend(head, line)
        links.append(Link(seq, line, head, _read(seq, line)))
    return tuple(links)


def read_locator(device_id: str, body: bytes) -> tuple[bytes, tuple[tuple[int, bytes], ...]]:
    """The log's genesis and the places that a gate offers as common ground.

    Raises:
        ProtocolError: the body is no locator.
    """
    try:
        request = decode_json(body, protocol.LocateRequest)
    except UndecodableError as error:
        raise ProtocolError("Not a locator.") from error
    if len(request.have) > protocol.MAX_LOCATOR:
        raise ProtocolError(f"A locator has at most {protocol.MAX_LOCATOR} places.")
    if not all(0 <= place.seq < 10**_MAX_DIGITS for place in request.have):
        raise ProtocolError("A locator holds a place that no log has.")
    nonce = protocol.decode_bytes(request.nonce, chain.NONCE_SIZE)
    places = tuple(
        (place.seq, protocol.decode_bytes(place.head, chain.HASH_SIZE)) for place in request.have
    )
    return chain.genesis(device_id, nonce), places


def _read(seq: int, line: bytes) -> Entry | None:
    if len(line) > protocol.MAX_LINE_BYTES:
        return None
    try:
        entry = decode_entry(line)
    except UndecodableError:
        return None
    if entry.v != ENTRY_VERSION or entry.seq != seq or entry.at.tzinfo is None:
        return None
    return entry if _FIRST_TIME <= entry.at <= _LAST_TIME else None


def _checkpoint(
    headers: Mapping[str, str], device_id: str, key: Ed25519PublicKey, batch: Batch
) -> str:
    try:
        encoded = _header(headers, protocol.LOG_CHECKPOINT)
        note = base64.b64decode(encoded, validate=True).decode("utf-8")
        body = verify_checkpoint(note, key)
    except (binascii.Error, UnicodeDecodeError, NoteError) as error:
        raise ProtocolError("The checkpoint does not verify.") from error
    if (body.device_id, body.seq, body.head) != (device_id, batch.last_seq, batch.last_head):
        raise ProtocolError("The checkpoint is for another place in the log.")
    return note


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name.lower())
    if value is None:
        raise ProtocolError(f"The header {name} is missing.")
    return value


def _number(headers: Mapping[str, str], name: str, minimum: int = 0) -> int:
    text = _header(headers, name)
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS) or int(text) < minimum:
        raise ProtocolError(f"The header {name} is no number that makes sense.")
    return int(text)
