"""Layers of rules for tests: from a few lines of TOML, and by hypothesis."""

from datetime import UTC, datetime, timedelta
from textwrap import dedent
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from config.rules import read_layer
from scanner.domain.direction import Direction
from scanner.domain.passes import (
    EU_DCC,
    HEALTH_CODE,
    Colour,
    DependantRecord,
    LaboratoryTest,
    PassClaims,
    PassKind,
    Rejection,
    VaccineRecord,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.domain.rule_outcomes import CountryRules, RuleOutcome, RuleResult
from scanner.domain.verdicts import Ask
from scanner.policy.asking import Reading, Told
from scanner.policy.conditions import (
    NO_EXCUSES,
    ClockState,
    Conditions,
    CountedFrom,
    LabCondition,
    LabResult,
    VaccineCondition,
    Weekday,
)
from scanner.policy.evaluate import Circumstances
from scanner.policy.layers import RULE_REASONS, Layer, LayerFile, LayerRule, Level
from scanner.policy.passback import Passage, Sighting
from scanner.policy.places import Person, Place, SiteType
from scanner.policy.rules import (
    CapacityRules,
    ColourRules,
    ForeignRules,
    MaxAgeRules,
    PassbackRules,
    ResultRules,
    StalenessRules,
    Strict,
    TemperatureRules,
    WhenStale,
)
from scanner.trust.staleness import Staleness
from tests.builders import NOW, a_pass, a_verified_pass


def a_layer(text: str, level: Level = Level.CITY, place: str | None = None) -> Layer:
    """A layer as its author writes it; Hangzhou's unless told otherwise."""
    if level is Level.CITY and place is None:
        place = "330100"
    return read_layer(dedent(text).encode(), "rules.toml", level, place)


def a_rule(**changes: Any) -> Layer:
    """Hangzhou with one rule and nothing else."""
    rule = LayerRule(**{"id": "rule", **changes})
    return Layer(Level.CITY, LayerFile(version="city-1", rules=(rule,)), frozenset(), "330100")


def _some(values: Any) -> Any:
    return st.lists(st.sampled_from(list(values)), min_size=1, max_size=3, unique=True).map(tuple)


def _maybe(strategy: Any) -> Any:
    return st.one_of(st.none(), st.none(), strategy)


lab_conditions = st.builds(
    LabCondition,
    result=_some([LabResult.NEGATIVE, LabResult.POSITIVE]),
    kind=_maybe(st.just("PCR")),
    max_age_h=_maybe(st.integers(1, 96)),
    older_than_h=_maybe(st.integers(1, 96)),
    counted_from=st.sampled_from(CountedFrom),
) | st.just(LabCondition(result=LabResult.MISSING))
vaccine_conditions = st.builds(
    VaccineCondition,
    doses=st.integers(1, 3),
    min_days=_maybe(st.integers(1, 30)),
    max_days=_maybe(st.integers(1, 300)),
) | st.builds(VaccineCondition, fewer_than=st.integers(1, 3))
FOUND = (
    Reason.EXPIRED,
    Reason.COLOUR_YELLOW,
    Reason.NOT_A_HEALTH_CODE,
    Reason.CODE_TOO_OLD,
    Reason.TEMPERATURE_NEEDED,
    Reason.TEMPERATURE_HIGH,
    Reason.TEMPERATURE_IMPLAUSIBLE,
)
conditions = st.builds(
    Conditions,
    issuer=_maybe(_some(["33", "46", "00"])),
    division=_maybe(_some(["33", "3301", "330106", "330100", "460000"])),
    kind=_maybe(_some(PassKind)),
    colour=_maybe(_some(Colour)),
    reason_class=_maybe(_some(["contact", "travel"])),
    hard_line=_maybe(st.booleans()),
    code_older_than_s=_maybe(st.integers(1, 900)),
    code_max_age_s=_maybe(st.integers(1, 900)),
    test=_maybe(lab_conditions),
    vaccine=_maybe(vaccine_conditions),
    person=_maybe(_some(Person)),
    site=_maybe(_some(SiteType)),
    direction=_maybe(st.sampled_from(Direction)),
    hours=_maybe(_some(["06:00-22:00", "22:00-06:00", "00:00-24:00", "16:30-17:30"])),
    weekdays=_maybe(_some(Weekday)),
    temperature_from_c=_maybe(st.just(37.0)),
    temperature_below_c=_maybe(st.just(37.0)),
    keys_from=_maybe(st.sampled_from(Staleness)),
    clock=_maybe(st.sampled_from(ClockState)),
    occupancy_from=_maybe(st.integers(0, 400)),
    occupancy_below=_maybe(st.integers(0, 400)),
    found=_maybe(_some(FOUND)),
)


@st.composite
def layer_rules(draw: st.DrawFn, number: int = 0) -> LayerRule:
    """A rule that a file might hold."""
    when = draw(conditions)
    unless = draw(st.none() | conditions)
    if unless is not None:
        unless = replace(unless, **dict.fromkeys(NO_EXCUSES))
        unless = unless if any(unless.named()) else None
    is_hot = any(
        side is not None and (side.temperature_from_c or side.temperature_below_c)
        for side in (when, unless)
    )
    decision = Strict.CHECK if is_hot else draw(st.sampled_from(Strict))
    asks = _some(Ask) if decision is Strict.CHECK else st.just(())
    begin = draw(_maybe(st.integers(-5, 5)))
    return LayerRule(
        id=f"rule-{number}",
        when=when,
        unless=unless,
        decision=decision,
        reason=draw(st.sampled_from(sorted(RULE_REASONS))),
        ask=draw(st.just(()) | asks),
        valid_from=None if begin is None else NOW + timedelta(seconds=30 * begin),
    )


def _stricts(names: tuple[str, ...]) -> Any:
    return st.dictionaries(st.sampled_from(names), st.sampled_from(Strict), max_size=4)


ONE_OPINION = {"bad_signature", "replayed", "seen_at_other_gate", "still_inside"}
"""Results about which there is nothing to choose."""

_results = tuple(n for n in ResultRules.__struct_fields__ if n not in ONE_OPINION)
_kind_sets = st.lists(st.sampled_from(PassKind), unique=True, max_size=4).map(tuple)
_ages = st.sampled_from([30, 60, 300, 3600, 86_400, 400_000])
_opinions = st.fixed_dictionaries(
    {},
    optional={
        "colour": _stricts(("yellow", "pending", "none")),
        "results": _stricts(_results),
        "max_age": st.dictionaries(
            st.sampled_from(("dynamic_s", "national_s", "holder_signed_s")), _ages
        ),
        "temperature": st.fixed_dictionaries(
            {},
            optional={
                "required_for": _kind_sets,
                "limit_c": st.sampled_from([35.1, 36.9, 37.3, 38.0]),
                "low_c": st.sampled_from([34.0, 35.0, 35.5]),
                "remeasure": st.integers(0, 3),
            },
        ),
        "staleness": st.dictionaries(
            st.sampled_from(("degraded", "revocation")), st.sampled_from(WhenStale)
        ),
        "foreign": st.fixed_dictionaries(
            {"business_rules": st.sampled_from(["AT", ("AT",), ("AT", "DE"), ()])}
        ),
        "passback": st.fixed_dictionaries(
            {},
            optional={
                "kinds": _kind_sets,
                "replay_minutes": st.integers(0, 5),
                "turn_seconds": st.sampled_from([0, 20, 60]),
                "other_gate_seconds": st.sampled_from([0, 20, 60]),
                "anti_passback": st.booleans(),
            },
        ),
        "capacity": st.fixed_dictionaries({}, optional={"limit": st.sampled_from([1, 200])}),
    },
)
_TABLES = {
    "colour": ColourRules,
    "results": ResultRules,
    "max_age": MaxAgeRules,
    "temperature": TemperatureRules,
    "staleness": StalenessRules,
    "foreign": ForeignRules,
    "passback": PassbackRules,
    "capacity": CapacityRules,
}
PLACES = {
    Level.NATION: None,
    Level.PROVINCE: "33",
    Level.CITY: "330100",
    Level.COUNTY: "330106",
    Level.SITE: "north-gate",
    Level.GATE: None,
}


_FEW = st.sampled_from([0, 0, 1, 2])
_FRESH = st.sampled_from([Staleness.FRESH] * 4 + [Staleness.AGEING, Staleness.DEGRADED])
_SELDOM = st.sampled_from([False] * 5 + [True])
_COLOURS = st.sampled_from([Colour.GREEN] * 4 + [None, *Colour])


@st.composite
def layers(draw: st.DrawFn, *levels: Level) -> Layer:
    """A layer with some opinions and some rules; of any level below the nation's unless told."""
    level = draw(st.sampled_from(levels or tuple(Level)[1:]))
    opinions = draw(_opinions)
    limits = opinions.get("temperature", {})
    if limits.get("low_c", 0) >= limits.get("limit_c", 45):
        del limits["low_c"]  # two layers may leave nothing between them, one file may not
    tables: Any = {name: _TABLES[name](**values) for name, values in opinions.items()}
    rules = tuple(draw(layer_rules(number)) for number in range(draw(_FEW)))
    version = draw(st.sampled_from(["1", "2"]))
    named = frozenset(f"{table}.{key}" for table, keys in opinions.items() for key in keys)
    return Layer(level, LayerFile(version=version, rules=rules, **tables), named, PLACES[level])


def _ago(most_s: int) -> Any:
    return _maybe(st.integers(-200, most_s).map(lambda s: NOW - timedelta(seconds=s)))


tests_taken = st.builds(
    LaboratoryTest,
    kind=st.sampled_from(["pcr", "PCR", "antigen", ""]),
    negative=st.booleans(),
    sampled_at=_ago(400_000),
    reported_at=_ago(400_000),
)


_dependants = st.builds(DependantRecord, st.sampled_from(["child", "?"]), st.just("李*"))


@st.composite
def claims(draw: st.DrawFn) -> PassClaims:
    """What a genuine code may say."""
    return a_pass(
        kind=draw(st.sampled_from(PassKind)),
        format=draw(st.sampled_from([HEALTH_CODE] * 4 + [EU_DCC])),
        issuer=draw(st.sampled_from(["33", "46", "00"])),
        colour=draw(_COLOURS),
        issued_at=NOW - timedelta(seconds=draw(st.sampled_from([10, 10, 200, 1000, 300_000]))),
        expires_at=NOW + timedelta(hours=-1 if draw(_SELDOM) else 9),
        division=draw(st.sampled_from([None, "330106", "330100", "460100"])),
        test=draw(_maybe(tests_taken)),
        vaccine=draw(
            _maybe(
                st.builds(
                    VaccineRecord,
                    doses=st.integers(0, 4),
                    last_day=st.just((NOW - timedelta(days=20)).date()),
                )
            )
        ),
        reason_class=draw(st.sampled_from([None, "contact", "travel"])),
        hard_line=draw(_SELDOM),
        dependant=draw(_maybe(_dependants)),
    )


@st.composite
def shown(draw: st.DrawFn) -> VerifiedPass | Rejection:
    """What a code may turn out to be."""
    if not draw(_SELDOM):
        return verified(draw(claims()))
    reasons = draw(_some([Reason.EXPIRED, Reason.NOT_A_HEALTH_CODE, Reason.BAD_SIGNATURE]))
    return Rejection(reasons, proven=draw(_maybe(claims())))


def verified(content: PassClaims) -> VerifiedPass:
    """These claims, proven; beside them what rules said, as if any certificate had been asked."""
    proven = a_verified_pass(**{name: getattr(content, name) for name in content.__struct_fields__})
    return replace(proven, foreign_rules=(AUSTRIA_FAILED,))


AUSTRIA_FAILED = CountryRules(
    "AT", (RuleOutcome("VR-AT-0001", "1.0.0", RuleResult.FAILED),), is_known=True
)


_readings = st.lists(st.sampled_from([33.0, 35.2, 36.6, 37.0, 37.25, 38.5]), max_size=3)


_sightings = st.builds(
    Sighting,
    direction=st.sampled_from(Direction),
    ago=st.integers(0, 400).map(lambda seconds: timedelta(seconds=seconds)),
    is_here=st.booleans(),
    is_same_code=st.booleans(),
)
passages = st.builds(
    Passage,
    direction=st.sampled_from(Direction),
    last=_maybe(_sightings),
    is_followed=st.booleans(),
    inside=_maybe(st.integers(0, 500)),
)


@st.composite
def circumstances(draw: st.DrawFn) -> Circumstances:
    """What beside the code may bear on a verdict.

    A second guard has compared name and document, too: whoever takes the decision over looks.
    """
    second = draw(_SELDOM)
    told = Told(
        readings=tuple(Reading(celsius, NOW) for celsius in draw(_readings)),
        id_compared=second or draw(st.booleans()),
        document_seen=draw(st.booleans()),
        second_guard=second,
    )
    return Circumstances(
        now=NOW,
        keys=draw(_FRESH),
        clock_is_sure=not draw(_SELDOM),
        told=told,
        superseded=draw(_SELDOM),
        issuer_keys=draw(_FRESH),
        revocation=draw(_FRESH),
        clock_error=draw(st.sampled_from([timedelta(0), timedelta(minutes=2), timedelta(days=2)])),
        place=Place(
            draw(_maybe(st.sampled_from(SiteType))),
            draw(_maybe(st.sampled_from(Direction))),
            draw(_maybe(st.sampled_from(Person))),
        ),
        person=draw(_maybe(st.sampled_from(Person))),
        occupancy=draw(_maybe(st.integers(0, 500))),
        passage=draw(_maybe(passages)),
    )


MONDAY_NIGHT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
"""23:30 of a Monday in China."""
