"""The first page: which gates are well, what looked forged, and what was seen last.

Server-rendered; its one script of two lines renews it when there is news. It shows no holder data,
because the hub's readable columns have none. Everything that came from a gate is escaped, and the
page may load nothing but its own style sheet and script.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import resources
from typing import Final

from fastapi import FastAPI, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from scanner.domain.issuers import ISSUERS
from scanner.domain.verdicts import Decision, GuardDecision
from sync.hub.refusal import Refusal
from sync.hub.service import Hub
from sync.hub.store.base import EntryRow, GateRow, StoreError
from sync.hub.suspicions import MOST, SHOWN_FOR, group, view_travel
from sync.protocol import ErrorCode

LATEST: Final = 60
REFRESH_S: Final = 5
_LATE_AFTER_INTERVALS: Final = 3
_LATE_ENTRY: Final = timedelta(minutes=2)
_CLOCK_LIMIT: Final = timedelta(seconds=60)
_ROUGH: Final = timedelta(minutes=10)
"""A time that is less certain is told as from when to when."""

_NO_EARLIEST_S: Final = 40 * 365 * 86_400
"""The store says 1970 and the time since boot where nothing bounds an entry from below."""

_TONES: Final[Mapping[str, str]] = {
    Decision.ADMIT: "admit",
    Decision.CHECK: "check",
    Decision.REFUSE: "refuse",
    GuardDecision.ADMITTED_BY_GUARD: "admit",
    GuardDecision.REFUSED_BY_GUARD: "refuse",
}
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class GateState(StrEnum):
    """How a gate is, seen from the hub."""

    WELL = "well"
    LATE = "late"
    SILENT = "never seen"
    RETIRED = "retired"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class GateView:
    """One line of the gates' table."""

    row: GateRow
    state: GateState
    seen: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of the entries' table.

    Attributes:
        late: how much later it arrived, when it waited for a network.
        really: when it was, where the gate's clock was wrong or unsure.
        tone: admit, check, refuse or plain: the colour and shape of the word.
        word: the decision, or what kind of line it is.
    """

    row: EntryRow
    tone: str
    word: str
    time: str
    late: str
    really: str
    reasons: str
    issuer: str


def view_gate(row: GateRow, now: datetime, next_sync_s: float) -> GateView:
    """What a supervisor needs to see of a gate at `now`."""
    age = None if row.seen_at is None else now - row.seen_at
    if row.erased_at is not None:
        state = GateState.ERASED
    elif row.retired:
        state = GateState.RETIRED
    elif age is None:
        state = GateState.SILENT
    elif age > timedelta(seconds=_LATE_AFTER_INTERVALS * next_sync_s):
        state = GateState.LATE
    else:
        state = GateState.WELL
    warnings = []
    if row.heads > 1:
        warnings.append(f"forked log, {row.heads} branches: a restored backup or a cloned card?")
    if row.quarantined:
        warnings.append(f"{row.quarantined} unreadable")
    if abs(row.clock_offset_ms) > _CLOCK_LIMIT / timedelta(milliseconds=1):
        warnings.append(
            f"clock off by {duration(timedelta(milliseconds=abs(row.clock_offset_ms)))}"
        )
    seen = "never" if age is None else f"{duration(age)} ago"
    if row.erased_at is not None:
        seen = f"{row.erased_at.astimezone():%-d %b %Y, %H:%M}, certificate kept"
    return GateView(row, state, seen, tuple(warnings))


def view_entry(row: EntryRow) -> EntryView:
    """What a supervisor needs to see of an entry; times in the hub's own zone."""
    word = row.guard or row.decision or row.type or "unreadable"
    span = _corrected(row)
    at = row.at or row.received_at
    if span is not None:
        at = span[0] + (span[1] - span[0]) / 2
    delay = row.received_at - at
    issuer = ISSUERS.get(row.issuer)
    return EntryView(
        row=row,
        tone=_TONES.get(word, "plain"),
        word=word.replace("_", " ").capitalize(),
        time=(row.at or row.received_at).astimezone().strftime("%H:%M:%S"),
        late=f"+ {duration(delay)}" if delay > _LATE_ENTRY else "",
        really=_really(row, span),
        reasons=", ".join(reason.replace("_", " ") for reason in row.reasons),
        issuer=f"{issuer.english} {issuer.chinese}" if issuer else row.issuer,
    )


def _corrected(row: EntryRow) -> tuple[datetime, datetime] | None:
    """When it really was, unless what the gate wrote is good enough."""
    if row.at is None or row.earliest is None or row.latest is None:
        return None
    is_right = row.earliest - _CLOCK_LIMIT <= row.at <= row.latest + _CLOCK_LIMIT
    is_known = row.latest - row.earliest <= 2 * _ROUGH
    return None if is_right and (is_known or not row.unsure) else (row.earliest, row.latest)


def _really(row: EntryRow, span: tuple[datetime, datetime] | None) -> str:
    if span is None:
        return "clock unsure" if row.unsure and row.earliest is None else ""
    earliest, latest = (end.astimezone() for end in span)
    if latest - earliest <= 2 * _ROUGH:
        middle = earliest + (latest - earliest) / 2
        return f"really {middle:%-d %b %H:%M:%S} ± {duration((latest - earliest) / 2)}"
    if span[0].timestamp() < _NO_EARLIEST_S:
        return f"really before {latest:%-d %b %H:%M}"
    return f"really {earliest:%-d %b %H:%M} to {latest:%-d %b %H:%M}"


def duration(span: timedelta) -> str:
    """A rough, readable length of time."""
    seconds = max(0, round(span.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def templates() -> Environment:
    """The pages, in which everything is escaped and nothing may be missing."""
    return Environment(
        loader=PackageLoader("sync.hub"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def add_pages(app: FastAPI, hub: Hub) -> None:
    """Add `/`, its style sheet and its script."""
    template = templates().get_template("index.html")
    static = resources.files("sync.hub") / "static"
    style, script = ((static / name).read_bytes() for name in ("hub.css", "hub.js"))
    # a new version is a new address
    style_hash, script_hash = (hashlib.sha256(file).hexdigest()[:12] for file in (style, script))

    @app.get("/")
    def index() -> Response:
        now = hub.clock()
        hub.sweep()
        try:
            gates, entries = hub.store.gates(), hub.store.latest(LATEST)
            suspected = group(hub.store.suspicions(now - SHOWN_FOR, MOST))
            travels = [view_travel(row) for row in hub.store.travels(now - SHOWN_FOR, MOST)]
        except StoreError as error:
            raise Refusal(ErrorCode.UNAVAILABLE, "The database cannot be read now.") from error
        views = [view_gate(row, now, hub.config.next_sync_s) for row in gates]
        page = template.render(
            title=hub.config.title,
            style=style_hash,
            script=script_hash,
            refresh_s=REFRESH_S,
            now=now.astimezone(),
            gates=views,
            suspected=suspected,
            travels=travels,
            shown_days=SHOWN_FOR.days,
            entries=[view_entry(row) for row in entries],
            well=sum(view.state is GateState.WELL for view in views),
            total=sum(row.entries for row in gates),
            waiting=sum(row.backlog for row in gates),
            troubled=sum(bool(view.warnings) for view in views),
        )
        return Response(page, media_type="text/html", headers=HEADERS)

    @app.get("/static/hub.css")
    def css() -> Response:
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"}
        return Response(style, media_type="text/css", headers=headers)

    @app.get("/static/hub.js")
    def js() -> Response:
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"}
        return Response(script, media_type="text/javascript", headers=headers)
