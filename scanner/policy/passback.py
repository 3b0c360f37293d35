"""Codes that pass too often, and sites that are full: suspicions, never accusations. Pure.

A finding says that somebody should look: a code may have been handed back over the fence, or its
holder may have forgotten a bag. Nobody is ever kept inside: on the way out a finding is recorded
and shown, and the decision stays as it is.
"""

from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct

from scanner.domain.direction import Direction
from scanner.domain.passes import PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision, Finding
from scanner.policy.rules import RuleSet


class Sighting(Struct, frozen=True):
    """When and where somebody was last let through.

    Attributes:
        direction: which way.
        ago: how long since.
        is_here: at this gate, and not at another one of the site.
        is_same_code: by the very code that is shown now, and not by a later one of its holder.
    """

    direction: Direction
    ago: timedelta
    is_here: bool = True
    is_same_code: bool = True


class Passage(Struct, frozen=True):
    """Which way somebody wants to go, and what the site knows of it.

    Attributes:
        direction: in or out.
        last: None where this person was not let through of late, or is not told apart.
        is_followed: the gates could know whether this person came in: the code tells people apart
            and nothing of the last two days was lost.
        inside: how many people are in the site; None where nobody counts.
    """

    direction: Direction
    last: Sighting | None = None
    is_followed: bool = False
    inside: int | None = None

    @property
    def dwell(self) -> timedelta | None:
        """How long somebody who leaves was inside; None where that is not known."""
        if self.direction is not Direction.OUT or self.last is None:
            return None
        return self.last.ago if self.last.direction is Direction.IN else None


def follows(kind: PassKind, rules: RuleSet) -> bool:
    """Whether codes of this kind tell people apart: a household shares a paper pass."""
    return kind in rules.passback.kinds


def passage_findings(passage: Passage, rules: RuleSet) -> Iterator[Finding]:
    """What is odd about somebody who wants to pass, and what it forces.

    Args:
        passage: the way and what is known.
        rules: of the site.
    """
    is_out = passage.direction is Direction.OUT
    for reason in _oddities(passage, rules):
        decision = Decision.ADMIT if is_out else rules.results.decision(reason)
        yield Finding(reason, decision)


def _oddities(passage: Passage, rules: RuleSet) -> Iterator[Reason]:
    last, limit = passage.last, rules.capacity.limit
    if last is not None:
        yield from _again(passage.direction, last, rules)
    if passage.direction is Direction.OUT:
        came_in = last is not None and last.direction is Direction.IN
        if passage.is_followed and not came_in:
            yield Reason.EXIT_WITHOUT_ENTRY
        return
    if rules.passback.anti_passback and last is not None and last.direction is Direction.IN:
        yield Reason.STILL_INSIDE
    if limit is not None and passage.inside is not None and passage.inside >= limit:
        yield Reason.OVER_CAPACITY


def _again(direction: Direction, last: Sighting, rules: RuleSet) -> Iterator[Reason]:
    """The same code too soon after it was let through."""
    limits = rules.passback
    is_same_way = last.direction is direction
    if not last.is_same_code:
        return
    if is_same_way and last.ago < timedelta(minutes=limits.replay_minutes):
        yield Reason.REPLAYED if last.is_here else Reason.SEEN_AT_OTHER_GATE
    elif last.is_here:
        if not is_same_way and last.ago < timedelta(seconds=limits.turn_seconds):
            yield Reason.REPLAYED
    elif last.ago < timedelta(seconds=limits.other_gate_seconds):
        yield Reason.SEEN_AT_OTHER_GATE
