"""From the ledger to a push: which lines, and what its headers say."""

import base64
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scanner.ledger.checkpoint import make_checkpoint
from scanner.ledger.device import Device
from scanner.ledger.position import Position
from scanner.ledger.reader import Line
from sync import protocol
from sync.agent.answers import Sent
from sync.protocol import encode_bytes, milliseconds

_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment by all of the gate's clocks."""

    at: datetime
    boot: str
    mono_ms: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A push that is ready to be signed."""

    headers: dict[str, str]
    body: bytes
    sent: Sent


def compose(
    device: Device,
    nonce: bytes,
    previous: Position,
    lines: Sequence[Line],
    last: Position,
    instant: Instant,
) -> Outgoing | None:
    """A push of `lines` after `previous`; no lines make a heartbeat.

    Returns:
        None when the lines do not follow `previous` directly: some are no longer here.
    """
    if lines and lines[0].seq != previous.seq + 1:
        return None
    end = Position(lines[-1].seq, lines[-1].head) if lines else previous
    queue = max(0, last.seq - end.seq)
    checkpoint = make_checkpoint(device, end, instant.at)
    headers = {
        protocol.LOG_NONCE: encode_bytes(nonce),
        protocol.LOG_FIRST: str(previous.seq + 1),
        protocol.LOG_PREV: encode_bytes(previous.head),
        protocol.LOG_HEAD: encode_bytes(end.head),
        protocol.LOG_CHECKPOINT: base64.b64encode(checkpoint.encode()).decode(),
        protocol.LOG_BOOT: f"{instant.boot}/{instant.mono_ms}",
        protocol.LOG_SENT_AT: str(max(0, milliseconds(instant.at))),
        protocol.LOG_BACKLOG: str(queue),
    }
    body = gzip.compress(b"".join(line.line + b"\n" for line in lines), _LEVEL, mtime=0)
    return Outgoing(headers, body, Sent(end, queue))
