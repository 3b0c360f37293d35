"""`checkpoint entries`: look at the ledger, and prove that nobody changed it."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from scanner.cli.printable import printable
from scanner.domain.decoding import UndecodableError
from scanner.domain.entries import Entry, EntryType, decode_entry
from scanner.domain.errors import LedgerError
from scanner.domain.guards import Role
from scanner.domain.verdicts import Decision
from scanner.ledger.outbox import load_outbox
from scanner.ledger.reader import LedgerReader, Line
from scanner.ledger.verify import verify_log

if TYPE_CHECKING:
    from scanner.domain.overrides import OverrideRow

app = typer.Typer(
    help="""Look at the ledger and check it. Nothing here ever writes to it; the gate may run.

On a terminal the answers are tables; into a pipe or with `--json` each entry is one JSON line,
exactly as it was recorded and hashed.""",
    no_args_is_help=True,
)

_PAGE = 500
_PAGE_BYTES = 4 << 20
_PEOPLE = frozenset({EntryType.SCAN, EntryType.WALK_IN})
"""The lines that begin with somebody; the others say what became of it."""

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="The gate's settings file; names where the ledger is."),
]
LedgerOption = Annotated[
    Path | None,
    typer.Option("--ledger", help="A ledger file, such as a copy from another gate's card."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="JSON lines even on a terminal (a pipe always gets them).")
]


@app.command("list")
def list_(
    settings: SettingsOption = None,
    ledger: LedgerOption = None,
    since: Annotated[
        str | None,
        typer.Option(help="`today`, an age such as `90m`, `2h`, `7d`, or `2026-11-23T08:00`."),
    ] = None,
    decision: Annotated[
        Decision | None, typer.Option(help="Only where the machine decided this.")
    ] = None,
    kind: Annotated[EntryType | None, typer.Option("--type", help="Only this type.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest ones.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the newest entries, the oldest of them first.

    Times are shown in local time and recorded in UTC.

    For example:

    - `checkpoint entries list --since today --decision REFUSE`
    - `checkpoint entries list --type guard --limit 100 --json | jq .guard_reason`
    """
    after = None if since is None else _parse_since(since, datetime.now().astimezone())
    chosen: list[tuple[Line, Entry]] = []
    with LedgerReader(_ledger_path(settings, ledger)) as reader:
        for line, entry in _newest_first(reader):
            if after is not None and entry.at < after:
                break
            if decision in (None, entry.decision) and kind in (None, entry.type):
                chosen.append((line, entry))
            if len(chosen) == limit:
                break
    chosen.reverse()
    if _wants_json(as_json):
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
    path = _ledger_path(settings, ledger)
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
            if (entry := _decode(following)).completes == seq
        ]
    if _wants_json(as_json):
        print(line.line.decode())
    else:
        _print_entry(line, _decode(line), later)


@app.command()
def verify(
    settings: SettingsOption = None, ledger: LedgerOption = None, as_json: JsonOption = False
) -> None:
    """Walk the whole chain and name the first entry that was edited, removed, moved or inserted.

    The last position that the hub acknowledged (`outbox.json` beside the ledger) is compared too:
    without it nobody could see that the log's end was cut off. Exit status 1 when something is
    wrong.

    For example: `checkpoint entries verify --ledger /media/card/ledger.db`
    """
    path = _ledger_path(settings, ledger)
    outbox = load_outbox(path.with_name("outbox.json"))
    report = verify_log(path, outbox.acked if outbox else None)
    fault = report.fault
    if _wants_json(as_json):
        answer = {
            "device": report.device_id,
            "entries": report.entries,
            "head": report.position.head.hex(),
            "acked": outbox.acked_seq if outbox else None,
            "fault": {"seq": fault.seq, "kind": fault.kind} if fault else None,
        }
        print(msgspec.json.encode(answer).decode())
    else:
        print(f"{path} of {report.device_id}")
        print(f"  {report.entries} entries follow one another from the first one on")
        print(f"  head {report.position.head.hex()}")
        if outbox:
            print(f"  compared with entry {outbox.acked_seq}, which the hub acknowledged")
        else:
            print("  no acknowledged position to compare with: a cut-off end would not show")
        print(f"  entry {fault.seq}: {fault.explanation}" if fault else "  nothing was changed")
    if fault:
        raise typer.Exit(1)


@app.command()
def stats(
    settings: SettingsOption = None, ledger: LedgerOption = None, as_json: JsonOption = False
) -> None:
    """Count entries by type, decision and reason, and what the hub has yet to get.

    For example: `checkpoint entries stats`
    """
    path = _ledger_path(settings, ledger)
    counts: dict[str, Counter[str]] = {
        "type": Counter(), "decision": Counter(), "guard": Counter(), "reason": Counter()
    }  # fmt: skip
    total = size = 0
    with LedgerReader(path) as reader:
        for line, entry in _oldest_first(reader):
            total += 1
            size += len(line.line)
            counts["type"][entry.type] += 1
            counts["reason"].update(entry.reasons)
            if entry.decision is not None and entry.type in _PEOPLE:
                counts["decision"][entry.decision] += 1
            if entry.guard is not None:
                counts["guard"][entry.guard] += 1
        outbox = load_outbox(path.with_name("outbox.json"))
        last = reader.last().seq
    queue = max(0, last - outbox.acked_seq) if outbox else None
    if _wants_json(as_json):
        answer = {"entries": total, "line_bytes": size, "queue": queue, **counts}
        print(msgspec.json.encode(answer).decode())
        return
    print(f"{path}: {total} entries, {size} bytes of lines")
    print(f"  not yet at the hub: {'sync never ran' if queue is None else queue}")
    for group, counter in counts.items():
        for name, count in counter.most_common():
            print(f"  {group:9} {name:24} {count:8}")


@app.command()
def overrides(
    settings: SettingsOption = None,
    ledger: LedgerOption = None,
    since: Annotated[
        str, typer.Option(help="`today`, an age such as `90m`, `2h`, `7d`, or `2026-11-23T08:00`.")
    ] = "7d",
    as_json: JsonOption = False,
) -> None:
    """Count what each guard decided beside the machine, and why.

    The share is of the codes that were shown while this guard was on duty. Decisions that were
    taken back within half a minute stand apart. No number is whoever decided where nobody had to
    log in.

    For example: `checkpoint entries overrides --since today`
    """
    from scanner.domain.overrides import OverrideCount

    after = _parse_since(since, datetime.now().astimezone())
    count = OverrideCount()
    with LedgerReader(_ledger_path(settings, ledger)) as reader:
        for _, entry in _oldest_first(reader, _first_from(reader, after) - 1):
            count.note(entry)
    rows = count.rows()
    if _wants_json(as_json):
        for row in rows:
            print(msgspec.json.encode({**msgspec.to_builtins(row), "share": row.share}).decode())
    else:
        _print_overrides(rows)


def _first_from(reader: LedgerReader, after: datetime) -> int:
    """Number of the first entry since then; behind the end when there is none."""
    first = reader.last().seq + 1
    for line, entry in _newest_first(reader):
        if entry.at < after:
            break
        first = line.seq
    return first


def _print_overrides(rows: "list[OverrideRow]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("guard", "reason"):
        table.add_column(heading)
    for heading in ("admitted", "refused", "no code", "undone", "scans", "share"):
        table.add_column(heading, justify="right")
    for row in rows:
        counts = (row.admitted, row.refused, row.without_code, row.undone, row.scans)
        share = "" if row.share is None else f"{row.share:.1%}"
        table.add_row(printable(row.guard) or "–", row.reason, *map(str, counts), share)
    Console(markup=False).print(table)


def _ledger_path(settings: Path | None, ledger: Path | None) -> Path:
    if ledger is not None:
        return ledger
    from config.settings import load_gate_settings

    return load_gate_settings(settings).ledger


def _wants_json(as_json: bool) -> bool:
    return as_json or not sys.stdout.isatty()


def _decode(line: Line) -> Entry:
    try:
        return decode_entry(line.line)
    except UndecodableError as error:
        raise LedgerError(
            f"Entry {line.seq} cannot be read.", "Run `checkpoint entries verify`."
        ) from error


def _newest_first(reader: LedgerReader) -> Iterator[tuple[Line, Entry]]:
    below = None
    while page := reader.lines_before(below, _PAGE):
        for line in page:
            yield line, _decode(line)
        below = page[-1].seq


def _oldest_first(reader: LedgerReader, seq: int = 0) -> Iterator[tuple[Line, Entry]]:
    while page := reader.lines_after(seq, _PAGE, _PAGE_BYTES):
        for line in page:
            yield line, _decode(line)
        seq = page[-1].seq


def _parse_since(text: str, now: datetime) -> datetime:
    """`today`, an age, or an ISO 8601 date or time; one without a zone is local."""
    if text == "today":
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    if age := re.fullmatch(r"(\d{1,6})([mhd])", text):
        unit = {"m": "minutes", "h": "hours", "d": "days"}[age[2]]
        return now - timedelta(**{unit: int(age[1])})
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise typer.BadParameter(
            "give `today`, an age such as 90m, 2h or 7d, or a time such as 2026-11-23T08:00",
            param_hint="--since",
        ) from error


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
