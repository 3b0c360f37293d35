"""Which entries a command is about: by time, type, decision, reason and guard."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer
from msgspec import Struct

from scanner.domain.decoding import UndecodableError
from scanner.domain.entries import Entry, EntryType, decode_entry
from scanner.domain.errors import LedgerError
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Decision
from scanner.ledger.moments import first_line_since
from scanner.ledger.reader import LedgerReader, Line

_PAGE: Final = 500
_PAGE_BYTES: Final = 4 << 20
_TIMES: Final = "`today`, an age such as `90m`, `2h`, `7d`, or `2026-11-23T08:00`"

SinceOption = Annotated[str | None, typer.Option(help=f"From then on: {_TIMES}.")]
UntilOption = Annotated[str | None, typer.Option(help="Before then, written likewise.")]
DecisionOption = Annotated[
    Decision | None, typer.Option(help="Only where the machine decided this.")
]
TypeOption = Annotated[EntryType | None, typer.Option("--type", help="Only this type.")]
ReasonOption = Annotated[
    str | None, typer.Option(help="Only with this reason, of the machine or of the guard.")
]
GuardOption = Annotated[
    str | None, typer.Option(help="Only what the guard of this number did, also as second person.")
]


class EntryFilter(Struct, frozen=True, kw_only=True):
    """What a command was told to look at; None takes everything.

    Attributes:
        since, until: aware; from the one on, before the other.
        reason: a code of `Reason` or `GuardReason`.
        guard: the number of whoever did it, or stood by as second person.
    """

    since: datetime | None = None
    until: datetime | None = None
    kind: EntryType | None = None
    decision: Decision | None = None
    reason: str | None = None
    guard: str | None = None

    def takes(self, entry: Entry) -> bool:
        """Whether this entry is one of them."""
        return (
            (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
            and self.kind in (None, entry.type)
            and self.decision in (None, entry.decision)
            and (self.reason is None or self.reason in (*entry.reasons, entry.guard_reason))
            and (self.guard is None or self.guard in (entry.by, entry.second))
        )


def a_filter(
    since: str | None = None,
    until: str | None = None,
    kind: EntryType | None = None,
    decision: Decision | None = None,
    reason: str | None = None,
    guard: str | None = None,
) -> EntryFilter:
    """The filter that these options mean, with times as the machine's zone has them now.

    Raises:
        typer.BadParameter: a time or a reason that there is not; the message names some.
    """
    now = datetime.now().astimezone()
    return EntryFilter(
        since=None if since is None else parse_time(since, now, "--since"),
        until=None if until is None else parse_time(until, now, "--until"),
        kind=kind,
        decision=decision,
        reason=None if reason is None else _known_reason(reason),
        guard=guard,
    )


def parse_time(text: str, now: datetime, option: str) -> datetime:
    """`today`, an age, or an ISO 8601 date or time; one without a zone is local.

    Raises:
        typer.BadParameter: it is none of them.
    """
    if text == "today":
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    if age := re.fullmatch(r"(\d{1,6})([mhd])", text, re.ASCII):
        unit = {"m": "minutes", "h": "hours", "d": "days"}[age[2]]
        return now - timedelta(**{unit: int(age[1])})
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"give {_TIMES}", param_hint=option) from error


def newest_first(reader: LedgerReader, chosen: EntryFilter) -> Iterator[tuple[Line, Entry]]:
    """The entries that the filter takes, from the end of the log on.

    The walk begins a page behind the first entry since `until`, and ends at a whole page of entries
    from before `since`: a clock may have been put back.
    """
    below = None
    if chosen.until is not None:
        below = first_line_since(reader, chosen.until) + _PAGE
    while page := reader.lines_before(below, _PAGE):
        entries = [(line, decoded(line)) for line in page]
        yield from ((line, entry) for line, entry in entries if chosen.takes(entry))
        if chosen.since is not None and all(entry.at < chosen.since for _, entry in entries):
            return
        below = page[-1].seq


def oldest_first(reader: LedgerReader, last: int, after: int = 0) -> Iterator[tuple[Line, Entry]]:
    """Every entry that has its line, behind number `after` and up to number `last`."""
    seq = after
    while page := reader.lines_after(seq, _PAGE, _PAGE_BYTES):
        for line in page:
            if line.seq > last:
                return
            yield line, decoded(line)
        seq = page[-1].seq


def decoded(line: Line) -> Entry:
    """The entry in a line.

    Raises:
        LedgerError: it holds none.
    """
    try:
        return decode_entry(line.line)
    except UndecodableError as error:
        raise LedgerError(
            f"Entry {line.seq} cannot be read.", "Run `checkpoint entries verify`."
        ) from error


def _known_reason(text: str) -> str:
    known = sorted({*Reason, *GuardReason})
    if text not in known:
        near = [word for word in known if text[:4] in word] or known
        raise typer.BadParameter(
            f"there is no reason {text!r}; there are {', '.join(near[:6])} ...",
            param_hint="--reason",
        )
    return text
