"""`checkpoint policy simulate`: what would have changed last week."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.domain.direction import Direction
from scanner.policy.places import Person, SiteType

if TYPE_CHECKING:
    from scanner.domain.entries import Entry

_PAGE = 500


def simulate(
    files: Annotated[
        list[Path], typer.Argument(help="All layers that shall hold, or a folder of them.")
    ],
    settings: Annotated[
        Path | None, typer.Option(help="The gate's settings file; names where the ledger is.")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="A ledger file, such as a copy from another gate's card.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="So many days back from now.")] = 7,
    site: Annotated[SiteType | None, typer.Option(help="What lies behind that gate.")] = None,
    direction: Annotated[Direction | None, typer.Option(help="Which way it leads.")] = None,
    person: Annotated[Person | None, typer.Option(help="As what people mostly come.")] = None,
) -> None:
    """Weigh recorded scans by other rules and count what would have been decided otherwise.

    Entries keep no codes. Where a rule hangs on what is gone (a test, a vaccination, a class of
    reason, who somebody was, how many were inside), the entry is counted apart and the condition
    named. Answers and guards' decisions are left as they were. Nothing is written.

    **Examples**

    `checkpoint policy simulate 33.toml 330100.toml --days 7 --site compound`

    `checkpoint policy simulate new/ --ledger /media/card/ledger.db --days 30`
    """
    from scanner.cli.policy.simulating import simulate as weigh
    from scanner.cli.policy.stacks import read_layers, with_base
    from scanner.policy.places import Place

    layers = with_base(read_layers(files))
    since = datetime.now(UTC) - timedelta(days=days)
    result = weigh(_entries(settings, ledger, since), layers, Place(site, direction, person))
    if result.first is None or result.last is None:
        typer.echo(f"No scan was recorded in the last {days} days.")
        return
    first, last = (f"{at.astimezone():%Y-%m-%d %H:%M}" for at in (result.first, result.last))
    typer.echo(f"{result.scans} scans, {first} to {last}")
    typer.echo(f"{result.same:7} would have come to the same")
    for title, counts in (
        ("would have been decided more strictly", result.stricter),
        ("would have been decided MORE MILDLY", result.milder),
        ("cannot be told: an entry does not keep", result.unknowable),
    ):
        _print(title, counts)


def _print(title: str, counts: Counter[str]) -> None:
    typer.echo(f"{counts.total():7} {title}")
    for name, count in counts.most_common():
        typer.echo(f"{count:15} {name}")


def _entries(settings: Path | None, ledger: Path | None, since: datetime) -> "Iterator[Entry]":
    from config.settings import load_gate_settings
    from scanner.domain.decoding import UndecodableError
    from scanner.domain.entries import decode_entry
    from scanner.domain.errors import LedgerError
    from scanner.ledger.reader import LedgerReader

    below: int | None = None
    with LedgerReader(ledger or load_gate_settings(settings).ledger) as reader:
        while page := reader.lines_before(below, _PAGE):
            for line in page:
                try:
                    entry = decode_entry(line.line)
                except UndecodableError as error:
                    raise LedgerError(
                        f"Entry {line.seq} cannot be read.", "Run `checkpoint entries verify`."
                    ) from error
                if entry.at < since:
                    return
                yield entry
            below = page[-1].seq
