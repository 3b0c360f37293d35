"""The gate's place in its site: which way people go here, who came, and how many are inside.

Keys, memory and the other gates' word come together here. Nothing of this may keep a gate from
deciding: where a key or a file is missing, people are counted and not told apart, and it is said.
"""

from collections import deque
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scanner.domain.direction import Direction, GateDirection
from scanner.domain.entries import Entry, EntryType, encode_entry
from scanner.domain.errors import LedgerError
from scanner.domain.passes import Rejection, VerifiedPass
from scanner.gate.comings import Comings, from_ledger
from scanner.gate.comings_file import (
    Awaited,
    ComingsFile,
    Followed,
    Heard,
    HeardCorrection,
    HeardTotals,
    Record,
    Turned,
)
from scanner.gate.comings_memory import GONE_AFTER, Expected
from scanner.gate.crossings import Correction, Crossing, News, Presented, Totals
from scanner.gate.holders import holder_of
from scanner.gate.instant import Instant
from scanner.ledger.site_key import SiteKeys
from scanner.ledger.site_key_files import SiteKeyring
from scanner.ledger.steady import GateLedger
from scanner.log import EventLog
from scanner.policy.passback import Passage, Sighting, follows
from scanner.policy.rules import RuleSet

_FORGET_EVERY_S: Final = 30.0
_KEY_STAYS: Final = timedelta(hours=1)
"""After midnight another gate may still name somebody by yesterday's key."""
_GONE_IS_TOLD: Final = timedelta(hours=1)
_MOST_NEWS: Final = 1000
"""Fetched in each round of the loop; where nobody carries them, they must not fill the memory."""

_log = EventLog(__name__)


class Door(Struct, frozen=True):
    """Where a gate stands in its site, from the settings.

    Attributes:
        direction: which way people go here; BOTH leaves it to the guard.
        key: the file with the site's key.
        gates: how many the site has, with this one; more than one tell one another.
        here, carrier: sockets of this gate and of whoever carries its datagrams; None where nobody
            does.
    """

    direction: GateDirection
    key: Path
    gates: int = 1
    here: Path | None = None
    carrier: Path | None = None


class Doorway:
    """One gate's knowledge of its site.

    Attributes:
        can_turn: the guard says which way people go.

    Args:
        door: from the settings.
        ledger: this gate's, open.
        runtime: folder in RAM.
        instant: now.
    """

    def __init__(self, door: Door, ledger: GateLedger, runtime: Path, instant: Instant) -> None:
        self.can_turn = door.direction is GateDirection.BOTH
        self._direction = door.direction.only or Direction.IN
        self._file = ComingsFile(runtime)
        self._keyring = _keyring(door.key, runtime, instant)
        self._keys: tuple[SiteKeys, ...] = ()
        self._comings = self._recalled(ledger, instant)
        self._is_written = True
        self._has_neighbours = door.gates > 1
        self._hears_all = not self._has_neighbours
        self._news: deque[News] = deque(maxlen=_MOST_NEWS)
        self._next_forget_s = 0.0
        self._renewed_on: date | None = None
        self._renew_keys(instant)
        self._save()

    @property
    def direction(self) -> Direction:
        """Which way people go now: in or out."""
        return self._direction

    @property
    def comings(self) -> Comings:
        """Who came and went; to be looked at only."""
        return self._comings

    @property
    def is_well(self) -> bool:
        """Whether people are told apart and remembered over a restart."""
        return self._is_written and bool(self._keys)

    def is_counted(self, now: datetime) -> bool:
        """Whether the number of people inside is to be believed."""
        return self._comings.is_counted(now) and self._hears_all

    def turn(self, direction: Direction) -> bool:
        """The guard says which way people go from now on; False where the settings say it."""
        if not self.can_turn:
            return False
        self._direction = direction
        self._add(Turned(direction))
        return True

    def passage(
        self,
        shown: VerifiedPass | Rejection | None,
        rules: RuleSet,
        instant: Instant,
        visit: int = 0,
    ) -> Passage:
        """What is known of somebody who wants to pass.

        Args:
            shown: their code; None where they have none.
            rules: say whose codes tell people apart.
            instant: now.
            visit: the number of the scan's entry, where the visit goes on.
        """
        expected = self._comings.expected(visit)
        direction = expected.direction if expected else self._direction
        who = None if shown is None else self._who(shown, rules, instant)
        last = None if who is None else self._comings.last(who, besides=visit)
        return Passage(
            direction=direction,
            last=None if last is None or who is None else self._sighting(last, who, instant.at),
            is_followed=who is not None
            and self._hears_all
            and self._comings.is_followed(instant.at),
            inside=self._comings.inside,
        )

    def expect(
        self, seq: int, shown: VerifiedPass | Rejection, rules: RuleSet, instant: Instant
    ) -> None:
        """Somebody stands at the gate; to be told before their entry `seq` is written."""
        who = self._who(shown, rules, instant)
        expected = Expected(seq, self._direction, instant.at, who)
        self._comings.expect(expected)
        self._add(Awaited(expected))

    def stamped(self, entry: Entry) -> Entry:
        """The entry of somebody who stands at the gate, with direction, occupancy and dwell."""
        is_decided = entry.decision is not None or entry.guard is not None
        is_somebody = is_decided and entry.completes is None
        return (
            replace(
                entry,
                direction=self._direction,
                occupancy=self._comings.inside,
                dwell_s=self._dwell_s(entry),
            )
            if is_somebody
            else entry
        )

    def note(self, entry: Entry) -> None:
        """Follow an entry that is durable now."""
        change = self._comings.note(entry)
        # Whoever comes without a code is announced by their entry alone.
        if change is None and entry.type is not EntryType.WALK_IN:
            return
        self._add(Followed(encode_entry(entry)))
        if self._has_neighbours and change is not None and change.crossing is not None:
            self._news.append(News(change.crossing, change.taken_back))

    def tick(self, instant: Instant, rules: RuleSet) -> None:
        """Let time pass: forget whom the rules need no longer, and destroy keys of past days."""
        if instant.mono_s < self._next_forget_s:
            return
        self._next_forget_s = instant.mono_s + _FORGET_EVERY_S
        gone_for = _memorable(rules)
        if self._has_neighbours:  # one that was away asks who has left meanwhile
            gone_for = max(gone_for, _GONE_IS_TOLD)
        if self._comings.forget(instant.at, gone_for):
            self._save()
        self._renew_keys(instant)

    def news(self) -> list[News]:
        """What the other gates have not heard yet, the oldest first; asked once."""
        news = list(self._news)
        self._news.clear()
        return news

    def hear(self, news: Iterable[News]) -> None:
        """Another gate let people through."""
        for one in news:
            if one.taken_back:
                self._comings.hear_taken_back(one.crossing)
            else:
                self._comings.hear(one.crossing)
            self._add(Heard(one.crossing, one.taken_back))

    def hear_counts(self, gate: str, totals: Totals, correction: Correction | None) -> None:
        """Another gate tells what it counted, and which guard's number holds there."""
        if self._comings.hear_totals(gate, totals):
            self._add(HeardTotals(gate, totals))
        if correction is not None and self._comings.hear_correction(correction):
            self._add(HeardCorrection(correction))

    def hears(self, *, everyone: bool) -> None:
        """Whether all other gates of the site are heard; while not, nobody is missed."""
        self._hears_all = everyone

    def keys_of(self, day: date) -> SiteKeys | None:
        """The site's keys of a day that another gate goes by; None for one too far away."""
        return self._keyring.sealing_keys(day) if self._keyring else None

    @property
    def keys(self) -> SiteKeys | None:
        """Today's keys; None while there are none."""
        return self._keys[0] if self._keys else None

    def _recalled(self, ledger: GateLedger, instant: Instant) -> Comings:
        """As a former process left it, brought up to the ledger's end; else by the ledger alone."""
        kept = self._file.load()
        try:
            end = ledger.position.seq
        except LedgerError:  # nothing can be recorded now, and the gate says so elsewhere
            end = kept.comings.seq if kept else 0
        if kept is None or kept.comings.gate != ledger.device_id or kept.comings.seq > end:
            recent = list(ledger.since(instant.at - GONE_AFTER))
            return Comings(from_ledger(ledger.device_id, reversed(recent), instant.at))
        if self.can_turn:
            self._direction = kept.direction
        for entry in ledger.latest(end - kept.comings.seq):
            kept.comings.note(entry)
        return kept.comings

    def _who(
        self, shown: VerifiedPass | Rejection, rules: RuleSet, instant: Instant
    ) -> Presented | None:
        """The names of somebody whose code is proven and tells people apart."""
        claims = shown.claims if isinstance(shown, VerifiedPass) else shown.proven
        if claims is None or shown.identity is None or not follows(claims.kind, rules):
            return None
        if _local_date(instant.at) != self._renewed_on:
            self._renew_keys(instant)
        if not self._keys:
            return None
        person = holder_of(claims) or shown.identity
        return Presented(
            self._keys[0].day,
            tuple(keys.name(b"person" + person) for keys in self._keys),
            tuple(keys.name(b"code" + shown.identity) for keys in self._keys),
        )

    def _dwell_s(self, entry: Entry) -> int | None:
        """How long somebody who leaves was inside, to the minute."""
        expected = self._comings.expected(entry.seq) if entry.type is EntryType.SCAN else None
        if expected is None or expected.who is None or expected.direction is not Direction.OUT:
            return None
        last = self._comings.last(expected.who)
        if last is None or last.direction is not Direction.IN:
            return None
        return 60 * round(max(0.0, (entry.at - last.at).total_seconds()) / 60)

    def _sighting(self, last: Crossing, who: Presented, now: datetime) -> Sighting:
        return Sighting(
            direction=last.direction,
            ago=max(now - last.at, timedelta(0)),
            is_here=last.gate == self._comings.gate,
            is_same_code=not set(last.who.code).isdisjoint(who.code),
        )

    def _renew_keys(self, instant: Instant) -> None:
        if self._keyring is None:
            return
        self._renewed_on = _local_date(instant.at)
        in_use = self._comings.days() | {_local_date(instant.at - _KEY_STAYS)}
        try:
            self._keys = self._keyring.keys(self._renewed_on, in_use, is_sure=instant.is_sure)
        except LedgerError as error:
            self._complain(error)

    def _add(self, record: Record) -> None:
        try:
            if self._file.add(record):
                self._save()
        except LedgerError as error:
            self._complain(error)

    def _save(self) -> None:
        try:
            self._file.save(self._comings, self._direction)
            self._is_written = True
        except LedgerError as error:
            self._complain(error)

    def _complain(self, error: LedgerError) -> None:
        """Once for each trouble that lasts."""
        if self._is_written:
            _log.error("comings_not_kept", found=error.found, remedy=error.remedy)
        self._is_written = False


def _keyring(path: Path, runtime: Path, instant: Instant) -> SiteKeyring | None:
    try:
        return SiteKeyring(path, runtime, _local_date(instant.at))
    except LedgerError as error:
        _log.error("no_site_key", found=error.found, remedy=error.remedy)
        return None


def _memorable(rules: RuleSet) -> timedelta:
    """How long it matters that somebody has left."""
    limits = rules.passback
    return max(
        timedelta(minutes=limits.replay_minutes),
        timedelta(seconds=max(limits.turn_seconds, limits.other_gate_seconds)),
    )


def _local_date(at: datetime) -> date:
    return at.astimezone().date()
