"""`checkpoint entries export`: take entries out, by two people, and say so in the ledger."""

import contextlib
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scanner.cli.entries_filter import (
    DecisionOption,
    EntryFilter,
    GuardOption,
    ReasonOption,
    SinceOption,
    TypeOption,
    UntilOption,
    a_filter,
    oldest_first,
)
from scanner.domain.entries import Entry
from scanner.domain.errors import LedgerError
from scanner.domain.exports import Export, ExportFormat
from scanner.domain.guards import Person
from scanner.ledger.reader import LedgerReader

if TYPE_CHECKING:
    from config.settings import GateSettings

_COMMAND: Final = 1
_TAIL: Final = 100


def export(
    file: Annotated[Path, typer.Argument(help="The new file; `.columns.md` goes beside it.")],
    by: Annotated[str, typer.Option(help="Your number on the roster.")],
    second: Annotated[str, typer.Option(help="The number of who agrees.")],
    form: Annotated[ExportFormat, typer.Option("--format", help="What kind of file.")],
    settings: Annotated[
        Path | None, typer.Option("--settings", help="The gate's settings file.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    decision: DecisionOption = None,
    kind: TypeOption = None,
    reason: ReasonOption = None,
    guard: GuardOption = None,
    pseudonyms: Annotated[
        bool,
        typer.Option(
            "--pseudonyms", help="With the pseudonyms, which link what one code did in one day."
        ),
    ] = False,
) -> None:
    """Take entries out of this gate into a file: two people, one of them a supervisor, by PIN.

    The ledger records who took what, whether the gate runs or not; without that line there is no
    file. Sealed fields stay: only the hub can open them. Beside the file a page explains each
    column.

    For example: `checkpoint entries export may.csv --format csv --by 17 --second 90 --since 7d`
    """
    from config.settings import load_gate_settings
    from scanner.cli.export_columns import columns, guide
    from scanner.cli.two_people import proven_pair

    page = file.with_name(f"{file.name}.columns.md")
    for path in (file, page):
        if path.exists():
            raise LedgerError(f"{path} is there already.", "Choose another name.")
    wanted = a_filter(since, until, kind, decision, reason, guard)
    tree = load_gate_settings(settings)
    pair = proven_pair(tree.roster, by, second)
    names = columns(pseudonyms=pseudonyms)
    part = file.with_name(f".{file.name}.part")
    try:
        taken = _write(tree.ledger, form, part, names, wanted, pair)
        device_id = _record(tree, taken)
        page.write_text(guide(taken, names, device_id, file.name), "utf-8")
        part.rename(file)
    except OSError as error:
        raise _unwritable(file, error.strerror) from error
    finally:
        part.unlink(missing_ok=True)
    print(f"{taken.count} entries, {taken.first} to {taken.last}: {file}; columns in {page.name}")


def _write(
    ledger: Path,
    form: ExportFormat,
    path: Path,
    names: tuple[str, ...],
    wanted: EntryFilter,
    pair: tuple[Person, Person],
) -> Export:
    from scanner.cli.export_files import write_export

    taken: list[int] = []

    def chosen(reader: LedgerReader) -> Iterator[Entry]:
        for _, entry in _with_progress(reader):
            if wanted.takes(entry):
                taken.append(entry.seq)
                yield entry

    path.unlink(missing_ok=True)
    with LedgerReader(ledger) as reader:
        try:
            write_export(form, path, names, chosen(reader))
        except sqlite3.Error as error:
            raise _unwritable(path, str(error)) from error
    if not taken:
        raise LedgerError("No entry is like that.", "Look with `checkpoint entries list`.")
    by, second = pair
    return Export(form=form, first=taken[0], last=taken[-1], count=len(taken), by=by, second=second)


def _with_progress(reader: LedgerReader) -> Iterator[tuple[object, Entry]]:
    """Every entry up to what is now the last one, with a bar on a terminal."""
    from rich.console import Console
    from rich.progress import track

    last = reader.last().seq
    entries = oldest_first(reader, last)
    console = Console(stderr=True)
    total = last - reader.erased().seq
    yield from track(entries, "taking out", total, console=console, disable=not console.is_terminal)


def _record(tree: "GateSettings", taken: Export) -> str:
    """Have the ledger tell of it: by the gate that runs, or by ourselves where none does.

    Returns:
        Whose ledger it is.
    """
    from scanner.cli.gate_line import GateAbsentError, tell_gate
    from scanner.gate.messages import NoteExport

    with LedgerReader(tree.ledger) as reader:
        device_id = reader.device_id
    with contextlib.suppress(GateAbsentError):
        refused = tell_gate(tree.socket, NoteExport(command=_COMMAND, export=taken))
        if refused is not None:
            raise LedgerError(
                f"The gate did not record the export: {refused}.",
                "Nothing was taken out; look at the gate's log.",
            )
        return device_id
    _record_ourselves(tree, taken, device_id)
    return device_id


def _record_ourselves(tree: "GateSettings", taken: Export, device_id: str) -> None:
    from scanner.gate.instant import GateClock
    from scanner.gate.records import export_entry
    from scanner.ledger.store import Ledger

    with Ledger.open(tree.ledger, device_id) as ledger:
        clock = GateClock(sync_status=tree.sync_status, system_counts=tree.clock.system)
        clock.recall(ledger.latest(_TAIL))
        clock.observe()
        build = partial(export_entry, export=taken)
        ledger.append(build(ledger.next_seq, clock.read().moment))


def _unwritable(path: Path, why: str | None) -> LedgerError:
    return LedgerError(f"{path} cannot be written: {why}.", "Choose another place.")
