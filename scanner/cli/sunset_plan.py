"""What a gate holds, and how it is erased so that a power cut leaves nothing half done.

A file `sunset.json` in the state folder tells that it was begun, and keeps what the certificate
will say. While it is there no gate starts. It goes last, after the device's key.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import LedgerError
from scanner.durable_files import replace_file, sync_folder
from scanner.ledger.position import Position

if TYPE_CHECKING:
    from config.settings import GateSettings

MARKER: Final = "sunset.json"
ENROLMENT: Final = "enrolment.json"
_STATE_PATTERNS: Final = (
    "ledger.db*", ".ledger.db*", "outbox.json", ".outbox.json*", "checkpoints.jsonl",
    "hub-sealing.pem", ".hub-sealing.pem*", "guards.json*", ".guards.json*", "gate.log",
    "site.key*", ".site.key*", "last-good*", ".device.pem*", ".enrolment.json*",
)  # fmt: skip
_RUNTIME_PATTERNS: Final = (
    "daily-key-*",
    ".daily-key-*",
    "site-keys*",
    ".site-keys*",
    "trace-keys.json",
    ".trace-keys*",
    "sync-status.json",
    ".sync-status*",
)
_BLOCK: Final = 1 << 20


class Begun(msgspec.Struct, frozen=True):
    """What is known of the log when it is about to go.

    Attributes:
        seq, head: the log's end; the head in hex.
        acked: up to here the hub has entries.
        files: how many files there were; the key is not counted.
    """

    device: str
    seq: int
    head: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    acked: int
    files: int
    at: datetime

    @property
    def end(self) -> Position:
        """The log's end as a position."""
        return Position(self.seq, bytes.fromhex(self.head))


def files_of(tree: "GateSettings") -> list[Path]:
    """Everything of this gate but its device key, its enrolment and the marker."""
    state, runtime = tree.paths.state, tree.paths.runtime
    found = [path for pattern in _STATE_PATTERNS for path in state.glob(pattern)]
    found += [path for pattern in _RUNTIME_PATTERNS for path in runtime.glob(pattern)]
    found += [path for folder in _folders(tree) for path in _below(folder)]
    found += [tree.sealing_key, tree.site_key]
    return sorted({path for path in found if path.is_file() and not path.is_symlink()})


def others(tree: "GateSettings") -> list[Path]:
    """What lies in the state folder and is not known to be the gate's: it stays."""
    known = {*files_of(tree), tree.device_key, *(tree.paths.state / n for n in (MARKER, ENROLMENT))}
    return [path for path in _below(tree.paths.state) if path not in known]


def begun(tree: "GateSettings") -> Begun | None:
    """What the marker tells; None where no sunset was begun.

    Raises:
        LedgerError: the marker is damaged.
    """
    path = tree.paths.state / MARKER
    try:
        return decode_json(path.read_bytes(), Begun)
    except FileNotFoundError:
        return None
    except (OSError, UndecodableError) as error:
        raise LedgerError(
            f"{path} cannot be read.", "Remove it; then `checkpoint sunset` begins anew."
        ) from error


def begin(tree: "GateSettings", facts: Begun) -> None:
    """From here on there is no way back: no gate starts any more.

    Raises:
        OSError: the marker cannot be written; nothing was erased.
    """
    replace_file(tree.paths.state / MARKER, msgspec.json.encode(facts))


def erase(path: Path) -> None:
    """Overwrite a file with zeros, durably, and remove it; one that is gone is no error.

    On a card the cells with the old bytes may outlive both: a card that leaves is destroyed.

    Raises:
        OSError: it cannot be written or removed.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        left = os.fstat(descriptor).st_size
        while left > 0:
            left -= os.write(descriptor, bytes(min(left, _BLOCK)))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    path.unlink()
    sync_folder(path.parent)


def remove_folders(tree: "GateSettings") -> None:
    """Remove those of the gate's folders that are empty now."""
    for top in _folders(tree):
        folders = [path for path in top.rglob("*") if path.is_dir()] if top.is_dir() else []
        for folder in sorted([top, *folders], reverse=True):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def finish(tree: "GateSettings") -> None:
    """The key, and the marker after it.

    Raises:
        OSError: one of them cannot be removed; the same command goes on.
    """
    erase(tree.paths.state / ENROLMENT)
    erase(tree.device_key)
    erase(tree.paths.state / MARKER)


def _folders(tree: "GateSettings") -> tuple[Path, ...]:
    """What is the gate's as a whole: the trust store, logs of earlier keys, damaged ledgers."""
    state = tree.paths.state
    return (tree.trust.folder, state / "retired", state / "damaged")


def _below(folder: Path) -> list[Path]:
    return sorted(_walk(folder)) if folder.is_dir() else []


def _walk(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
