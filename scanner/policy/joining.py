"""Several layers made one rule set: the strictest of each key, and the rules of all. Pure.

It is a join: the order of layers does not matter, a layer twice is a layer once, and one more is
never milder, because each key has one direction that is stricter and only that way it moves. The
nation is the base: where it says nothing, or where there is none, the typed defaults hold, and all
others tighten that.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

from scanner.domain.id_documents import Alphabet
from scanner.domain.passes import PassKind
from scanner.domain.verdicts import Decision
from scanner.domain.walk_ins import PersonKind
from scanner.policy.layers import TABLES, Layer, Level
from scanner.policy.rules import (
    NO_EXTRA_RULES,
    ColourRules,
    ExtraRules,
    MaxAgeRules,
    ResultRules,
    RuleSet,
    Tables,
    WhenStale,
)

_Join = Callable[[object, object], object]
_KINDS: Final[tuple[PassKind | PersonKind, ...]] = (*PassKind, *PersonKind)
_STEPS: Final = tuple(WhenStale)


def _strictest(one: object, other: object) -> object:
    return max((one, other), key=lambda decision: Decision(str(decision)).strictness)


def _stricter_step(one: object, other: object) -> object:
    return max((one, other), key=lambda step: _STEPS.index(WhenStale(str(step))))


def _union(one: object, other: object) -> object:
    kinds = {*_kinds(one), *_kinds(other)}
    return tuple(sorted(kinds, key=_KINDS.index))


def _kinds(value: object) -> tuple[PassKind | PersonKind, ...]:
    return value if isinstance(value, tuple) else ()


def _narrowest(one: object, other: object) -> object:
    return min((one, other), key=lambda alphabet: len(Alphabet(str(alphabet)).characters))


def _all_countries(one: object, other: object) -> object:
    return tuple(sorted({*_countries(one), *_countries(other)}))


def _countries(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()


def _number(value: object) -> float:
    return cast("float", value)


def _least(one: object, other: object) -> object:
    if one is None or other is None:
        return other if one is None else one
    return min((one, other), key=_number)


def _most(one: object, other: object) -> object:
    return max((one, other), key=_number)


JOINS: Final[Mapping[str, _Join]] = {
    **{f"colour.{name}": _strictest for name in ColourRules.__struct_fields__},
    **{f"results.{name}": _strictest for name in ResultRules.__struct_fields__},
    **{f"max_age.{name}": _least for name in MaxAgeRules.__struct_fields__},
    "temperature.required_for": _union,
    "temperature.limit_c": _least,
    "temperature.low_c": _most,
    "temperature.remeasure": _least,
    "temperature.cool_down_s": _most,
    "foreign.business_rules": _all_countries,
    "staleness.degraded": _stricter_step,
    "staleness.revocation": _stricter_step,
    "staleness.fresh_hours": _least,
    "staleness.degraded_days": _least,
    "walk_in.visitor": _strictest,
    "walk_in.staff": _strictest,
    "walk_in.typed_number": _strictest,
    "walk_in.temperature_for": _union,
    "walk_in.number_alphabet": _narrowest,
    "walk_in.number_shortest": _most,
    "walk_in.number_longest": _least,
    "passback.kinds": _union,
    "passback.replay_minutes": _most,
    "passback.turn_seconds": _most,
    "passback.other_gate_seconds": _most,
    "passback.anti_passback": _most,
    "capacity.limit": _least,
}
"""Which of two opinions on a key is the stricter; every key of every table is here."""

_Values = dict[str, object]


def defaults() -> Mapping[str, object]:
    """Every key with its typed default."""
    return _values(Tables())


def join(layers: Iterable[Layer]) -> RuleSet:
    """One rule set of all layers, whatever their order.

    The version names every layer's: `nation-3+33:zj-7+site north-gate:2`.
    """
    unique = {repr(layer): layer for layer in layers}
    known = [
        layer for _, layer in sorted(unique.items(), key=lambda item: _place(item[1], item[0]))
    ]
    values = dict(defaults())
    base: _Values = {}
    for layer in known:
        if layer.level is Level.NATION:
            _tighten(base, layer)
    values |= base
    for layer in known:
        if layer.level is not Level.NATION:
            _tighten(values, layer)
    tables = {
        table: type(getattr(_DEFAULTS, table))(
            **{key: values[f"{table}.{key}"] for key in _fields(table)}
        )
        for table in TABLES
    }
    return RuleSet(
        **tables,
        version=_version(known),
        extra=_compiled(known),
    )


def _compiled(layers: list[Layer]) -> ExtraRules:
    if not any(layer.content.rules for layer in layers):
        return NO_EXTRA_RULES
    from scanner.policy.extra_rules import CompiledRules  # a gate without layers starts without it

    return CompiledRules(layers)


def _place(layer: Layer, text: str) -> tuple[int, str, str]:
    return layer.level.rank, layer.name, text


def loosening(layer: Layer, upper: Iterable[Layer]) -> Iterable[tuple[str, object]]:
    """The keys in which a layer is milder than those above it, with what these say."""
    above = _values(join(upper))
    for key in sorted(layer.named):
        mine, theirs = layer.opinion(key), above[key]
        # a set adds what a layer names and takes nothing away
        is_set = JOINS[key] in (_union, _all_countries)
        if theirs is not None and not is_set and JOINS[key](mine, theirs) != mine:
            yield key, theirs


def _tighten(values: _Values, layer: Layer) -> None:
    for key in layer.named:
        opinion = layer.opinion(key)
        values[key] = JOINS[key](values[key], opinion) if key in values else opinion


def _values(tables: Tables) -> _Values:
    return {
        f"{table}.{key}": getattr(getattr(tables, table), key)
        for table in TABLES
        for key in _fields(table)
    }


def _fields(table: str) -> tuple[str, ...]:
    fields: tuple[str, ...] = getattr(_DEFAULTS, table).__struct_fields__
    return fields


_DEFAULTS: Final = Tables()


def _version(layers: Iterable[Layer]) -> str:
    """The base's version as it stands, the others' after the name of their layer."""
    names = [
        layer.version if layer.level is Level.NATION else f"{layer.name}:{layer.version}"
        for layer in layers
    ]
    return "+".join(names) or RuleSet().version
