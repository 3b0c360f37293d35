"""Checkpoints that the hub has countersigned, kept at the gate so that entries can be proven later.

Each acknowledgement brings one. Keeping every one would wear the card, so one is kept when enough
entries or enough time have passed since the last: between two of them lie few hashes. The notes are
lines of JSON strings in `checkpoints.jsonl`, written by sync only. Nothing depends on them but
proofs: a damaged line counts as none.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.durable_files import replace_file
from scanner.ledger.checkpoint import CheckpointBody, parse_checkpoint
from scanner.ledger.note import MAX_NOTE, NoteError
from scanner.log import EventLog

EVERY_ENTRIES: Final = 256
EVERY: Final = timedelta(hours=1)
MOST_BYTES: Final = 4 << 20
"""Of the file, some ten thousand notes: a year of a busy gate. Then the older half goes."""

_log = EventLog(__name__)


def kept_notes_path(outbox: Path) -> Path:
    """Where the notes lie: beside the outbox position."""
    return outbox.with_name("checkpoints.jsonl")


class KeptNotes:
    """The file, for its one writer.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._newest: CheckpointBody | None = None
        for _, body in load_notes(path):
            self._newest = body

    def keep(self, note: str, body: CheckpointBody) -> bool:
        """Keep a countersigned note, if it is due; whether it was.

        A disk that does not take it costs a proof its witness, and nothing else.
        """
        newest = self._newest
        if newest is not None and newest.device_id == body.device_id:
            passed, entries = body.at - newest.at, body.seq - newest.seq
            if entries == 0 or (0 < entries < EVERY_ENTRIES and timedelta(0) <= passed < EVERY):
                return False
        try:
            self._append(note)
        except OSError as error:
            _log.warning("checkpoint_not_kept", error=error.strerror)
            return False
        self._newest = body
        return True

    def _append(self, note: str) -> None:
        line = msgspec.json.encode(note) + b"\n"
        if self._path.exists() and self._path.stat().st_size > MOST_BYTES:
            lines = self._path.read_bytes().splitlines(keepends=True)
            replace_file(self._path, b"".join(lines[len(lines) // 2 :]) + line)
            return
        with self._path.open("ab") as file:
            if file.tell() and not self._ends_a_line():
                file.write(b"\n")  # a power cut tore the last one
            file.write(line)

    def _ends_a_line(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, 2)
            return file.read(1) == b"\n"


def load_notes(path: Path) -> Iterator[tuple[str, CheckpointBody]]:
    """The notes that were kept and what they say, the oldest first; nobody has verified them."""
    try:
        lines = path.read_bytes()[-2 * MOST_BYTES :].splitlines()
    except OSError:
        return
    for line in lines:
        if len(line) > 2 * MAX_NOTE:
            continue
        try:
            note = decode_json(line, str)
            yield note, parse_checkpoint(note)
        except (UndecodableError, NoteError):
            continue
