"""Passes spread over several QR codes: collected part by part until the text is whole. Pure.

SMART Health Cards may be split into chunks `shc:/INDEX/TOTAL/DIGITS`, INDEX from 1 (SMART Health
Cards Framework, "Encoding Chunks as QR Codes"). Nothing in a chunk says which card it belongs to,
so a chunk that contradicts the collection begins a new one.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_PARTS: Final = 50
MAX_BODY: Final = 4096
FORGOTTEN_AFTER_S: Final = 60.0
_SMART_HEALTH_CARD: Final = re.compile(r"(shc:/)([1-9][0-9]?)/([1-9][0-9]?)/([0-9]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """One code of several.

    Attributes:
        prefix: what the whole text begins with.
        index: from 1 to `total`.
        body: this part's share of the text.
    """

    prefix: str
    index: int
    total: int
    body: str


@dataclass(frozen=True, slots=True)
class Collection:
    """The parts so far.

    Attributes:
        bodies: by index - 1; None where a part is still missing.
        last_s: monotonic seconds of the newest part.
    """

    prefix: str
    bodies: tuple[str | None, ...]
    last_s: float

    @property
    def have(self) -> int:
        """How many parts are there."""
        return sum(body is not None for body in self.bodies)

    @property
    def total(self) -> int:
        """How many parts there are in all."""
        return len(self.bodies)

    @property
    def text(self) -> str | None:
        """The whole text once every part is there."""
        bodies = [body for body in self.bodies if body is not None]
        return self.prefix + "".join(bodies) if len(bodies) == self.total else None

    def is_forgotten(self, now_s: float) -> bool:
        """True when no part came for a minute: the person has gone."""
        return now_s - self.last_s > FORGOTTEN_AFTER_S


def as_part(text: str) -> Part | None:
    """The part that a text is; None for a text that stands alone."""
    match = _SMART_HEALTH_CARD.fullmatch(text) if len(text) <= MAX_BODY else None
    if match is None:
        return None
    index, total = int(match[2]), int(match[3])
    if not 1 < total <= MAX_PARTS or index > total:
        return None
    return Part(match[1], index, total, match[4])


def collect(collection: Collection | None, part: Part, now_s: float) -> Collection:
    """The collection with one more part.

    Args:
        collection: what was collected before; None, or forgotten after a minute, begins anew.
        part: as read; one that contradicts the collection begins a new one.
        now_s: monotonic seconds.
    """
    if collection is None or not _continues(collection, part, now_s):
        collection = Collection(part.prefix, (None,) * part.total, now_s)
    bodies = list(collection.bodies)
    bodies[part.index - 1] = part.body
    return Collection(part.prefix, tuple(bodies), now_s)


def _continues(collection: Collection, part: Part, now_s: float) -> bool:
    return (
        collection.prefix == part.prefix
        and collection.total == part.total
        and collection.bodies[part.index - 1] in (None, part.body)
        and not collection.is_forgotten(now_s)
    )
