"""What the gates of one site tell one another, sealed. Pure: bytes, times and keys come in.

Whoever carries a datagram (`sync.neighbours`: the local network, the hub) can read nothing in it
but the day of its key, and a mark that the site's datagrams of that day share. It may be lost,
doubled, late or made up: each repeats the last few crossings and all counts, so that the next one
makes a lost one good; a longer gap is asked about.

```
"CPN1" | day (4 bytes, Gregorian ordinal) | room (8) | nonce (12) | ChaCha20-Poly1305 of Told
```
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from scanner.domain.decoding import UndecodableError, decode
from scanner.gate.crossings import Correction, Count, Crossing, GateId, News, Totals
from scanner.ledger.site_key import ROOM_BYTES, SiteKeys

MOST_BYTES: Final = 1400
"""What fits one Ethernet frame; a longer datagram is thrown away unread."""
NONCE_BYTES: Final = 12
STALE: Final = timedelta(minutes=10)
"""The hub may take minutes; a datagram that is older, or from the future, is none of now."""
SILENT_S: Final = 90.0
BEAT_S: Final = 2.0
_MAGIC: Final = b"CPN1"
_DAY_END: Final = len(_MAGIC) + 4
_HEAD_BYTES: Final = _DAY_END + ROOM_BYTES
_MOST_CROSSINGS: Final = 5
_MOST_NEIGHBOURS: Final = 64
_ASK_EVERY_S: Final = 5.0
_PAGES_A_TURN: Final = 4


class Told(msgspec.Struct, frozen=True, array_like=True):
    """One datagram's content.

    Attributes:
        gate: device id of the gate that tells it.
        stream: when that gate's process began; numbers count from there.
        number: of this datagram; grows.
        at: when it was sent, aware UTC.
        first: number of the first of `news`; as many were told before.
        news: the last crossings there, the oldest first.
        totals: what that gate counted.
        correction: the last guard's number that it knows of.
        asks: it missed something: please tell all.
        known: part of an answer to that: the last crossings of people, in no order.
    """

    gate: GateId
    stream: datetime
    number: Count
    at: datetime
    first: Count
    news: Annotated[tuple[News, ...], msgspec.Meta(max_length=_MOST_CROSSINGS)]
    totals: Totals
    correction: Correction | None = None
    asks: bool = False
    known: Annotated[tuple[Crossing, ...], msgspec.Meta(max_length=_MOST_CROSSINGS)] = ()


_TOLD: Final = msgspec.msgpack.Decoder(Told)


def seal(told: Told, keys: SiteKeys, nonce: bytes) -> bytes:
    """The datagram.

    Args:
        told: what it says.
        keys: of the sender's day.
        nonce: 12 bytes that this key has never been used with.
    """
    head = _MAGIC + keys.day.toordinal().to_bytes(4, "big") + keys.room
    return head + nonce + ChaCha20Poly1305(keys.sealing).encrypt(nonce, encode(told), head)


def encode(told: Told) -> bytes:
    """The plain bytes of a datagram's content: MessagePack."""
    return msgspec.msgpack.encode(told)


def unseal(datagram: bytes, keys_of: Callable[[date], SiteKeys | None]) -> Told | None:
    """What a datagram says; None for whatever no gate of this site has written.

    Args:
        datagram: as it came, from anybody.
        keys_of: the site's keys of a day, where this gate has them.
    """
    body = _HEAD_BYTES + NONCE_BYTES
    if not body < len(datagram) <= MOST_BYTES or not datagram.startswith(_MAGIC):
        return None
    head, nonce = datagram[:_HEAD_BYTES], datagram[_HEAD_BYTES:body]
    ordinal = int.from_bytes(head[len(_MAGIC) : _DAY_END], "big")
    if not 1 <= ordinal <= date.max.toordinal():
        return None
    keys = keys_of(date.fromordinal(ordinal))
    if keys is None or head[_DAY_END:] != keys.room:
        return None
    try:
        plain = ChaCha20Poly1305(keys.sealing).decrypt(nonce, datagram[body:], head)
        told = decode(_TOLD, plain)
    except (InvalidTag, UndecodableError):
        return None
    return told if all(at.tzinfo is not None for at in _times(told)) else None


class _Neighbour(msgspec.Struct):
    """Another gate, as it was last heard."""

    stream: datetime
    number: int
    told: int
    heard_s: float


class Neighbours:
    """What this gate has told and heard.

    Args:
        gate: device id.
        began: when this process began, aware UTC.
    """

    def __init__(self, gate: str, began: datetime) -> None:
        self._gate = gate
        self._began = began
        self._number = 0
        self._told = 0
        self._recent: deque[News] = deque(maxlen=_MOST_CROSSINGS)
        self._neighbours: dict[str, _Neighbour] = {}
        self._pages: Iterator[Crossing] = iter(())
        self._beat_s = 0.0
        self._ask_s = 0.0
        self._misses = True

    def heard(self, mono_s: float) -> int:
        """How many other gates were heard of late."""
        return sum(1 for one in self._neighbours.values() if mono_s - one.heard_s < SILENT_S)

    def take(self, told: Told, now: datetime, mono_s: float) -> tuple[News, ...] | None:
        """Note that a gate was heard; what a datagram shows to be missing will be asked about.

        Args:
            told: unsealed.
            now: aware UTC.
            mono_s: monotonic seconds.

        Returns:
            The news in it that was not heard before; None for a datagram that says nothing of now:
            a copy, an old one, this gate's own.
        """
        if told.gate == self._gate or abs(now - told.at) > STALE:
            return None
        known = self._neighbours.get(told.gate)
        if known is None and len(self._neighbours) >= _MOST_NEIGHBOURS:
            return None
        if known is not None and (told.stream, told.number) <= (known.stream, known.number):
            return None
        is_new = known is None or told.stream != known.stream
        expected = 0 if is_new or known is None else known.told
        self._misses |= is_new or told.first > expected
        told_so_far = told.first + len(told.news)
        self._neighbours[told.gate] = _Neighbour(told.stream, told.number, told_so_far, mono_s)
        return told.news[max(0, expected - told.first) :]

    def answer(self, known: Iterable[Crossing]) -> None:
        """Another gate missed something: tell it everybody who passed here, some in each turn."""
        self._pages = iter(list(known))

    def tell(
        self,
        news: Iterable[News],
        totals: Totals,
        correction: Correction | None,
        now: datetime,
        mono_s: float,
    ) -> list[Told]:
        """What is to be sent now: news at once, else a beat every two seconds.

        Args:
            news: what has happened here since.
            totals: what this gate counted.
            correction: the guard's number that holds.
            now: aware UTC.
            mono_s: monotonic seconds.
        """
        fresh = list(news)
        pages = [
            page
            for _ in range(_PAGES_A_TURN)
            if (page := tuple(islice(self._pages, _MOST_CROSSINGS)))
        ]
        said = [self._say(totals, correction, now, mono_s, known=page) for page in pages]
        for one in fresh:
            self._recent.append(one)
            self._told += 1
            said.append(self._say(totals, correction, now, mono_s))
        if not said and mono_s >= self._beat_s:
            said.append(self._say(totals, correction, now, mono_s))
        return said

    def _say(
        self,
        totals: Totals,
        correction: Correction | None,
        now: datetime,
        mono_s: float,
        known: tuple[Crossing, ...] = (),
    ) -> Told:
        asks = self._misses and mono_s >= self._ask_s
        if asks:
            self._misses, self._ask_s = False, mono_s + _ASK_EVERY_S
        self._beat_s = mono_s + BEAT_S
        self._number += 1
        recent = () if known else tuple(self._recent)
        return Told(
            gate=self._gate,
            stream=self._began,
            number=self._number,
            at=now,
            first=self._told - len(recent),
            news=recent,
            totals=totals,
            correction=correction,
            asks=asks,
            known=known,
        )


def _times(told: Told) -> Iterator[datetime]:
    """Every time in a datagram; those without a zone cannot be compared."""
    yield from (told.stream, told.at, told.totals.since)
    if told.correction is not None:
        yield told.correction.at
    for crossing in (*told.known, *(news.crossing for news in told.news)):
        yield crossing.at
