"""People as officials describe them, and as the gate sees them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec

from scanner.domain.direction import Direction
from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    DependantRecord,
    Evidence,
    LaboratoryTest,
    PassClaims,
    PassKind,
    Rejection,
    VaccineRecord,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.policy.asking import Reading, Told
from scanner.policy.conditions import ClockState
from scanner.policy.evaluate import Circumstances
from scanner.policy.places import CHINA, Person, Place, SiteType
from scanner.policy.rules import Table
from scanner.trust.staleness import Staleness

USUALLY: Final = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Ten o'clock of a Wednesday in China, for a person of whom no time is told."""

_GENUINE: Final = frozenset(
    {
        Reason.EXPIRED, Reason.NOT_YET_VALID, Reason.WRONG_KEY_USAGE, Reason.REVOKED,
        Reason.PROBABLY_REVOKED, Reason.HOLDER_UNPROVEN, Reason.SCREENSHOT,
    }
)  # fmt: skip
"""What a code may fail by though its issuer did sign it: it still says whose it is."""

Hours = Annotated[float, msgspec.Meta(ge=0, le=24 * 366)]


class DescribedTest(Table, frozen=True):
    """A laboratory test: hours since the sample, and since the report; unknown where not told."""

    negative: bool = True
    kind: str = "pcr"
    sampled_h: Hours | None = None
    reported_h: Hours | None = None


class DescribedVaccine(Table, frozen=True):
    """Doses, and days since the last one."""

    doses: Annotated[int, msgspec.Meta(ge=0, le=20)]
    days: Annotated[int, msgspec.Meta(ge=0, le=3660)] = 30


class Described(Table, frozen=True):
    """One person at one gate. Without more: a green dynamic code of Zhejiang, a minute old.

    Attributes:
        code: why the code is no pass, such as bad_signature; None for a good one.
        colour, kind, issuer, division, reason_class, hard_line: as the code says.
        age_s: seconds since its issue; None where it does not say.
        test, vaccine: as the code says; None without one.
        relation: of a dependant, such as child.
        person: as what somebody comes, where the code does not say it.
        site, direction, occupancy: of the gate; None is not known.
        at: when; without an offset the local time of China.
        temperatures_c: readings, the newest last.
        id_compared, document_seen, second_guard: what was answered.
        keys, clock: how the gate is.
    """

    code: Reason | None = None
    colour: Colour = Colour.GREEN
    kind: PassKind = PassKind.DYNAMIC
    issuer: str = "33"
    division: str | None = None
    age_s: Annotated[int, msgspec.Meta(ge=0)] | None = 60
    test: DescribedTest | None = None
    vaccine: DescribedVaccine | None = None
    reason_class: str | None = None
    hard_line: bool = False
    relation: str | None = None
    person: Person | None = None
    site: SiteType | None = None
    direction: Direction | None = None
    occupancy: int | None = None
    at: datetime | None = None
    temperatures_c: tuple[float, ...] = ()
    id_compared: bool = False
    document_seen: bool = False
    second_guard: bool = False
    keys: Staleness = Staleness.FRESH
    clock: ClockState = ClockState.SURE

    @property
    def now(self) -> datetime:
        """Aware UTC."""
        if self.at is None:
            return USUALLY
        return (self.at.replace(tzinfo=UTC) - CHINA) if self.at.tzinfo is None else self.at

    @property
    def shown(self) -> VerifiedPass | Rejection:
        """What the code turns out to be."""
        claims = self._claims()
        if self.code is None:
            return VerifiedPass(claims, bytes(32), Evidence(HEALTH_CODE, b"", Algorithm.EDDSA))
        return Rejection((self.code,), proven=claims if self.code in _GENUINE else None)

    @property
    def circumstances(self) -> Circumstances:
        """Everything else."""
        return Circumstances(
            now=self.now,
            keys=self.keys,
            clock_is_sure=self.clock is ClockState.SURE,
            told=Told(
                readings=tuple(Reading(celsius, self.now) for celsius in self.temperatures_c),
                id_compared=self.id_compared,
                document_seen=self.document_seen,
                second_guard=self.second_guard,
            ),
            place=Place(self.site, self.direction, self.person),
            occupancy=self.occupancy,
        )

    def _claims(self) -> PassClaims:
        def ago(hours: float | None) -> datetime | None:
            return None if hours is None else self.now - timedelta(hours=hours)

        test, vaccine = self.test, self.vaccine
        return PassClaims(
            format=HEALTH_CODE,
            kind=self.kind,
            issuer=self.issuer,
            colour=self.colour,
            issued_at=None if self.age_s is None else self.now - timedelta(seconds=self.age_s),
            division=self.division,
            test=LaboratoryTest(test.kind, test.negative, ago(test.sampled_h), ago(test.reported_h))
            if test
            else None,
            vaccine=VaccineRecord(vaccine.doses, (self.now - timedelta(days=vaccine.days)).date())
            if vaccine
            else None,
            reason_class=self.reason_class,
            hard_line=self.hard_line,
            dependant=DependantRecord(self.relation, "") if self.relation else None,
        )


def in_words(described: Mapping[str, object]) -> str:
    """What was told of a person, in one line."""
    return ", ".join(f"{key} {_word(value)}" for key, value in described.items()) or "nothing told"


def _word(value: object) -> str:
    if isinstance(value, Mapping):
        return f"({in_words(value)})"
    return str(value)
