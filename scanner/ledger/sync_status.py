"""What sync last told about the hub: written by sync, read by the gate for the status line."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.durable_files import replace_file


class TrustTrouble(StrEnum):
    """Why the last look for a newer trust bundle brought nothing."""

    UNREACHABLE = "unreachable"  # no whole answer; what has come is kept
    CAPTIVE = "captive"  # something answers that is not a repository
    OLDER = "older"  # the hub gives out an older bundle than the one in force
    REFUSED = "refused"  # not signed as it must be, not well-formed, or no space for it
    BUSY = "busy"  # a stick or an import was being taken in
    FAILED = "failed"  # a fault of ours; the log names the place


Aware = Annotated[datetime, msgspec.Meta(tz=True)]
"""One without a zone cannot be compared with any other: the gate would stop over it."""

_LATEST_MS: Final = 10**13
"""Three centuries since boot; without a bound a number may be too large to reckon with."""


class TrustChecked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking for a newer trust bundle at the hub.

    Attributes:
        at: of the last attempt; None before the first.
        version: what was in force after the last look that succeeded; empty before the first.
        checked_at: when that was.
        trouble: what was wrong with the last attempt; None when it succeeded.
    """

    at: Aware | None = None
    version: str = ""
    checked_at: Aware | None = None
    trouble: TrustTrouble | None = None


class HubTime(msgspec.Struct, frozen=True, kw_only=True):
    """The hub's clock as sync measured it: signed by the hub, for a nonce of the same exchange.

    Attributes:
        boot: the kernel's boot id; in another boot the rest means nothing.
        up_ms: middle of the exchange, milliseconds since boot (CLOCK_BOOTTIME).
        at: the hub's time then, aware UTC.
        error_ms: give or take so much: half of the round trip.
    """

    boot: str
    up_ms: Annotated[int, msgspec.Meta(ge=0, le=_LATEST_MS)]
    at: Aware
    error_ms: Annotated[int, msgspec.Meta(ge=0, le=86_400_000)]


class SyncStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How the connection to the hub is.

    Attributes:
        at: when sync wrote this, aware UTC; an old one means that sync itself has stopped.
        state: sync's own word for what it is doing, such as `idle`, `sending` or `backoff`.
        queue: entries that the hub has not acknowledged.
        last_ok: the last good answer of the hub; None when there never was one.
        detail: a short fixed phrase for operators; no content of entries.
        trust: what came of looking for a newer trust bundle; None when nobody looks.
        hub_time: the last measurement of the hub's clock; None before the first.
    """

    at: Aware
    state: str
    queue: int
    last_ok: Aware | None = None
    detail: str = ""
    trust: TrustChecked | None = None
    hub_time: HubTime | None = None


def load_sync_status(path: Path) -> SyncStatus | None:
    """The last status; None when sync never wrote one, or it cannot be read."""
    try:
        return decode_json(path.read_bytes(), SyncStatus)
    except (OSError, UndecodableError):
        return None


def save_sync_status(path: Path, status: SyncStatus) -> None:
    """Replace the status file; a reader sees the old or the new one, never half of it.

    Raises:
        OSError: the folder is missing, full or read-only.
    """
    replace_file(path, msgspec.json.encode(status), mode=0o640)
