"""One layer of rules as its author writes it: what it says, and where it says nothing.

A nation, a province, a city, a county, a site: each signs a short file of its own. A file names
only what it has an opinion on. `scanner.policy.joining` makes one rule set of all.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec

from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask
from scanner.domain.walk_ins import PersonKind
from scanner.policy.conditions import NO_EXCUSES, Conditions
from scanner.policy.rules import Strict, Table, Tables

RULE_ID: Final = r"^[a-z0-9][a-z0-9_-]{0,39}\Z"
MAX_RULES: Final = 200
"""Of one layer: reading and compiling them holds the gate up for a moment."""

Version = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Language = Literal["zh_CN", "en"]
Phrase = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Level(StrEnum):
    """How wide a layer reaches; the gate's own file is the narrowest."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    SITE = "site"
    GATE = "gate"

    @property
    def rank(self) -> int:
        """0 for the nation; 5 for the gate's own file."""
        return _RANKS[self]


_RANKS: Final = {level: rank for rank, level in enumerate(Level)}
PLACED: Final = frozenset({Level.PROVINCE, Level.CITY, Level.COUNTY, Level.SITE})
"""The levels of which there are many, so that a layer of theirs has a place."""

_DIGITS: Final = {Level.PROVINCE: 2, Level.CITY: 6, Level.COUNTY: 6}

RULE_REASONS: Final = frozenset(
    {
        Reason.SITE_RULE, Reason.TEST_MISSING, Reason.TEST_TOO_OLD, Reason.TEST_POSITIVE,
        Reason.VACCINE_MISSING, Reason.OUTSIDE_HOURS, Reason.OVER_CAPACITY, Reason.COLOUR_YELLOW,
        Reason.COLOUR_PENDING, Reason.COLOUR_NONE, Reason.CODE_TOO_OLD, Reason.WRONG_SCOPE,
        Reason.NOT_RECOGNISED, Reason.TEMPERATURE_NEEDED, Reason.TEMPERATURE_HIGH,
        Reason.KEYS_STALE, Reason.CLOCK_UNSURE,
    }
)  # fmt: skip
"""What a rule may give as its reason: nothing that accuses, nothing that only a gate can know."""


class LayerRule(Table, frozen=True):
    """One rule: while `when` holds and `unless` does not, the decision is at least this one.

    Attributes:
        id: unique in its layer; two layers may both have one of the same name, and both apply.
        when: all of it; a rule without it always applies.
        unless: what excuses; None excuses nobody.
        decision: CHECK or REFUSE. There is no ADMIT: a rule adds and never takes away.
        reason: what the screen and the ledger say.
        ask: what a guard or a thermometer has to answer; then the CHECK no longer stands.
        guard, holder: words for each of them, by language.
        hotline: a number to call.
        valid_from, valid_to: aware; from the first moment on, up to the second and without it.
    """

    id: Annotated[str, msgspec.Meta(pattern=RULE_ID)]
    when: Conditions = Conditions()
    unless: Conditions | None = None
    decision: Strict = Strict.CHECK
    reason: Reason = Reason.SITE_RULE
    ask: Annotated[tuple[Ask, ...], msgspec.Meta(max_length=len(Ask))] = ()
    guard: Mapping[Language, Phrase] = {}
    holder: Mapping[Language, Phrase] = {}
    hotline: Annotated[str, msgspec.Meta(pattern=r"^[0-9+() /-]{3,24}\Z")] | None = None
    valid_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    valid_to: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def __post_init__(self) -> None:
        if self.unless is not None and not any(self.unless.named()):
            raise ValueError("unless = {} would excuse everybody; take it out")
        for name in sorted(NO_EXCUSES & set(self.unless.named() if self.unless else ())):
            raise ValueError(
                f"unless = {{ {name} = ... }}: a stricter layer may bring that about, and would "
                "excuse people; ask it in when"
            )
        if self.reason not in RULE_REASONS:
            known = ", ".join(sorted(RULE_REASONS))
            raise ValueError(f"reason = {self.reason} is the gate's own; a rule may give {known}")
        if self.ask and self.decision is Strict.REFUSE:
            raise ValueError("ask: a refused person is asked for nothing; use decision = CHECK")
        if self.is_about_temperature and self.decision is Strict.REFUSE:
            raise ValueError(
                'a temperature is refused by [results] temperature_high = "REFUSE" after the last '
                "re-measurement, not by a rule"
            )
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise ValueError("valid_to must be later than valid_from")
        for words in (*self.guard.values(), *self.holder.values()):
            if not words.isprintable():
                raise ValueError("words for the screen are one line without control characters")

    @property
    def is_about_a_pass(self) -> bool:
        """True where only a genuine pass can tell whether it applies."""
        unless = self.unless
        return self.when.is_about_a_pass or (unless is not None and unless.is_about_a_pass)

    @property
    def is_about_temperature(self) -> bool:
        """True where a reading has to be there first."""
        sides = [self.when] if self.unless is None else [self.when, self.unless]
        return any(
            side.temperature_from_c is not None or side.temperature_below_c is not None
            for side in sides
        )


class LayerFile(Tables, frozen=True):
    """A layer's file.

    Attributes:
        layer, place: which one it is: two digits for a province, six for a city or county, the id
            for a site; None where only the place it was found at says so.
        version: is written into every entry that it bears on.
        title: for people.
        rules: in any order.
    """

    layer: Level | None = None
    place: Annotated[str, msgspec.Meta(min_length=1, max_length=80)] | None = None
    version: Version = "default-1"
    title: Annotated[str, msgspec.Meta(max_length=80)] = ""
    rules: Annotated[tuple[LayerRule, ...], msgspec.Meta(max_length=MAX_RULES)] = msgspec.field(
        default=(), name="rule"
    )

    def __post_init__(self) -> None:
        if self.temperature.low_c >= self.temperature.limit_c:
            low, limit = self.temperature.low_c, self.temperature.limit_c
            raise ValueError(f"temperature.low_c ({low}) must be below limit_c ({limit})")
        fresh_hours, degraded_days = self.staleness.fresh_hours, self.staleness.degraded_days
        if fresh_hours and degraded_days and degraded_days * 24 < fresh_hours:
            raise ValueError(
                f"staleness.degraded_days ({degraded_days}) must not end before fresh_hours "
                f"({fresh_hours})"
            )
        walk_in = self.walk_in
        if walk_in.number_longest < walk_in.number_shortest:
            raise ValueError(
                f"walk_in.number_longest ({walk_in.number_longest}) must not be below "
                f"number_shortest ({walk_in.number_shortest})"
            )
        if PersonKind.EMERGENCY in walk_in.temperature_for:
            raise ValueError("walk_in.temperature_for must not name emergency: nobody waits then")
        if self.layer in _DIGITS and self.place is not None:
            _check_division(self.place, _DIGITS[self.layer])
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"rule {rule.id!r} stands here twice; give each an id of its own")
            seen.add(rule.id)


class Layer(msgspec.Struct, frozen=True):
    """A layer in its place.

    Attributes:
        level: how wide it reaches.
        content: with defaults where the file says nothing.
        named: the keys that the file names, such as `colour.yellow`: its opinions.
        place: as in the file; None for the nation and the gate's own.
    """

    level: Level
    content: LayerFile
    named: frozenset[str]
    place: str | None = None

    @property
    def version(self) -> str:
        """As its file says."""
        return self.content.version

    @property
    def name(self) -> str:
        """What entries and messages call it: `nation`, `33`, `330100`, `site x`, `gate`."""
        match self.level:
            case Level.NATION | Level.GATE:
                return self.level.value
            case Level.SITE:
                return f"site {self.place or ''}".strip()
            case _:
                return self.place or self.level.value

    def opinion(self, key: str) -> object:
        """What it says about `table.key`; only of a key that it names."""
        table, _, name = key.partition(".")
        return getattr(getattr(self.content, table), name)


def level_of(name: str) -> tuple[Level, str | None]:
    """Level and place of what the bundle calls `nation`, two digits or six."""
    if name == Level.NATION.value:
        return Level.NATION, None
    if len(name) == _DIGITS[Level.PROVINCE]:
        return Level.PROVINCE, name
    return (Level.CITY if name.endswith("00") else Level.COUNTY), name


def layer_of(
    content: LayerFile, data: Mapping[str, object], level: Level, place: str | None
) -> Layer:
    """A layer from its file and the plain TOML data that it was read from.

    Args:
        content: as read, with defaults.
        data: tells which keys stand there.
        level: as what it was found.
        place: where it was found.

    Raises:
        ValueError: the file says that it is another layer than the one it was found as.
    """
    says = content.layer or level
    where = content.place or place
    if level is not Level.GATE and (says, where) != (level, place):
        raise ValueError(
            f"the file is for {says.value} {where or ''}".rstrip()
            + f"; it lies where {level.value} {place or ''}".rstrip()
            + " is expected"
        )
    return Layer(level, content, frozenset(_named(data)), place)


def _named(data: Mapping[str, object]) -> Iterable[str]:
    for table in TABLES:
        keys = data.get(table)
        if isinstance(keys, Mapping):
            yield from (f"{table}.{key}" for key in keys)


TABLES: Final = tuple(Tables.__struct_fields__)
"""The tables that a layer may have opinions in."""


def _check_division(place: str, digits: int) -> None:
    if not (len(place) == digits and place.isascii() and place.isdigit()):
        raise ValueError(f"place {place!r}: {digits} digits of GB/T 2260")
