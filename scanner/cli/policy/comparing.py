"""What differs between two sets of layers: keys, rules, and what becomes of typical people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scanner.cli.policy.people import Described, DescribedTest, DescribedVaccine
from scanner.domain.direction import Direction
from scanner.domain.passes import Colour, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Verdict
from scanner.policy.evaluate import evaluate
from scanner.policy.joining import defaults, join
from scanner.policy.layers import Layer, LayerRule
from scanner.policy.places import Person, SiteType
from scanner.policy.recognition import ANYWHERE
from scanner.policy.rules import RuleSet

_TESTS: Final[Mapping[str, DescribedTest | None]] = {
    "no test": None,
    "test 20 h old": DescribedTest(sampled_h=20, reported_h=14),
    "test 60 h old": DescribedTest(sampled_h=60, reported_h=54),
    "positive test": DescribedTest(negative=False, sampled_h=20, reported_h=14),
}
_VACCINES: Final = {"not vaccinated": None, "two doses": DescribedVaccine(doses=2, days=60)}
_SITES: Final = {each.value: each for each in SiteType}
_PERSONS: Final = {each.value: each for each in (Person.RESIDENT, Person.VISITOR, Person.STAFF)}
_COLOURS: Final = {
    each.value: each for each in (Colour.GREEN, Colour.YELLOW, Colour.RED, Colour.PENDING)
}
_KINDS: Final = {each.value: each for each in (PassKind.DYNAMIC, PassKind.PAPER, PassKind.VISITOR)}
_READINGS: Final[Mapping[str, tuple[float, ...]]] = {"not measured": (), "36.6 °C": (36.6,)}
_DIMENSIONS: Final[Mapping[str, Mapping[str, object]]] = {
    "colour": _COLOURS,
    "kind": _KINDS,
    "site": _SITES,
    "person": _PERSONS,
    "test": _TESTS,
    "vaccine": _VACCINES,
    "temperatures_c": _READINGS,
}


class Change(Struct, frozen=True):
    """People whose verdict is another one, all in the same way.

    Attributes:
        what: the decisions, and which reasons and questions came or went, in words.
        people: how many of the typical ones.
        they_are: what they have in common, in words.
        is_milder: whether the later decision is the milder one.
    """

    what: str
    people: int
    they_are: str
    is_milder: bool


def changed_keys(before: RuleSet, after: RuleSet) -> Iterator[str]:
    """Keys of the tables that have another value, and rules that came, went or differ."""
    for key in sorted(defaults()):
        table, _, name = key.partition(".")
        old, new = (getattr(getattr(rules, table), name) for rules in (before, after))
        if old != new:
            yield f"[{table}] {name}: {_plain(old)} → {_plain(new)}"


def changed_rules(before: Iterable[Layer], after: Iterable[Layer]) -> Iterator[str]:
    """The same for rules."""
    old, new = _rules(before), _rules(after)
    for name in sorted({*old, *new}):
        if name not in old:
            yield f"+ rule {name}"
        elif name not in new:
            yield f"- rule {name}"
        elif old[name] != new[name]:
            fields = LayerRule.__struct_fields__
            differing = [f for f in fields if getattr(old[name], f) != getattr(new[name], f)]
            yield f"~ rule {name}: other {', '.join(differing)}"


def compare(before: Sequence[Layer], after: Sequence[Layer]) -> tuple[int, list[Change]]:
    """How many typical people were looked at, and what changes for which of them."""
    old, new = join(before), join(after)
    groups: dict[tuple[str, bool], list[tuple[str, ...]]] = {}
    people = list(product(*_DIMENSIONS.values()))
    for names in people:
        described = _described(names)
        first = evaluate(described.shown, old, described.circumstances, ANYWHERE)
        then = evaluate(described.shown, new, described.circumstances, ANYWHERE)
        if what := _change(first, then):
            is_milder = then.decision.strictness < first.decision.strictness
            groups.setdefault((what, is_milder), []).append(names)
    changes = [
        Change(what, len(found), _in_common(found), is_milder)
        for (what, is_milder), found in groups.items()
    ]
    return len(people), sorted(changes, key=lambda change: (not change.is_milder, -change.people))


def _described(names: tuple[str, ...]) -> Described:
    values = {
        dimension: choices[name]
        for (dimension, choices), name in zip(_DIMENSIONS.items(), names, strict=True)
    }
    return replace(Described(direction=Direction.IN, division="330100", occupancy=0), **values)


def _in_common(people: list[tuple[str, ...]]) -> str:
    """Of each dimension the values that occur; all of them say nothing."""
    said = []
    for number, choices in enumerate(_DIMENSIONS.values()):
        found = list(dict.fromkeys(names[number] for names in people))
        if len(found) < len(choices):
            said.append(" or ".join(found))
    return ", ".join(said) or "everybody"


def _change(before: Verdict, after: Verdict) -> str:
    """What is another; empty where nothing is."""
    parts = [
        *_came_and_went("", _against(before), _against(after)),
        *_came_and_went("asks ", before.asks, after.asks),
    ]
    if before.decision is not after.decision:
        parts.insert(0, f"{before.decision} → {after.decision}")
    elif parts:
        parts.insert(0, f"{after.decision} as before")
    return ", ".join(parts)


def _against(verdict: Verdict) -> tuple[Reason, ...]:
    return tuple(reason for reason in verdict.reasons if reason is not Reason.OK)


def _came_and_went(what: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    yield from (f"+ {what}{each}" for each in after if each not in before)
    yield from (f"- {what}{each}" for each in before if each not in after)


def _rules(layers: Iterable[Layer]) -> dict[str, LayerRule]:
    return {f"{layer.name}/{rule.id}": rule for layer in layers for rule in layer.content.rules}


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
