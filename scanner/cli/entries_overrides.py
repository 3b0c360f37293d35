"""`checkpoint entries overrides`: what guards decided beside the machine."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from scanner.cli.entries_filter import a_filter, newest_first, oldest_first
from scanner.cli.entries_options import (
    JsonOption,
    LedgerOption,
    SettingsOption,
    ledger_path,
    wants_json,
)
from scanner.cli.printable import printable
from scanner.ledger.reader import LedgerReader

if TYPE_CHECKING:
    from scanner.domain.overrides import OverrideRow


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

    wanted = a_filter(since)
    count = OverrideCount()
    with LedgerReader(ledger_path(settings, ledger)) as reader:
        found = [line.seq for line, _ in newest_first(reader, wanted)]
        if found:
            for _, entry in oldest_first(reader, max(found), after=min(found) - 1):
                count.note(entry)
    rows = count.rows()
    if wants_json(as_json):
        for row in rows:
            print(msgspec.json.encode({**msgspec.to_builtins(row), "share": row.share}).decode())
    else:
        _print_overrides(rows)


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
