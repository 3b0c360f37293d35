"""How far the hub has got: one small file that only sync writes, never a flag in each row.

It is a hint, not a record. When it is lost or older than the truth, sync sends entries that the hub
already has or asks with `locate`, and the hub answers with what it holds: nothing is lost and
nothing is doubled. That is why a damaged file counts as none instead of stopping the queue.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import LedgerError
from scanner.durable_files import replace_file
from scanner.ledger.position import Position
from scanner.log import EventLog

_log = EventLog(__name__)
Seq = Annotated[int, msgspec.Meta(ge=0)]
HexHead = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class OutboxPosition(msgspec.Struct, frozen=True, kw_only=True):
    """The hub's two cursors, as it last told them.

    Attributes:
        acked_seq, acked_head: committed at the hub; sync goes on after it.
        archived_seq, archived_head: also in the hub's backup; only up to here may lines ever go.
        at: when the hub said so, aware UTC.
    """

    acked_seq: Seq
    acked_head: HexHead
    archived_seq: Seq
    archived_head: HexHead
    at: datetime

    @property
    def acked(self) -> Position:
        """The acknowledged position."""
        return Position(self.acked_seq, bytes.fromhex(self.acked_head))

    @property
    def archived(self) -> Position:
        """The archived position."""
        return Position(self.archived_seq, bytes.fromhex(self.archived_head))


def load_outbox(path: Path) -> OutboxPosition | None:
    """What `save_outbox` wrote; None when there is no such file or it is damaged."""
    try:
        return decode_json(path.read_bytes(), OutboxPosition)
    except FileNotFoundError:
        return None
    except (OSError, UndecodableError) as error:
        _log.warning("outbox_unreadable", file=path.name, error=type(error).__name__)
        return None


def save_outbox(path: Path, position: OutboxPosition) -> None:
    """Replace the file atomically and durably.

    Raises:
        LedgerError: it cannot be written; the old one still stands.
    """
    try:
        replace_file(path, msgspec.json.encode(position))
    except OSError as error:
        raise LedgerError(
            f"The outbox position {path} cannot be written: {error.strerror}.",
            "Make room, or check the system log for disk errors.",
        ) from error
