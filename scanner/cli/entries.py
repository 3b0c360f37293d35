"""`checkpoint entries`: look at the ledger, and prove that nobody changed it."""

from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from scanner.cli.entries_export import export
from scanner.cli.entries_filter import (
    DecisionOption,
    GuardOption,
    ReasonOption,
    SinceOption,
    TypeOption,
    UntilOption,
    a_filter,
    decoded,
    newest_first,
)
from scanner.cli.entries_options import (
    JsonOption,
    LedgerOption,
    SettingsOption,
    ledger_path,
    wants_json,
)
from scanner.cli.entries_overrides import overrides
from scanner.cli.printable import printable
from scanner.cli.proofs import kept_position
from scanner.domain.entries import Entry, EntryType
from scanner.domain.errors import LedgerError
from scanner.domain.guards import Role
from scanner.domain.verdicts import Decision
from scanner.ledger.outbox import load_outbox
from scanner.ledger.reader import LedgerReader, Line
from scanner.ledger.verify import verify_log

app = typer.Typer(
    help="""Look at the ledger and check it. Only `export` adds a line to it; the gate may run.

On a terminal the answers are tables; into a pipe or with `--json` each entry is one JSON line,
exactly as it was recorded and hashed.""",
    no_args_is_help=True,
)

_PAGE = 500
_PAGE_BYTES = 4 << 20


@app.command("list")
def list_(
    settings: SettingsOption = None,
    ledger: LedgerOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    decision: DecisionOption = None,
    kind: TypeOption = None,
    reason: ReasonOption = None,
    guard: GuardOption = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest ones.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the newest entries, the oldest of them first.

    Times are shown in local time and recorded in UTC.

    For example:

    - `checkpoint entries list --since today --decision REFUSE`
    - `checkpoint entries list --since 2h --reason colour_yellow`
    - `checkpoint entries list --type guard --guard 17 --limit 100 --json | jq .guard_reason`
    """
    wanted = a_filter(since, until, kind, decision, reason, guard)
    with LedgerReader(ledger_path(settings, ledger)) as reader:
        chosen = list(islice(newest_first(reader, wanted), limit))
    chosen.reverse()
    if wants_json(as_json):
        for line, _ in chosen:
            print(line.line.decode())
    else:
        _print_table([entry for _, entry in chosen])


@app.command()
def show(
    seq: Annotated[int, typer.Argument(min=1, help="The entry's number.")],
    settings: SettingsOption = None,
    ledger: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one entry with every key, its place in the chain, and what completed it.

    For example: `checkpoint entries show 42`
    """
    path = ledger_path(settings, ledger)
    with LedgerReader(path) as reader:
        found = reader.lines_after(seq - 1, 1, 0)
        if not found or found[0].seq != seq:
            raise LedgerError(
                f"There is no entry {seq} in {path}.", f"It has 1 to {reader.last().seq}."
            )
        line = found[0]
        later = [
            entry
            for following in reader.lines_after(seq, _PAGE, _PAGE_BYTES)
            if (entry := decoded(following)).completes == seq
        ]
    if wants_json(as_json):
        print(line.line.decode())
    else:
        _print_entry(line, decoded(line), later)


@app.command()
def verify(
    settings: SettingsOption = None,
    ledger: LedgerOption = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="A checkpoint of this log that somebody else has kept: its signed note."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Walk the whole chain and name the first entry that was edited, removed, moved or inserted.

    The last position that the hub acknowledged (`outbox.json` beside the ledger) is compared too:
    without it nobody could see that the log's end was cut off, or the whole file is an older copy.
    Whoever had the card could change that file as well: the hub's own checkpoint is better. Exit
    status 1 when something is wrong.

    For example:

    - `checkpoint entries verify --ledger /media/card/ledger.db`
    - `checkpoint entries verify --checkpoint from-the-hub.txt`
    """
    path = ledger_path(settings, ledger)
    outbox = load_outbox(path.with_name("outbox.json"))
    known = outbox.acked if outbox else None
    if checkpoint is not None:
        known = kept_position(checkpoint, path)
    report = verify_log(path, known)
    fault = report.fault
    receipted, key = _receipted(path)
    if wants_json(as_json):
        answer = {
            "device": report.device_id,
            "entries": report.entries,
            "erased": report.erased,
            "receipted": receipted,
            "head": report.position.head.hex(),
            "acked": outbox.acked_seq if outbox else None,
            "compared": known.seq if known else None,
            "fault": {"seq": fault.seq, "kind": fault.kind} if fault else None,
        }
        print(msgspec.json.encode(answer).decode())
    else:
        print(f"{path} of {report.device_id}")
        print(f"  {report.entries} entries follow one another from the first one on")
        if report.erased:
            unproven = "" if key else "; its key is not here, so nobody checked the signatures"
            print(f"  of entries 1 to {report.erased} only the hashes are kept")
            print(f"  the gate has signed for erasing 1 to {receipted}{unproven}")
        print(f"  head {report.position.head.hex()}")
        if known:
            whose = "which the hub acknowledged" if checkpoint is None else "as the note says"
            print(f"  compared with entry {known.seq}, {whose}")
        else:
            print("  no acknowledged position to compare with: a cut-off end would not show")
        print(f"  entry {fault.seq}: {fault.explanation}" if fault else "  nothing was changed")
    if fault:
        raise typer.Exit(1)


@app.command()
def stats(
    settings: SettingsOption = None,
    ledger: LedgerOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count entries by type, decision and reason, show the scans of each hour, and what waits.

    On a terminal the last 48 hours are drawn, each decision with a mark of its own.

    For example: `checkpoint entries stats --since today`
    """
    from scanner.cli.entries_stats import counted, latest_hours, print_hours

    path = ledger_path(settings, ledger)
    wanted = a_filter(since, until)
    with LedgerReader(path) as reader:
        found = newest_first(reader, wanted)
        counts = counted((entry, len(line.line)) for line, entry in found)
        last, erased = reader.last().seq, reader.erased().seq
    outbox = load_outbox(path.with_name("outbox.json"))
    queue = max(0, last - outbox.acked_seq) if outbox else None
    if wants_json(as_json):
        hours = {f"{hour:%Y-%m-%dT%H%z}": of for hour, of in latest_hours(counts.hours)}
        answer = {
            "entries": counts.total, "line_bytes": counts.line_bytes, "queue": queue,
            "erased": erased, **counts.groups, "hours": hours,
        }  # fmt: skip
        print(msgspec.json.encode(answer).decode())
        return
    print(f"{path}: {counts.total} entries, {counts.line_bytes} bytes of lines")
    print(f"  not yet at the hub: {'sync never ran' if queue is None else queue}")
    if erased:
        print(f"  entries 1 to {erased} were erased, their hashes are kept")
    for group, counter in counts.groups.items():
        for name, count in counter.most_common():
            print(f"  {group:12} {name:28} {count:8}")
    from rich.console import Console

    print_hours(counts.hours, Console(markup=False))


app.command()(export)
app.command()(overrides)


def _print_table(entries: list[Entry]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("seq", "time", "type", "decision", "way", "inside", "issuer", "kind", "°C"):
        table.add_column(
            heading, justify="right" if heading in ("seq", "inside", "°C") else "left", no_wrap=True
        )
    table.add_column("reasons", overflow="fold")
    colours = {Decision.ADMIT: "green", Decision.CHECK: "yellow", Decision.REFUSE: "red"}
    for entry in entries:
        decision = str(entry.guard or entry.decision or "")
        table.add_row(
            str(entry.seq),
            f"{entry.at.astimezone():%m-%d %H:%M:%S}",
            entry.type if entry.completes is None else f"{entry.type} of {entry.completes}",
            decision,
            _way(entry),
            "" if entry.occupancy is None else str(entry.occupancy),
            printable(entry.issuer or ""),
            entry.kind or entry.person or "",
            "" if entry.temperature_c is None else f"{entry.temperature_c:.1f}",
            _why(entry),
            style=None if entry.decision is None else colours[entry.decision],
        )
    Console(markup=False).print(table)


def _receipted(path: Path) -> tuple[int, bool]:
    """How far the gate has signed for what it erased, and whether its key was there to check."""
    from scanner.ledger.device import load_or_create_device
    from scanner.ledger.receipted import receipted_through

    key_file = path.with_name("device.pem")
    with LedgerReader(path) as reader:
        if not reader.erased().seq:
            return 0, True
        device = load_or_create_device(key_file) if key_file.exists() else None
        key = device.private_key.public_key() if device else None
        return receipted_through(reader, key), key is not None


def _way(entry: Entry) -> str:
    """In or out, and after how long."""
    if entry.dwell_s is None:
        return entry.direction or ""
    hours, minutes = divmod(entry.dwell_s // 60, 60)
    return f"{entry.direction} after {hours}:{minutes:02}"


def _why(entry: Entry) -> str:
    """The last column: reasons, or what else explains the line."""
    if entry.type is EntryType.OCCUPANCY:
        return f"a guard counted {entry.occupancy} inside"
    if entry.type is EntryType.TRUST:
        return f"keys {entry.trust_before or 'none'} → {entry.trust} by {entry.trust_way}"
    if entry.type is EntryType.SHIFT:
        way = f" by {entry.login_way}" if entry.login_way else ""
        return f"{_who(entry.by, entry.role)} {entry.shift}{way}"
    if entry.type is EntryType.LOGIN:
        return f"{entry.login_failure}: {_who(entry.by, entry.role)}"
    if entry.type is EntryType.UNDO:
        return f"entry {entry.undoes} taken back by {_who(entry.by, entry.role)}"
    if entry.type is EntryType.GUARD:
        second = f" with {_who(entry.second, entry.second_role)}" if entry.second else ""
        by = f" by {_who(entry.by, entry.role)}" if entry.by else ""
        return f"{entry.guard_reason}{by}{second}"
    if entry.type is EntryType.RETENTION:
        return f"lines {entry.first} to {entry.last} erased"
    if entry.type is EntryType.EXPORT:
        took = f"{entry.count} of {entry.first} to {entry.last} as {entry.export}"
        by, second = _who(entry.by, entry.role), _who(entry.second, entry.second_role)
        return f"{took} by {by} with {second}"
    why = ", ".join(entry.reasons)
    return why if entry.party is None else f"{why} (with {entry.party})"


def _who(number: str | None, role: Role | None) -> str:
    """A guard by his number; one that nobody has is not recorded."""
    return f"{role or 'guard'} {printable(number)}" if number else "a number that nobody has"


def _print_entry(line: Line, entry: Entry, later: list[Entry]) -> None:
    for key, value in msgspec.to_builtins(entry).items():
        shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        print(f"{key:14} {printable(shown)}")
    print(f"{'local time':14} {entry.at.astimezone():%Y-%m-%d %H:%M:%S %z}")
    print(f"{'head':14} {line.head.hex()}")
    for completion in later:
        at = completion.at.astimezone(UTC).isoformat(timespec="seconds")
        print(f"{'completed by':14} {completion.seq} ({completion.type}, {at})")
