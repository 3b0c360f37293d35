"""How old trust is, and what that makes of it. Pure.

Three things age, each for itself: the bundle, by the time of its timestamp, which says that nothing
newer existed then; each issuer's own metadata, by the end that the issuer gave them; each issuer's
revocations, by their signature. The first concerns every code, the other two one issuer's only.

Nothing is refused here for its age. A level is what the lamp shows and what the site's rules weigh.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""When metadata were signed that do not say when."""

STEADY: Final = timedelta(hours=1)
"""A level improves only where the age lies below its limit by so much, or a 24th of the limit."""

_STEADY_PART: Final = 24
_NOTICE_PART: Final = 4


class Staleness(StrEnum):
    """How old something is: fresh up to a day, then a warning, degraded after a week."""

    FRESH = "fresh"
    AGEING = "ageing"
    DEGRADED = "degraded"

    @property
    def severity(self) -> int:
        """0 for fresh, 2 for degraded."""
        return _SEVERITY[self]


_SEVERITY: Final = {Staleness.FRESH: 0, Staleness.AGEING: 1, Staleness.DEGRADED: 2}


class Limits(Struct, frozen=True):
    """Ages up to which trust is fresh, and beyond which it is degraded."""

    fresh: timedelta = timedelta(hours=24)
    degraded: timedelta = timedelta(days=7)


class Term(Struct, frozen=True):
    """The time for which some signers vouch.

    Attributes:
        issued_at: when they signed; None when they do not say.
        expires_at: until when they stand by it.
    """

    issued_at: datetime | None
    expires_at: datetime


class Terms(Struct, frozen=True):
    """Every term in one bundle.

    Attributes:
        timestamp: of the role that says what is newest.
        central: of root, snapshot and targets.
        issuers: of each issuer's own role; an issuer without one is as old as the bundle.
        revocations: of the role that signs an issuer's revoked codes; nothing ages where an issuer
            has published none.
    """

    timestamp: Term
    central: tuple[Term, ...] = ()
    issuers: Mapping[str, Term] = field(default_factory=dict)
    revocations: Mapping[str, Term] = field(default_factory=dict)

    @property
    def vouched_at(self) -> datetime:
        """When the hub last said that nothing newer exists."""
        return self.timestamp.issued_at or LONG_AGO


def worst(*levels: Staleness) -> Staleness:
    """The most severe of some levels."""
    return max(levels, key=lambda level: level.severity, default=Staleness.FRESH)


def age_since(moment: datetime, now: datetime) -> timedelta:
    """Never negative: what was signed ahead of our clock is new."""
    return max(now - moment, timedelta())


def by_age(age: timedelta, limits: Limits) -> Staleness:
    """The level of an age by itself."""
    if age <= limits.fresh:
        return Staleness.FRESH
    return Staleness.AGEING if age <= limits.degraded else Staleness.DEGRADED


def signed_before(term: Term, vouched_at: datetime) -> datetime:
    """When it was signed, no later than the timestamp that names it.

    Whoever dates a list ahead would otherwise keep it young for ever.
    """
    return min(term.issued_at or LONG_AGO, vouched_at)


def bundle_level(terms: Terms, now: datetime, limits: Limits) -> Staleness:
    """Of the whole bundle.

    The timestamp's age decides. Where root, snapshot or targets have run out, people at the centre
    forgot to sign while the machine signs on: a warning, and degraded only after as long again as
    the site bears anyway, because it concerns every gate in the country at the same minute.
    """
    level = by_age(age_since(terms.vouched_at, now), limits)
    overdue = max((now - term.expires_at for term in terms.central), default=timedelta(0))
    if overdue > limits.degraded:
        return Staleness.DEGRADED
    ends = overdue > timedelta(0) or terms.timestamp.expires_at < now
    return worst(level, Staleness.AGEING if ends else Staleness.FRESH)


def issuer_level(term: Term | None, now: datetime, limits: Limits) -> Staleness:
    """Of one issuer's keys: a warning before the end that the issuer set, degraded after it."""
    if term is None:
        return Staleness.FRESH
    left = term.expires_at - now
    if left < timedelta(0):
        return Staleness.DEGRADED
    notice = limits.degraded
    if term.issued_at is not None:
        notice = min(notice, (term.expires_at - term.issued_at) / _NOTICE_PART)
    return Staleness.AGEING if left < notice else Staleness.FRESH


def revocation_level(terms: Terms, issuer: str, now: datetime, limits: Limits) -> Staleness:
    """Of one issuer's revoked codes: as old as their signature.

    An issuer that takes codes back signs its list anew while it is unchanged, as it promises to by
    publishing one: from outside, a quiet week and a line cut by a thief look the same.
    """
    term = terms.revocations.get(issuer)
    if term is None:
        return Staleness.FRESH
    signed_at = signed_before(term, terms.vouched_at)
    ended = Staleness.DEGRADED if term.expires_at < now else Staleness.FRESH
    return worst(by_age(age_since(signed_at, now), limits), ended)


def steady(level: Staleness, before: Staleness | None, cautious: Staleness) -> Staleness:
    """A level that does not flicker at its limit.

    Args:
        level: by the limits.
        before: what was shown last; None at first.
        cautious: by limits that are a little tighter.

    Returns:
        `level` at once when it is worse than `before`; better than `before` only as far as the
        tighter limits allow.
    """
    if before is None or level.severity >= before.severity:
        return level
    return min(before, cautious, key=lambda option: option.severity)


def tightened(limits: Limits) -> Limits:
    """The limits below which a level may improve."""
    return Limits(*(limit - min(STEADY, limit / _STEADY_PART) for limit in _pair(limits)))


def _pair(limits: Limits) -> tuple[timedelta, timedelta]:
    return limits.fresh, limits.degraded
