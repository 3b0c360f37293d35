"""What gate and hub say to one another; `docs/sync-protocol.md` tells it with an example.

A push carries the exact ledger lines as NDJSON, gzip-compressed. The hub accepts it when it knows
the entry before the first line, and answers with two cursors: `acked` (committed there) and
`archived` (also in a backup). An entry is identified by (device, seq, head), so every request may
arrive twice, late or never without harm. No answer makes a gate drop an entry.
"""

import base64
import binascii
import hashlib
import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from scanner.domain.errors import ProtocolError
from scanner.domain.trace import MOST_KEYS

VERSION: Final = "v1"
ENROL_PATH: Final = f"/{VERSION}/enrol"
TIME_PATH: Final = f"/{VERSION}/time"
ENTRIES_PATH: Final = f"/{VERSION}/devices/{{device}}/entries"
LOCATE_PATH: Final = f"/{VERSION}/devices/{{device}}/locate"
SUNSET_PATH: Final = f"/{VERSION}/devices/{{device}}/sunset"
NEIGHBOURS_PATH: Final = f"/{VERSION}/devices/{{device}}/neighbours"

# Request headers of a push; each is covered by the signature.
LOG_NONCE: Final = "Log-Nonce"  # the log's 16 random bytes, from which its head_0 follows
LOG_FIRST: Final = "Log-First"  # seq of the first line
LOG_PREV: Final = "Log-Prev"  # head before it
LOG_HEAD: Final = "Log-Head"  # head after the last line
LOG_CHECKPOINT: Final = "Log-Checkpoint"  # signed note for that head, base64
LOG_BOOT: Final = "Log-Boot"  # boot id / milliseconds since boot, sleep included
LOG_SENT_AT: Final = "Log-Sent-At"  # the gate's wall clock, milliseconds since 1970
LOG_BACKLOG: Final = "Log-Backlog"  # entries that still wait after this batch
PUSH_HEADERS: Final = (
    LOG_NONCE,
    LOG_FIRST,
    LOG_PREV,
    LOG_HEAD,
    LOG_CHECKPOINT,
    LOG_BOOT,
    LOG_SENT_AT,
    LOG_BACKLOG,
)

# A random value that every answer of a hub repeats; a captive portal cannot know it.
REQUEST_NONCE: Final = "Request-Nonce"

# Answer header of `TIME_PATH`: the hub's wall clock, milliseconds since 1970.
HUB_TIME: Final = "Hub-Time"

NDJSON: Final = "application/x-ndjson"
JSON: Final = "application/json"

MAX_ENTRIES: Final = 500
MAX_BATCH_BYTES: Final = 256 * 1024
MAX_BODY_BYTES: Final = MAX_BATCH_BYTES + MAX_ENTRIES  # with the newlines
MAX_COMPRESSED_BYTES: Final = MAX_BODY_BYTES + 4096  # gzip makes noise a little longer
# Ledger lines are far shorter; a longer one is kept in quarantine without being parsed.
MAX_LINE_BYTES: Final = 64 * 1024
MAX_MESSAGE_BYTES: Final = 16 * 1024
MAX_ANSWER_BYTES: Final = 64 * 1024
MAX_LOCATOR: Final = 64
MAX_DATAGRAMS: Final = 24
MAX_NEIGHBOURS_BYTES: Final = 56 * 1024  # 24 datagrams of 1400 bytes in base64url, and their frame

DATAGRAM_MAGIC: Final = b"CPN1"  # then four bytes of the day and eight of the site's mark
_DATAGRAM_HEAD: Final = len(DATAGRAM_MAGIC) + 4 + 8
_DEVICE_ID: Final = re.compile(r"d-[0-9a-f]{16}")
_REQUEST_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")


HubTime = Annotated[int, msgspec.Meta(ge=0, le=32_503_680_000_000)]
"""A hub's wall clock in milliseconds since 1970, up to the year 3000: gates calculate with it."""


class Cursor(msgspec.Struct, frozen=True):
    """A place in a log: everything up to `seq`, whose head is `head` (base64url)."""

    seq: int
    head: str


class Notice(StrEnum):
    """What the hub noticed about a log; none of them loses or refuses anything."""

    FORK = "fork"  # this batch follows an entry that already has another successor
    ROLLBACK = "rollback"  # the hub knows later entries of this log than the gate does
    NEW_LOG = "new_log"  # this device has begun a further log, with a nonce of its own


class DayKey(msgspec.Struct, frozen=True):
    """A day's trace key: the day in UTC, the 32 bytes in base64url."""

    day: date
    key: Annotated[str, msgspec.Meta(min_length=43, max_length=43)]


class PushReply(msgspec.Struct, frozen=True, kw_only=True):
    """200: everything in the batch is committed at the hub.

    Attributes:
        acked: the last entry of the batch; committed.
        archived: the last entry of this branch that is also in a backup.
        written, duplicate: how many lines were new, and how many the hub had already.
        quarantined: of the new ones, how many it keeps but cannot read.
        heads: leaves of this device's tree of entries; one, unless it was restored or cloned.
        server_time: the hub's wall clock, milliseconds since 1970.
        next_sync_s: pause before the next heartbeat.
        linger_s: how long to gather entries after the first new one: the hub's throttle.
        max_entries, max_bytes: limits of the next batch.
        checkpoint: the gate's own signed note with the hub's signature added.
        trust: which trust repository the hub gives out: 16 hex digits of its timestamp's SHA-256.
            A hint only: whoever follows it verifies what it finds.
        time_signature: the hub's Ed25519 signature of `time_text`, base64url; a gate believes no
            other time. Empty from a hub that does not sign its time.
        trace_keys: with which the gate marks who came, today's and the next two days'
            (`docs/passback.md`). None where the hub has nothing to compare.
    """

    acked: Cursor
    archived: Cursor
    written: int
    duplicate: int
    quarantined: int
    heads: int
    server_time: HubTime
    next_sync_s: float
    linger_s: float
    checkpoint: str
    max_entries: int = MAX_ENTRIES
    max_bytes: int = MAX_BATCH_BYTES
    time_signature: str = ""
    notices: tuple[Notice, ...] = ()
    trust: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}\\Z")] | None = None
    trace_keys: Annotated[tuple[DayKey, ...], msgspec.Meta(max_length=MOST_KEYS)] = ()


class LocateRequest(msgspec.Struct, frozen=True):
    """Places in the gate's log, the newest first: the last nine, then ever wider, then 0."""

    nonce: str
    have: tuple[Cursor, ...]


class LocateReply(msgspec.Struct, frozen=True):
    """The newest of them that the hub knows; seq 0 when it knows none."""

    common: Cursor
    server_time: HubTime


class SunsetRequest(msgspec.Struct, frozen=True):
    """A gate has erased itself; `certificate` is its signed note (`scanner.ledger.sunset`)."""

    certificate: str


class SunsetReply(msgspec.Struct, frozen=True):
    """The certificate as the hub keeps it, with the hub's signature below the gate's."""

    certificate: str
    server_time: HubTime


Datagram = Annotated[str, msgspec.Meta(min_length=48, max_length=1868)]
"""At most 1400 bytes in base64url, sealed by a gate of a site; nobody between them can open it."""

Room = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{24}\\Z")]
"""Day and mark of a site's datagrams, in hex, as they stand in the clear in each."""


class NeighboursRequest(msgspec.Struct, frozen=True):
    """A gate leaves datagrams for the other gates of its site, and asks for theirs.

    Attributes:
        rooms: where to look.
        after: number up to which this gate has what lies there.
        datagrams: to be left, each in its own room.
    """

    rooms: Annotated[tuple[Room, ...], msgspec.Meta(min_length=1, max_length=2)]
    after: Annotated[int, msgspec.Meta(ge=0, le=1 << 60)]
    datagrams: Annotated[tuple[Datagram, ...], msgspec.Meta(max_length=MAX_DATAGRAMS)]


class NeighboursReply(msgspec.Struct, frozen=True):
    """What others left there after that number, the oldest first; ask again after `after`."""

    after: Annotated[int, msgspec.Meta(ge=0, le=1 << 60)]
    datagrams: Annotated[tuple[Datagram, ...], msgspec.Meta(max_length=MAX_DATAGRAMS)]


class EnrolRequest(msgspec.Struct, frozen=True):
    """A gate introduces itself, signed with the key that it introduces.

    Attributes:
        token: the one-time token from `checkpoint hub token`.
        public_key: raw Ed25519 key, base64url; the device id follows from it.
    """

    token: str
    public_key: str
    site: str
    gate: str


class EnrolReply(msgspec.Struct, frozen=True):
    """What a gate keeps of its hub.

    Attributes:
        hub: the name under which the hub countersigns checkpoints.
        signing_key: raw Ed25519 public key, base64url.
        sealing_key: raw X25519 public key, base64url, to which personal fields are sealed.
    """

    device: str
    hub: str
    signing_key: str
    sealing_key: str
    server_time: HubTime


class ErrorCode(StrEnum):
    """Why the hub did not take a request."""

    UNKNOWN_PREDECESSOR = "unknown-predecessor"  # 409
    BAD_BATCH = "bad-batch"  # 400, lines and headers do not agree
    BAD_REQUEST = "bad-request"  # 400
    TOO_LARGE = "too-large"  # 413
    UNSUPPORTED = "unsupported"  # 415
    IDENTITY = "identity"  # 401, unknown device or wrong signature
    CLOCK = "clock"  # 401, a good signature, made too long ago or in the future
    TOKEN = "token"  # 403, enrolment only
    RETIRED = "retired"  # 410
    NOT_FOUND = "not-found"  # 404
    TOO_SLOW = "too-slow"  # 408
    UNAVAILABLE = "unavailable"  # 503
    INTERNAL = "internal"  # 500


class ErrorReply(msgspec.Struct, frozen=True):
    """Body of every answer that is no success."""

    error: ErrorCode
    server_time: HubTime
    detail: str = ""


def is_device_id(text: str) -> bool:
    """True for "d-" and 16 hex digits."""
    return _DEVICE_ID.fullmatch(text) is not None


def is_request_nonce(text: str) -> bool:
    """True for what a hub is willing to repeat."""
    return _REQUEST_NONCE.fullmatch(text) is not None


def device_id_of(public_key: bytes) -> str:
    """The id that follows from a device's raw Ed25519 public key."""
    return "d-" + hashlib.sha256(public_key).hexdigest()[:16]


def fingerprint(signing_key: bytes, sealing_key: bytes) -> str:
    """16 base32 characters (80 bits) in an enrolment token: they stand for the hub's raw keys."""
    digest = hashlib.sha256(b"checkpoint-hub/1\0" + signing_key + sealing_key).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def time_text(request_nonce: str, server_time_ms: int) -> bytes:
    """What a hub signs so that a gate may take its time.

    The nonce is random and of this one exchange: the time was told after the request was sent and
    before the answer came, whoever carried them and however slowly.
    """
    return f"checkpoint-hub-time/1\n{request_nonce}\n{server_time_ms}\n".encode()


def room_of(datagram: bytes) -> str | None:
    """The room in which a datagram is left; None for bytes that are no gate's."""
    head = datagram[len(DATAGRAM_MAGIC) : _DATAGRAM_HEAD]
    is_whole = datagram.startswith(DATAGRAM_MAGIC) and len(datagram) > _DATAGRAM_HEAD
    return head.hex() if is_whole else None


def encode_bytes(value: bytes) -> str:
    """base64url without padding, as hashes, keys and nonces cross the wire."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode_bytes(text: str, size: int) -> bytes:
    """The `size` bytes behind `text`.

    Raises:
        ProtocolError: it is not the one base64url spelling of `size` bytes.
    """
    try:
        value = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ProtocolError("Not base64url.") from error
    if len(value) != size or encode_bytes(value) != text:
        raise ProtocolError(f"Not {size} bytes in base64url.")
    return value


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return round(at.timestamp() * 1000)
