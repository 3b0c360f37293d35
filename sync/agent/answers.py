"""What an HTTP answer means to the agent: pure, from status, headers and bytes to an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import ProtocolError
from scanner.domain.trace import KEY_BYTES, TraceKey
from scanner.ledger.chain import HASH_SIZE
from scanner.ledger.checkpoint import verify_checkpoint, verify_cosignature
from scanner.ledger.note import NoteError
from scanner.ledger.position import Position
from sync import protocol
from sync.agent.machine import (
    Acked,
    ClockWrong,
    Condition,
    Event,
    Located,
    Measured,
    PredecessorUnknown,
    TooLarge,
    Trouble,
)
from sync.protocol import Cursor, ErrorCode

_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_LONGEST_RETRY_AFTER_DIGITS: Final = 6
_SIGNATURE_SIZE: Final = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came.

    Attributes:
        headers: names in lower case.
        nonce: what our request sent; a hub repeats it.
        sent_at, received_at: our wall clock around the exchange.
        sent_up_ms, received_up_ms: the same in milliseconds since boot, which nobody can set.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    nonce: str
    sent_at: datetime
    received_at: datetime
    sent_up_ms: int
    received_up_ms: int

    @property
    def is_from_hub(self) -> bool:
        """True when the answer repeats our nonce, which no portal's page does."""
        return self.headers.get(protocol.REQUEST_NONCE.lower()) == self.nonce

    def offset_to(self, server_time_ms: int) -> timedelta:
        """The hub's clock minus ours, good to half of the round trip."""
        middle = self.sent_at + (self.received_at - self.sent_at) / 2
        return timedelta(milliseconds=server_time_ms - protocol.milliseconds(middle))


@dataclass(frozen=True, slots=True)
class HubIdentity:
    """Under which name and key this gate's hub signs; pinned at enrolment."""

    name: str
    key: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Sent:
    """What a push contained, to hold the answer against.

    Attributes:
        end: the position after the batch.
        queue: entries that were left behind it.
    """

    end: Position
    queue: int


def read_push_answer(
    answer: Answer, sent: Sent, device_key: Ed25519PublicKey, hub: HubIdentity
) -> Event:
    """What to make of the answer to a push."""
    if answer.status != HTTPStatus.OK or not answer.is_from_hub:
        return read_failure(answer)
    try:
        reply = decode_json(answer.body, protocol.PushReply)
        acked, archived = _position(reply.acked), _position(reply.archived)
        body = verify_checkpoint(reply.checkpoint, device_key)
        verify_cosignature(reply.checkpoint, hub.name, hub.key)
    except (UndecodableError, ProtocolError, NoteError):
        return Trouble(Condition.REJECTED)
    if acked != sent.end or body.position != sent.end or not 0 <= archived.seq <= acked.seq:
        return Trouble(Condition.REJECTED)
    return Acked(
        position=acked,
        archived=archived,
        next_sync_s=reply.next_sync_s,
        linger_s=reply.linger_s,
        max_entries=reply.max_entries,
        max_bytes=reply.max_bytes,
        queue=sent.queue,
        trust=reply.trust,
        measured=_measured(answer, reply, hub.key),
        checkpoint=reply.checkpoint,
        trace_keys=_trace_keys(reply),
    )


def read_locate_answer(answer: Answer, offered: tuple[Position, ...]) -> Event:
    """What to make of the answer to a locate; only a place that we offered counts."""
    if answer.status != HTTPStatus.OK or not answer.is_from_hub:
        return read_failure(answer)
    try:
        common = _position(decode_json(answer.body, protocol.LocateReply).common)
    except (UndecodableError, ProtocolError):
        return Trouble(Condition.REJECTED)
    return Located(common) if common in offered else Trouble(Condition.REJECTED)


def read_failure(answer: Answer) -> Event:
    """What every answer means that is not the success we asked for."""
    status = answer.status
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLarge()  # a proxy in front of the hub may say so too, without our nonce
    if status in _LATER or (status >= 500 and status != HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED):
        return Trouble(Condition.UNAVAILABLE, _retry_after(answer.headers))
    if not answer.is_from_hub or 300 <= status < 400:
        return Trouble(Condition.CAPTIVE)
    error = read_error(answer)
    match status, None if error is None else error.error:
        case HTTPStatus.CONFLICT, ErrorCode.UNKNOWN_PREDECESSOR:
            return PredecessorUnknown()
        case HTTPStatus.UNAUTHORIZED, ErrorCode.CLOCK if error is not None:
            return ClockWrong(answer.offset_to(error.server_time))
        case HTTPStatus.GONE, _:
            return Trouble(Condition.RETIRED)
        case HTTPStatus.BAD_REQUEST, _:
            return Trouble(Condition.REJECTED)
        case _:
            return Trouble(Condition.REFUSED)


def read_error(answer: Answer) -> protocol.ErrorReply | None:
    """The hub's own words about a failure; None when there are none."""
    try:
        return decode_json(answer.body, protocol.ErrorReply)
    except UndecodableError:
        return None


def _measured(answer: Answer, reply: protocol.PushReply, key: Ed25519PublicKey) -> Measured | None:
    """The hub's time; a missing or wrong signature costs the time and never the acknowledgement."""
    text = protocol.time_text(answer.nonce, reply.server_time)
    try:
        key.verify(protocol.decode_bytes(reply.time_signature, _SIGNATURE_SIZE), text)
    except (ProtocolError, InvalidSignature):
        return None
    trip_ms = answer.received_up_ms - answer.sent_up_ms
    return Measured(
        up_ms=answer.sent_up_ms + trip_ms // 2,
        at_ms=reply.server_time,
        error_ms=trip_ms // 2 + 2,  # each of the three clocks is read in whole milliseconds
    )


def _trace_keys(reply: protocol.PushReply) -> tuple[TraceKey, ...]:
    """The hub's keys for marking scans; a bad one costs all of them, and no acknowledgement."""
    try:
        return tuple(
            TraceKey(given.day, protocol.decode_bytes(given.key, KEY_BYTES))
            for given in reply.trace_keys
        )
    except ProtocolError:
        return ()


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header; its form as a date is rare and left to the back-off."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) <= _LONGEST_RETRY_AFTER_DIGITS:
        return float(value)
    return None


def _position(cursor: Cursor) -> Position:
    return Position(cursor.seq, protocol.decode_bytes(cursor.head, HASH_SIZE))
