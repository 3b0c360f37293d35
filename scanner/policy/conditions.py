"""What a rule may ask about, as officials write it; `condition_logic` says what each comes to.

docs/policy.md has the table for officials: every key, and what it does with an unknown fact.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Final, TypeVar

import msgspec

from scanner.domain.direction import Direction
from scanner.domain.passes import Colour, PassFormat, PassKind
from scanner.domain.reasons import Reason
from scanner.policy.places import Person, SiteType
from scanner.policy.rules import Celsius, Days, Seconds, Table
from scanner.trust.staleness import Staleness

_MANY: Final = 64
_DIVISION: Final = re.compile(r"[0-9]{2}([0-9]{2}){0,2}")
_HOURS: Final = re.compile(r"([0-9]{2}):([0-5][0-9])-([0-9]{2}):([0-5][0-9])")
_DAY_MINUTES: Final = 24 * 60
Item = TypeVar("Item")

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Words = Annotated[tuple[Word, ...], msgspec.Meta(min_length=1, max_length=_MANY)]
TestHours = Annotated[int, msgspec.Meta(gt=0, le=24 * 366)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class LabResult(StrEnum):
    """What a pass says about a laboratory test."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    MISSING = "missing"


class CountedFrom(StrEnum):
    """From when on a test's age is counted."""

    SAMPLED = "sampled"
    REPORTED = "reported"


class Weekday(StrEnum):
    """In the order of `datetime.weekday`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class ClockState(StrEnum):
    """Whether anybody vouches for the gate's time."""

    SURE = "sure"
    UNSURE = "unsure"


class LabCondition(Table, frozen=True):
    """About the test on the pass; with a kind or an age there has to be one.

    Attributes:
        result: missing is a pass without a test.
        kind: as the code calls it, such as pcr; capitals do not matter.
        max_age_h: at most so many hours old.
        older_than_h: more hours old than that.
        counted_from: what both ages count from.
    """

    result: LabResult | tuple[LabResult, ...] | None = None
    kind: Word | Words | None = None
    max_age_h: TestHours | None = None
    older_than_h: TestHours | None = None
    counted_from: CountedFrom = CountedFrom.SAMPLED

    def __post_init__(self) -> None:
        is_about_one = (self.kind, self.max_age_h, self.older_than_h) != (None, None, None)
        if is_about_one and LabResult.MISSING in several(self.result):
            raise ValueError("a missing test has neither kind nor age; write two rules")
        if self.result is None and not is_about_one:
            raise ValueError("name a result, a kind or an age")


class VaccineCondition(Table, frozen=True):
    """About the vaccination on the pass.

    Attributes:
        doses: at least so many.
        fewer_than: fewer doses than that, or none on the pass.
        min_days: at least so many days since the last dose.
        max_days: at most so many.
    """

    doses: Annotated[int, msgspec.Meta(ge=1, le=20)] | None = None
    fewer_than: Annotated[int, msgspec.Meta(ge=1, le=20)] | None = None
    min_days: Days | None = None
    max_days: Days | None = None

    def __post_init__(self) -> None:
        if (self.doses, self.fewer_than, self.min_days, self.max_days) == (None,) * 4:
            raise ValueError("name doses, fewer_than, min_days or max_days")


class Conditions(Table, frozen=True):
    """Facts that must all hold; of several values for one key, any.

    Gates weigh them in this order: first what one look tells of most people.

    Attributes:
        issuer: 33, 00, EU ...: who signed.
        division: of the pass; 33 also means all that is within it, 3301 and 330100 likewise.
        kind, format: of the pass.
        colour: its own, and those that it counts as here.
        reason_class: the issuer's class of reason for the colour.
        hard_line: the issuer marks a red that nothing loosens.
        code_older_than_s, code_max_age_s: since its issue.
        test, vaccine: what the pass says of them.
        person: as what somebody comes.
        site, direction: of the gate.
        hours: local time, such as 06:00-22:00; the end does not belong to it; may pass midnight.
        weekdays: local.
        temperature_from_c, temperature_below_c: the last plausible reading.
        keys_from: the worst of the bundle's, the issuer's and its revocation list's keys is as
            stale as that or staler.
        clock: whether anybody vouches for the time.
        occupancy_from, occupancy_below: people inside.
        found: reasons that the gate has found by itself.
    """

    site: SiteType | tuple[SiteType, ...] | None = None
    direction: Direction | None = None
    person: Person | tuple[Person, ...] | None = None
    kind: PassKind | tuple[PassKind, ...] | None = None
    issuer: Word | Words | None = None
    colour: Colour | tuple[Colour, ...] | None = None
    format: PassFormat | tuple[PassFormat, ...] | None = None
    hard_line: bool | None = None
    keys_from: Staleness | None = None
    clock: ClockState | None = None
    reason_class: Word | Words | None = None
    weekdays: Weekday | tuple[Weekday, ...] | None = None
    division: Word | Words | None = None
    test: LabCondition | None = None
    code_older_than_s: Seconds | None = None
    code_max_age_s: Seconds | None = None
    vaccine: VaccineCondition | None = None
    hours: Word | Words | None = None
    temperature_from_c: Celsius | None = None
    temperature_below_c: Celsius | None = None
    occupancy_from: Count | None = None
    occupancy_below: Count | None = None
    found: Reason | tuple[Reason, ...] | None = None

    def __post_init__(self) -> None:
        for name in self.named():
            if getattr(self, name) == ():
                raise ValueError(f"{name} = [] can never hold; take it out")
        for division in several(self.division):
            if not _DIVISION.fullmatch(division):
                raise ValueError(f"division {division!r}: two, four or six digits of GB/T 2260")
        for hours in several(self.hours):
            minutes(hours)

    def named(self) -> Iterator[str]:
        """The keys that say something."""
        for name in self.__struct_fields__:
            if getattr(self, name) is not None:
                yield name

    @property
    def is_about_a_pass(self) -> bool:
        """True where something is asked that only a genuine pass can tell."""
        return any(name in _OF_THE_PASS for name in self.named())


_OF_THE_PASS: Final = frozenset(
    {
        "issuer", "division", "kind", "format", "colour", "reason_class", "hard_line",
        "code_older_than_s", "code_max_age_s", "test", "vaccine",
    }
)  # fmt: skip


NO_EXCUSES: Final = frozenset({"keys_from", "found"})
"""What other layers can bring about by being stricter: it must never excuse anybody from a rule."""


def several(value: Item | tuple[Item, ...] | None) -> tuple[Item, ...]:
    """One value or several of a key as a tuple; empty where it says nothing."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def minutes(hours: str) -> tuple[int, int]:
    """First minute of the day, and the one at which it ends; beyond 1440 on the next day.

    Raises:
        ValueError: not of the form 06:00-22:00.
    """
    found = _HOURS.fullmatch(hours)
    if not found:
        raise ValueError(f"hours {hours!r}: written 06:00-22:00, from 00:00 to 24:00")
    hour, minute, last_hour, last_minute = map(int, found.groups())
    first, end = hour * 60 + minute, last_hour * 60 + last_minute
    if first >= _DAY_MINUTES or end > _DAY_MINUTES or first == end:
        raise ValueError(f"hours {hours!r}: written 06:00-22:00, from 00:00 to 24:00")
    return first, end if end > first else end + _DAY_MINUTES
