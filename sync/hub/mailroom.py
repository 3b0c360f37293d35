"""Sealed datagrams between gates of one site, passed on as they are and never stored.

They lie in this process's memory for ten minutes; a hub that is started anew has none, and the
gates tell one another again. Which gates share a room is all that the hub learns: a room's name is
made of the site's key and is another one each day.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from sync.protocol import MAX_DATAGRAMS, milliseconds

KEPT_FOR: Final = timedelta(minutes=10)
MOST_ROOMS: Final = 4096
_MOST_IN_A_ROOM: Final = 256


class _Letter(Struct, frozen=True):
    number: int
    at: datetime
    sender: str
    datagram: str


class Mailroom:
    """Every method may be called from any thread.

    Args:
        now: aware UTC; numbers grow from there, so that a former process's are all smaller.
    """

    def __init__(self, now: datetime) -> None:
        self._lock = threading.Lock()
        self._number = milliseconds(now) * 1000
        self._rooms: OrderedDict[str, deque[_Letter]] = OrderedDict()

    def put(self, sender: str, datagrams: Iterable[tuple[str, str]], now: datetime) -> None:
        """Take datagrams in, each with its room; the oldest of a room make way."""
        with self._lock:
            for room, datagram in datagrams:
                letters = self._rooms.setdefault(room, deque(maxlen=_MOST_IN_A_ROOM))
                self._rooms.move_to_end(room)
                self._number += 1
                letters.append(_Letter(self._number, now, sender, datagram))
            while len(self._rooms) > MOST_ROOMS or self._is_first_over(now):
                self._rooms.popitem(last=False)

    def get(
        self, reader: str, rooms: Sequence[str], after: int, now: datetime
    ) -> tuple[int, tuple[str, ...]]:
        """What others left in these rooms after number `after`, the oldest first.

        Returns:
            The number to ask after next, and the datagrams.
        """
        with self._lock:
            letters = [letter for room in rooms for letter in self._rooms.get(room, ())]
            new = [
                letter
                for letter in sorted(letters, key=lambda letter: letter.number)
                if letter.number > after and letter.sender != reader and now - letter.at < KEPT_FOR
            ][:MAX_DATAGRAMS]
            following = new[-1].number if len(new) == MAX_DATAGRAMS else self._number
        return following, tuple(letter.datagram for letter in new)

    def _is_first_over(self, now: datetime) -> bool:
        """The room that was longest without news is always the first."""
        letters = next(iter(self._rooms.values()), None)
        return letters is not None and now - letters[-1].at >= KEPT_FOR
