"""The rows of one device's boots in SQLite; the caller holds the transaction."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scanner.domain.entries import Entry
from sync.hub.ingest import Link, Report
from sync.hub.retime import Basis, Boot, Span, merged, of_entry, of_push, settled

_SETTLED: Final = 200
"""How many of the last boots of a branch are placed anew when something is learnt."""

_NAME_LENGTH: Final = 64
_LAST_UP_MS: Final = 10**13  # three centuries

_LATEST_MS: Final = 32_503_680_000_000  # the year 3000: no page can be made of later ones

LAST_BOOTS: Final = (
    "SELECT boot, last_up_ms, up_ms, earliest_ms, latest_ms, basis FROM boots"
    " WHERE device_no = ? AND branch = ? ORDER BY boot_no DESC LIMIT ?"
)

BootNumbers = Mapping[str, int]


def note_boots(
    db: sqlite3.Connection,
    device_no: int,
    branch: int,
    links: Sequence[Link],
    report: Report,
    now_ms: int,
) -> BootNumbers:
    """Learn from a push where its boots lie in time.

    Args:
        db: in a transaction.
        device_no: whose boots.
        branch: of the batch's last entry.
        links: the entries that are new here.
        report: tells the boot that made the push, and the moment.
        now_ms: the hub's clock.

    Returns:
        The number of every boot that `links` name.
    """
    known = _read(db, device_no, branch)
    boots = dict(known)
    for name, told in _told(links).items():
        boot = boots.get(name, Boot(0, None))
        span = boot.span
        for entry in (told.first, told.last):
            news = None if entry is None else of_entry(entry)
            span = span if news is None else merged(span, news)
        boots[name] = Boot(max(boot.last_up_ms, told.last_up_ms), span)
    pushing = _pushing(report)
    if pushing is not None and (now := boots.get(pushing[0])) is not None:
        boots[pushing[0]] = Boot(now.last_up_ms, merged(now.span, of_push(pushing[1], now_ms)))
    if not all(boot.is_placed for boot in boots.values()):
        boots = dict(zip(boots, settled(list(boots.values()), now_ms), strict=True))
    return _write(db, device_no, branch, known, boots)


def place_of(link: Link, numbers: BootNumbers) -> tuple[int | None, int | None, int]:
    """The columns `boot_no`, `up_ms` and `unsure` of an entry."""
    entry = link.entry
    if entry is None:
        return None, None, 0
    return numbers.get(_name(entry.boot)), _up(entry.mono_ms), int(entry.clock_unsure)


def really_at(
    up_ms: int | None,
    boot_up_ms: int | None,
    earliest_ms: int | None,
    latest_ms: int | None,
    basis: int | None,
) -> Span | None:
    """When an entry at `up_ms` of its boot really was, from the boot's row; None: unknown."""
    span = _span(boot_up_ms, earliest_ms, latest_ms, basis or 0)
    if span is None or up_ms is None:
        return None
    really = span.at(up_ms)
    return really if really.earliest_ms >= 0 and really.latest_ms <= _LATEST_MS else None


def _told(links: Sequence[Link]) -> dict[str, "_Told"]:
    """By boot, in the order of the log."""
    told: dict[str, _Told] = {}
    for link in links:
        entry = link.entry
        if entry is None or (up_ms := _up(entry.mono_ms)) is None:
            continue
        name = _name(entry.boot)
        if (boot := told.get(name)) is None:
            boot = told[name] = _Told()
        if up_ms > boot.last_up_ms:
            boot.last_up_ms = up_ms
        if not entry.clock_unsure:
            boot.last = entry
            if boot.first is None:
                boot.first = entry
    return told


@dataclass(slots=True)
class _Told:
    """What a batch says about one boot: its last moment, its first and its last sure entry.

    Of hundreds that say the same the two ends are enough.
    """

    last_up_ms: int = 0
    first: Entry | None = None
    last: Entry | None = None


def _pushing(report: Report) -> tuple[str, int] | None:
    """Boot and moment of the push; None when a gate says what makes no sense."""
    boot, _, digits = report.boot.rpartition("/")
    if not (digits.isascii() and digits.isdigit()):
        return None
    up_ms = _up(int(digits))
    return None if up_ms is None else (_name(boot), up_ms)


def _name(boot: str) -> str:
    return boot[:_NAME_LENGTH]


def _up(mono_ms: int) -> int | None:
    return mono_ms if 0 <= mono_ms <= _LAST_UP_MS else None


def _read(db: sqlite3.Connection, device_no: int, branch: int) -> dict[str, Boot]:
    """The branch's last boots by name, in the order of the log."""
    rows = db.execute(LAST_BOOTS, (device_no, branch, _SETTLED)).fetchall()
    return {row[0]: Boot(row[1], _span(*row[2:])) for row in reversed(rows)}


def _span(up_ms: int | None, earliest: int | None, latest: int | None, basis: int) -> Span | None:
    if up_ms is None or earliest is None or latest is None:
        return None
    return Span(up_ms, earliest, latest, Basis(basis))


def _write(
    db: sqlite3.Connection,
    device_no: int,
    branch: int,
    known: Mapping[str, Boot],
    boots: Mapping[str, Boot],
) -> BootNumbers:
    for name, boot in boots.items():
        if boot == known.get(name):
            continue
        span = boot.span
        places: tuple[int | None, ...] = (None, None, None, 0)
        if span is not None:
            places = (span.up_ms, span.earliest_ms, span.latest_ms, int(span.basis))
        db.execute(
            "INSERT INTO boots (device_no, branch, boot, last_up_ms, up_ms, earliest_ms,"
            " latest_ms, basis) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (device_no, branch, boot) DO UPDATE SET"
            " last_up_ms = max(last_up_ms, excluded.last_up_ms), up_ms = excluded.up_ms,"
            " earliest_ms = excluded.earliest_ms, latest_ms = excluded.latest_ms,"
            " basis = excluded.basis",
            (device_no, branch, name, boot.last_up_ms, *places),
        )
    rows = db.execute(
        "SELECT boot, boot_no FROM boots WHERE device_no = ? AND branch = ?"
        " ORDER BY boot_no DESC LIMIT ?",
        (device_no, branch, len(boots)),
    )
    return dict(rows.fetchall())
