"""This gate among the gates of its site: tells them who passed here, and hears who passed there."""

import secrets
from collections.abc import Iterable
from typing import Protocol

from scanner.domain.errors import LedgerError
from scanner.gate.crossings import News
from scanner.gate.doorway import Door, Doorway
from scanner.gate.instant import Instant
from scanner.gate.neighbours import NONCE_BYTES, Neighbours, seal, unseal
from scanner.log import EventLog
from scanner.post import Post

_log = EventLog(__name__)


class Carrier(Protocol):
    """Whoever brings datagrams to the other gates, and theirs here."""

    def send(self, datagram: bytes) -> bool:
        """Hand one over, without waiting."""
        ...

    def receive(self) -> Iterable[bytes]:
        """What has come from anybody, without waiting."""
        ...


def open_liaison(door: Door, doorway: Doorway, instant: Instant) -> "Liaison | None":
    """Begin to talk with the other gates; None where there are none, or nobody carries."""
    if door.gates == 1 or door.here is None or door.carrier is None:
        return None
    try:
        post = Post(door.here, door.carrier)
    except LedgerError as error:
        _log.error("no_neighbours", found=error.found, remedy=error.remedy)
        return None
    return Liaison(doorway, post, door.gates, instant)


class Liaison:
    """Joins a doorway with those of the other gates.

    Args:
        doorway: of this gate.
        carrier: between the gates.
        gates: how many the site has, with this one.
        instant: now.
    """

    def __init__(self, doorway: Doorway, carrier: Carrier, gates: int, instant: Instant) -> None:
        self._doorway = doorway
        self._carrier = carrier
        self._others = gates - 1
        self._neighbours = Neighbours(doorway.comings.gate, instant.at)
        self.thrown_away = 0

    def turn(self, instant: Instant) -> None:
        """One round: hear what has come, tell what has happened."""
        for datagram in self._carrier.receive():
            self._hear(datagram, instant)
        doorway, neighbours = self._doorway, self._neighbours
        doorway.hears(everyone=neighbours.heard(instant.mono_s) >= self._others)
        keys = doorway.keys
        if keys is None:
            return
        comings = doorway.comings
        for told in neighbours.tell(
            doorway.news(), comings.own, comings.correction, instant.at, instant.mono_s
        ):
            self._carrier.send(seal(told, keys, secrets.token_bytes(NONCE_BYTES)))

    def _hear(self, datagram: bytes, instant: Instant) -> None:
        told = unseal(datagram, self._doorway.keys_of)
        if told is None:
            self.thrown_away += 1
            return
        news = self._neighbours.take(told, instant.at, instant.mono_s)
        if news is None:
            return
        self._doorway.hear([*(News(crossing) for crossing in told.known), *news])
        self._doorway.hear_counts(told.gate, told.totals, told.correction)
        if told.asks:
            self._neighbours.answer(self._doorway.comings.crossings())
