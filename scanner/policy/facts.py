"""What rules may ask about one person, as one plain document: integers, texts, booleans. Pure.

Made once a verdict. A number is a span, from the least to the most that it may be: unknown is
everything from `LEAST` to `MOST`, and an unsure clock makes an age a span, too. An unknown text is
`UNKNOWN`. `scanner.policy.condition_logic` reads a span so that not knowing is never milder.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from scanner.domain.issuers import ISSUERS, NATIONAL
from scanner.domain.passes import Colour, LaboratoryTest, PassClaims
from scanner.domain.reasons import Reason
from scanner.policy.certlogic_values import MAX_INTEGER
from scanner.policy.conditions import ClockState, LabResult, Weekday
from scanner.policy.places import person_of
from scanner.policy.rules import TemperatureRules

if TYPE_CHECKING:
    from scanner.policy.evaluate import Circumstances

LEAST: Final = -1
MOST: Final = MAX_INTEGER
UNKNOWN: Final = "unknown"
YES: Final = "yes"
NO: Final = "no"
NO_REASON: Final = "none"
"""The reason class of a green code, which needs none."""

_SKEW: Final = timedelta(seconds=60)
_MINUTE: Final = timedelta(minutes=1)
_DAYS: Final = tuple(Weekday)
_ANY_MINUTE: Final = (0, 10 * 24 * 60)
Facts = dict[str, object]


def facts_of(
    claims: PassClaims | None,
    counts_as: Iterable[Colour],
    found: Iterable[Reason],
    limits: TemperatureRules,
    circumstances: "Circumstances",
) -> Facts:
    """The facts about one person.

    Args:
        claims: of a genuine pass; None where nothing is proven.
        counts_as: the colours that its own counts as here, beside itself.
        found: what the gate's own checks found.
        limits: what a plausible reading is.
        circumstances: beside the pass.
    """
    place = circumstances.place
    person = person_of(claims, circumstances.person, place)
    keys = max(
        (circumstances.keys, circumstances.issuer_keys, circumstances.revocation),
        key=lambda level: level.severity,
    )
    facts: Facts = {
        "proven": claims is not None,
        "person": person.value if person else UNKNOWN,
        "site": place.site.value if place.site else UNKNOWN,
        "direction": place.direction.value if place.direction else UNKNOWN,
        "clock": (ClockState.SURE if circumstances.clock_is_sure else ClockState.UNSURE).value,
        "found": [reason.value for reason in found],
    }
    facts |= _span("keys", keys.severity)
    facts |= _span("occupancy", circumstances.occupancy)
    facts |= _temperature(circumstances.told.readings_c, limits)
    facts |= _moment(circumstances)
    if claims is not None:
        facts |= _pass_facts(claims, counts_as, circumstances)
    return facts


def colours_key(colours: Iterable[Colour]) -> str:
    """Several colours as one text, whatever their order."""
    return "+".join(sorted({colour.value for colour in colours}))


def _pass_facts(
    claims: PassClaims, counts_as: Iterable[Colour], circumstances: "Circumstances"
) -> Facts:
    colour = claims.colour or Colour.NONE
    unnamed = NO_REASON if colour is Colour.GREEN else UNKNOWN
    test, vaccine = claims.test, claims.vaccine
    result = LabResult.MISSING
    if test is not None:
        result = LabResult.NEGATIVE if test.negative else LabResult.POSITIVE
    facts: Facts = {
        "issuer": claims.issuer,
        "kind": claims.kind.value,
        "format": claims.format,
        "colours": colours_key((colour, *counts_as)),
        "reason_class": claims.reason_class or unnamed,
        "hard_line": claims.hard_line,
        "test": result.value,
        "test_kind": (test.kind.lower() or UNKNOWN) if test else UNKNOWN,
        "vaccinated": YES if vaccine else NO,
    }
    facts |= _span("doses", vaccine.doses if vaccine else 0)
    facts |= dict(_divisions(claims))
    facts |= _age("code", claims.issued_at, circumstances)
    facts |= _age("sampled", test.sampled_at if test else None, circumstances)
    facts |= _age("reported", _reported(test), circumstances)
    return facts | _span("vaccine_days", vaccine.age(circumstances.now).days if vaccine else None)


def _reported(test: LaboratoryTest | None) -> datetime | None:
    return test.reported_at if test else None


def _divisions(claims: PassClaims) -> Iterator[tuple[str, str]]:
    """The pass's division by two, four and six digits; a province is known by its issuer, too."""
    is_province = claims.issuer in ISSUERS and claims.issuer.isdigit() and claims.issuer != NATIONAL
    division = claims.division or (claims.issuer if is_province else "")
    is_abroad = not division and claims.issuer != NATIONAL
    for digits in (2, 4, 6):
        known = len(division) >= digits
        yield f"division_{digits}", division[:digits] if known else ("" if is_abroad else UNKNOWN)


def _span(name: str, value: int | None) -> Facts:
    least, most = (LEAST, MOST) if value is None else (value, value)
    return {f"{name}_least": least, f"{name}_most": most}


def _age(name: str, since: datetime | None, circumstances: "Circumstances") -> Facts:
    """Seconds since then, give or take the clock's error; unknown where it is yet to come."""
    now, error = circumstances.now, circumstances.clock_error
    if since is None or not circumstances.clock_is_sure or since > now + error + _SKEW:
        return _span(name, None)
    age = now - since
    least = max(0, int((age - error).total_seconds()))
    most = max(0, -int(-(age + error).total_seconds() // 1))
    return {f"{name}_least": least, f"{name}_most": most}


def _temperature(readings_c: tuple[float, ...], limits: TemperatureRules) -> Facts:
    """The last reading in hundredths of a degree; one that nobody can have is none."""
    usable = readings_c and (limits.is_plausible(readings_c[-1]) or limits.is_high(readings_c[-1]))
    return _span("temperature", round(readings_c[-1] * 100) if usable else None)


def _moment(circumstances: "Circumstances") -> Facts:
    """The local time of day, the weekday and the moment itself, each as the first and the last."""
    if not circumstances.clock_is_sure:
        day, minute = (UNKNOWN, UNKNOWN), _ANY_MINUTE
        moment = (LEAST, MOST)
    else:
        first = circumstances.now - circumstances.clock_error
        last = circumstances.now + circumstances.clock_error
        moment = (int(first.timestamp()), -int(-last.timestamp() // 1))
        first += circumstances.place.utc_offset
        last += circumstances.place.utc_offset
        begin = first.hour * 60 + first.minute
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        minute = (begin, min((last - midnight) // _MINUTE, _ANY_MINUTE[1]))
        is_within = last - first < timedelta(days=1)
        days = (_DAYS[first.weekday()].value, _DAYS[last.weekday()].value)
        day = days if is_within else (UNKNOWN, UNKNOWN)
    return {
        "first_day": day[0], "last_day": day[1],
        "minute_least": minute[0], "minute_most": minute[1],
        "now_least": moment[0], "now_most": moment[1],
    }  # fmt: skip
