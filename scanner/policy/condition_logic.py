"""Conditions as CertLogic over the document of `scanner.policy.facts`. Pure.

Each condition has two readings, which differ only where a fact is unknown or a number a span:
`POSSIBLE` holds where it may hold, `CERTAIN` where nothing else can be. A rule applies where its
`when` is possible and its `unless` is not certain, so that what nobody knows is never milder.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from typing import Final

from scanner.domain.passes import Colour
from scanner.policy.conditions import (
    Conditions,
    CountedFrom,
    LabCondition,
    LabResult,
    VaccineCondition,
    minutes,
    several,
)
from scanner.policy.facts import UNKNOWN, YES, colours_key
from scanner.policy.layers import LayerRule
from scanner.trust.staleness import Staleness

Logic = object
"""CertLogic as `json.loads` makes it."""

_DAY_MINUTES: Final = 24 * 60
_DAY_S: Final = 86_400
_HOUR_S: Final = 3600
_HUNDREDTHS: Final = 100
_TESTED: Final = [LabResult.NEGATIVE.value, LabResult.POSITIVE.value]


class Reading(StrEnum):
    """How a condition takes what is not known."""

    POSSIBLE = "possible"
    CERTAIN = "certain"


def rule_logic(rule: LayerRule, *, unknown_applies: bool = True) -> Logic:
    """When a rule applies.

    Args:
        rule: of a layer.
        unknown_applies: as a gate reads it; False for where it applies whatever is not known,
            which tells where a simulation cannot know.
    """
    when, unless = Reading.POSSIBLE, Reading.CERTAIN
    if not unknown_applies:
        when, unless = unless, when
    clauses = list(_in_force(rule.valid_from, rule.valid_to, when))
    if rule.is_about_a_pass:
        clauses.append({"var": "proven"})
    clauses += conditions_logic(rule.when, when)
    if rule.unless is not None:
        clauses.append({"!": [_all(conditions_logic(rule.unless, unless))]})
    return _all(clauses)


def conditions_logic(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
    """One clause, or several, for each key that says something."""
    for name in conditions.named():
        yield from _CLAUSES[name](conditions, reading)


def _all(clauses: Iterable[Logic]) -> Logic:
    found = list(clauses)
    if len(found) > 1:
        return {"and": found}
    return found[0] if found else True


def _any(clauses: Iterable[Logic]) -> Logic:
    """Not one after the other in "if"s: a list of hours would become too deep to compile."""
    found = list(clauses)
    if len(found) > 1:
        return {"!": [{"and": [{"!": [clause]} for clause in found]}]}
    return found[0] if found else False


def _one_of(fact: str, texts: Iterable[str], reading: Reading) -> Logic:
    unknown = [UNKNOWN] if reading is Reading.POSSIBLE else []
    return {"in": [{"var": fact}, [*texts, *unknown]]}


def _at_least(fact: str, number: int, reading: Reading) -> Logic:
    end = "most" if reading is Reading.POSSIBLE else "least"
    return {">=": [{"var": f"{fact}_{end}"}, number]}


def _at_most(fact: str, number: int, reading: Reading) -> Logic:
    end = "least" if reading is Reading.POSSIBLE else "most"
    return {"<=": [{"var": f"{fact}_{end}"}, number]}


def _in_force(
    valid_from: datetime | None, valid_to: datetime | None, reading: Reading
) -> Iterator[Logic]:
    if valid_from is not None:
        yield _at_least("now", int(valid_from.timestamp()), reading)
    if valid_to is not None:
        yield _at_most("now", int(valid_to.timestamp()) - 1, reading)


def _texts(fact: str) -> "_Clause":
    def clause(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
        yield _one_of(fact, map(str, several(getattr(conditions, fact))), reading)

    return clause


def _division(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
    # 330000 is the province 33, and 330100 the city 3301.
    parts = {part.removesuffix("00").removesuffix("00") if len(part) == 6 else part
             for part in several(conditions.division)}  # fmt: skip
    yield _any(
        _one_of(f"division_{digits}", sorted(p for p in parts if len(p) == digits), reading)
        for digits in sorted({len(part) for part in parts})
    )


def _colour(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
    """Of all that a pass counts as: possible with any of them, certain with no other."""
    wanted = set(several(conditions.colour))
    if reading is Reading.CERTAIN:
        sets = [some for some in _COLOUR_SETS if wanted.issuperset(some)]
    else:
        sets = [some for some in _COLOUR_SETS if not wanted.isdisjoint(some)]
    yield {"in": [{"var": "colours"}, [colours_key(some) for some in sets]]}


_COLOUR_SETS: Final = [
    some for size in range(1, len(Colour) + 1) for some in combinations(Colour, size)
]


def _hard_line(conditions: Conditions, reading: Reading) -> Iterator[Logic]:  # noqa: ARG001
    marked: Logic = {"var": "hard_line"}
    yield marked if conditions.hard_line else {"!": [marked]}


def _test(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
    test = conditions.test or LabCondition(result=LabResult.MISSING)
    yield _one_of("test", [each.value for each in several(test.result)] or _TESTED, reading)
    if test.kind is not None:
        yield _one_of("test_kind", (kind.lower() for kind in several(test.kind)), reading)
    counted = "sampled" if test.counted_from is CountedFrom.SAMPLED else "reported"
    if test.max_age_h is not None:
        yield _at_most(counted, test.max_age_h * _HOUR_S, reading)
    if test.older_than_h is not None:
        yield _at_least(counted, test.older_than_h * _HOUR_S + 1, reading)


def _vaccine(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
    vaccine = conditions.vaccine or VaccineCondition(doses=1)
    shown = _one_of("vaccinated", [YES], reading)
    is_about_days = vaccine.min_days is not None or vaccine.max_days is not None
    if vaccine.doses is not None or is_about_days or reading is Reading.CERTAIN:
        yield shown
    if vaccine.doses is not None:
        yield _at_least("doses", vaccine.doses, reading)
    if vaccine.fewer_than is not None:
        yield _at_most("doses", vaccine.fewer_than - 1, reading)
    if vaccine.min_days is not None:
        yield _at_least("vaccine_days", vaccine.min_days, reading)
    if vaccine.max_days is not None:
        yield _at_most("vaccine_days", vaccine.max_days, reading)


def _hours(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
    yield _any(_within(hours, reading) for hours in several(conditions.hours))


def _within(hours: str, reading: Reading) -> Logic:
    """Yesterday's, today's and tomorrow's hours: what passes midnight began the day before."""
    first, end = minutes(hours)
    if end - first >= _DAY_MINUTES:
        return True
    windows = [(first + day * _DAY_MINUTES, end + day * _DAY_MINUTES) for day in (-1, 0, 1)]
    return _any(
        _all([_at_least("minute", start, reading), _at_most("minute", stop - 1, reading)])
        for start, stop in windows
        if stop > 0
    )


def _weekdays(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
    days = [day.value for day in several(conditions.weekdays)]
    ends = [_one_of("first_day", days, reading), _one_of("last_day", days, reading)]
    yield _any(ends) if reading is Reading.POSSIBLE else _all(ends)


def _found(conditions: Conditions, reading: Reading) -> Iterator[Logic]:  # noqa: ARG001
    yield _any(
        {"in": [reason.value, {"var": "found"}]}
        for reason in dict.fromkeys(several(conditions.found))
    )


def _keys_from(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
    least = conditions.keys_from or Staleness.FRESH
    yield _at_least("keys", least.severity, reading)


def _from(fact: str, key: str, factor: int = 1, add: int = 0) -> "_Clause":
    def clause(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
        yield _at_least(fact, round(getattr(conditions, key) * factor) + add, reading)

    return clause


def _up_to(fact: str, key: str, factor: int = 1, add: int = 0) -> "_Clause":
    def clause(conditions: Conditions, reading: Reading) -> Iterator[Logic]:
        yield _at_most(fact, round(getattr(conditions, key) * factor) + add, reading)

    return clause


_Clause = Callable[[Conditions, Reading], Iterator[Logic]]

_CLAUSES: Final[Mapping[str, _Clause]] = {
    **{
        name: _texts(name)
        for name in (
            "site", "direction", "person", "kind", "issuer", "format", "reason_class", "clock",
        )
    },
    "division": _division,
    "colour": _colour,
    "hard_line": _hard_line,
    "code_older_than_s": _from("code", "code_older_than_s", add=1),
    "code_max_age_s": _up_to("code", "code_max_age_s"),
    "test": _test,
    "vaccine": _vaccine,
    "hours": _hours,
    "weekdays": _weekdays,
    "temperature_from_c": _from("temperature", "temperature_from_c", _HUNDREDTHS),
    "temperature_below_c": _up_to("temperature", "temperature_below_c", _HUNDREDTHS, add=-1),
    "occupancy_from": _from("occupancy", "occupancy_from"),
    "occupancy_below": _up_to("occupancy", "occupancy_below", add=-1),
    "keys_from": _keys_from,
    "found": _found,
}  # fmt: skip
