"""Passes spread over several QR codes: collected part by part until the text is whole. Pure.

A format's reader says which texts are parts. Nothing in a part says which pass it belongs to, so
one that contradicts the collection begins a new one.
"""

from typing import Final

from msgspec import Struct

FORGOTTEN_AFTER_S: Final = 60.0


class Part(Struct, frozen=True):
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


class Collection(Struct, frozen=True):
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
