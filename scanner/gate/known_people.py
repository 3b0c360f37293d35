"""The last crossing of each person, under every name of theirs that is in use. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from scanner.domain.direction import Direction
from scanner.gate.crossings import Crossing, Presented

MOST_PEOPLE: Final = 20_000


class Known(msgspec.Struct, frozen=True, array_like=True):
    """The last crossing of somebody, and the one before, in case the last is taken back."""

    last: Crossing
    before: Crossing | None = None

    @property
    def order(self) -> tuple[datetime, str, int]:
        """The last crossing's."""
        return self.last.order


class KnownPeople:
    """Up to `MOST_PEOPLE`.

    Args:
        known: whom a former process knew.
    """

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._known: dict[bytes, Known] = {}
        self._key_of: dict[bytes, bytes] = {}
        for one in known:
            self._put(one)

    def __iter__(self) -> Iterator[Known]:
        return iter(self._known.values())

    def last(self, who: Presented, besides: tuple[str, int]) -> Crossing | None:
        """The last time that somebody was let through.

        Args:
            who: under every key in use.
            besides: gate and visit of a crossing that does not count.
        """
        known = max(self._found(who), key=lambda known: known.order, default=None)
        if known is None:
            return None
        return known.before if known.order[1:] == besides else known.last

    def hear(self, crossing: Crossing) -> None:
        """Somebody was let through; hearing it twice, or late, changes nothing."""
        found = self._found(crossing.who)
        known = max(found, key=lambda known: known.order, default=None)
        for one in found:
            self._drop(one)
        self._put(_joined(known, crossing))
        self._make_room()

    def take_back(self, crossing: Crossing) -> None:
        """Somebody was not let through after all."""
        for known in self._found(crossing.who):
            if known.order[1:] == crossing.order[1:]:
                self._drop(known)
                if known.before is not None:
                    self._put(Known(known.before))
            elif known.before is not None and known.before.order[1:] == crossing.order[1:]:
                self._put(Known(known.last))

    def forget(self, now: datetime, *, came_in: timedelta, left: timedelta) -> list[Crossing]:
        """Forget who came in, or left, longer ago than that; returns their last crossings."""
        stale = [
            known
            for known in self
            if now - known.last.at > (came_in if known.last.direction is Direction.IN else left)
        ]
        for known in stale:
            self._drop(known)
        return [known.last for known in stale]

    def forget_until(self, at: datetime) -> None:
        """Forget everybody who was let through no later than that."""
        for known in [known for known in self if known.last.at <= at]:
            self._drop(known)

    def _found(self, who: Presented) -> list[Known]:
        """By any name; more than one where a gate has not known the older names."""
        keys = {self._key_of[name] for name in who.person if name in self._key_of}
        return [self._known[key] for key in keys]

    def _put(self, known: Known) -> None:
        key = known.last.who.person[0]
        self._known[key] = known
        for name in known.last.who.person:
            self._key_of[name] = key

    def _drop(self, known: Known) -> None:
        key = known.last.who.person[0]
        self._known.pop(key, None)
        for name in known.last.who.person:
            if self._key_of.get(name) == key:
                del self._key_of[name]

    def _make_room(self) -> None:
        """Those who have left go first; else whoever came in first."""
        if len(self._known) > MOST_PEOPLE:
            self._drop(min(self, key=_dispensable))


def _dispensable(known: Known) -> tuple[bool, datetime]:
    return known.last.direction is Direction.IN, known.last.at


def _joined(known: Known | None, crossing: Crossing) -> Known:
    """One crossing more, wherever in time it belongs."""
    if known is None:
        return Known(crossing)
    if crossing.order > known.order:
        return Known(crossing, known.last)
    is_between = known.before is None or crossing.order > known.before.order
    return Known(known.last, crossing) if is_between and crossing != known.last else known
