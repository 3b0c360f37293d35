"""Whose log stands here, once more, in a small file beside it: `ledger.db.id`.

It tells a log that has vanished from one that never was, and gives a rescue the nonce when the page
that held it is gone. The database's own `log` table is what counts while it can be read.
"""

from pathlib import Path
from typing import Annotated

import msgspec

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.durable_files import replace_file
from scanner.ledger.chain import NONCE_SIZE
from scanner.ledger.schema import LogIdentity
from scanner.log import EventLog

_log = EventLog(__name__)


class _LogId(msgspec.Struct, frozen=True):
    device: str
    nonce: Annotated[str, msgspec.Meta(pattern=f"^[0-9a-f]{{{2 * NONCE_SIZE}}}$")]


def log_id_path(ledger: Path) -> Path:
    """Where the file lies that belongs to a ledger."""
    return ledger.with_name(ledger.name + ".id")


def load_log_id(ledger: Path) -> LogIdentity | None:
    """What was noted beside the ledger; None when nothing was, or it cannot be read."""
    try:
        noted = decode_json(log_id_path(ledger).read_bytes(), _LogId)
    except (OSError, UndecodableError):
        return None
    return LogIdentity(noted.device, bytes.fromhex(noted.nonce))


def note_log_id(ledger: Path, identity: LogIdentity) -> None:
    """Note it, unless that is what the file says already.

    A disk that does not take the file is no reason to stop: the ledger is whole without it.
    """
    if load_log_id(ledger) == identity:
        return
    noted = _LogId(identity.device_id, identity.nonce.hex())
    try:
        replace_file(log_id_path(ledger), msgspec.json.encode(noted))
    except OSError as error:
        _log.warning("log_id_not_noted", error=error.strerror)
