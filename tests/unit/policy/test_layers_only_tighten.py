"""Joined layers, against whole verdicts: one more is never milder, their order is nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.passes import PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, Verdict
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.joining import JOINS, defaults, join
from scanner.policy.layers import Layer, Level
from tests import policy_builders as some


def missing_asks(before: Verdict, after: Verdict) -> set[Ask]:
    """Questions that are gone though the person is not refused, and nothing stricter came.

    A second guard is more than a comparison of documents; a temperature that is finally too high
    is not measured again.
    """
    if after.decision is Decision.REFUSE:
        return set()
    gone = set(before.asks) - set(after.asks)
    if Ask.SECOND_GUARD in after.asks:
        gone.discard(Ask.ID_COMPARE)
    if Reason.TEMPERATURE_HIGH in after.reasons:
        gone.discard(Ask.TEMPERATURE)
    return gone


@given(
    some.layers(Level.NATION),
    st.lists(some.layers(), max_size=3),
    some.layers(),
    some.shown(),
    some.circumstances(),
)
def test_one_more_layer_is_never_milder(
    nation: Layer,
    others: list[Layer],
    added: Layer,
    shown: VerifiedPass | Rejection,
    circumstances: Circumstances,
) -> None:
    before = evaluate(shown, join([nation, *others]), circumstances)
    after = evaluate(shown, join([nation, *others, added]), circumstances)
    assert after.decision.strictness >= before.decision.strictness
    assert set(before.reasons) - {Reason.OK} <= set(after.reasons)
    assert not missing_asks(before, after)


@given(st.data(), st.lists(some.layers(*Level), min_size=1, max_size=5))
def test_the_order_of_layers_does_not_matter(data: st.DataObject, layers: list[Layer]) -> None:
    shuffled = data.draw(st.permutations(layers))
    assert join(shuffled) == join(layers)


@given(some.layers(Level.NATION), some.layers())
def test_a_layer_twice_is_a_layer_once(nation: Layer, city: Layer) -> None:
    assert join([nation, city, city]) == join([nation, city])


@given(some.layers(*Level), some.shown(), some.circumstances())
def test_every_verdict_says_why(
    layer: Layer, shown: VerifiedPass | Rejection, circumstances: Circumstances
) -> None:
    verdict = evaluate(shown, join([layer]), circumstances)
    assert verdict.reasons
    assert verdict.decision is Decision.ADMIT or verdict.reasons != (Reason.OK,)
    assert not verdict.asks or verdict.decision is Decision.CHECK


STRICTER = {
    "colour": ("CHECK", "REFUSE"),
    "colour.green": ("ADMIT", "CHECK"),
    "results": ("CHECK", "REFUSE"),
    "max_age": (400, 20),
    "temperature.limit_c": (38.0, 37.0),
    "temperature.low_c": (34.0, 36.0),
    "temperature.remeasure": (2, 0),
    "temperature.cool_down_s": (0, 60),
    "staleness": ("supervisor", "stop"),
    "staleness.fresh_hours": (48.0, 2.0),
    "staleness.degraded_days": (14.0, 3.0),
    "walk_in": ("CHECK", "REFUSE"),
    "walk_in.number_alphabet": ("digits_and_letters", "digits"),
    "walk_in.number_shortest": (6, 8),
    "walk_in.number_longest": (18, 12),
    "passback": (1, 5),
    "passback.anti_passback": (False, True),
    "capacity.limit": (300, 30),
}
"""A milder and a stricter opinion, for one key or for all the others of a table."""

_SETS = {
    "temperature.required_for",
    "passback.kinds",
    "walk_in.temperature_for",
    "foreign.business_rules",
}
_OTHERWISE = _SETS | {f"results.{name}" for name in some.ONE_OPINION}
"""Sets; and what knows one opinion only."""


@pytest.mark.parametrize("key", sorted(set(JOINS) - _OTHERWISE))
def test_of_two_opinions_the_stricter_counts(key: str) -> None:
    table, name = key.split(".")
    mild, strict = STRICTER.get(key) or STRICTER[table]

    def layer(level: Level, value: object) -> Layer:
        return some.a_layer(f"[{table}]\n{name} = {json.dumps(value)}", level, some.PLACES[level])

    def joined(*layers: Layer) -> object:
        return getattr(getattr(join(layers), table), name)

    nation = layer(Level.NATION, mild)
    assert joined(nation) == mild
    assert joined(nation, layer(Level.CITY, strict)) == strict
    assert joined(layer(Level.SITE, mild), layer(Level.CITY, strict), nation) == strict


def test_whoever_one_layer_measures_is_measured() -> None:
    nation = some.a_layer('[temperature]\nrequired_for = ["paper"]', Level.NATION)
    city = some.a_layer('[temperature]\nrequired_for = ["visitor"]')
    required = join([city, nation]).temperature.required_for
    assert required == (PassKind.PAPER, PassKind.VISITOR)


def test_the_rules_of_every_country_that_a_layer_names_have_to_be_met() -> None:
    nation = some.a_layer("[colour]", Level.NATION)
    one = some.a_layer('[foreign]\nbusiness_rules = "DE"')
    two = some.a_layer('[foreign]\nbusiness_rules = ["DE", "AT"]', Level.SITE, "x")
    silent = some.a_layer("[foreign]\nbusiness_rules = []", Level.SITE, "y")
    assert join([nation, silent]).foreign.countries == ()
    assert join([nation, one, silent]).foreign.countries == ("DE",)
    assert join([two, one, nation]).foreign.countries == ("AT", "DE")


def test_whomever_one_layer_follows_is_followed() -> None:
    nation = some.a_layer('[passback]\nkinds = ["dynamic"]', Level.NATION)
    city = some.a_layer('[passback]\nkinds = ["paper"]')
    assert join([city, nation]).passback.kinds == (PassKind.DYNAMIC, PassKind.PAPER)


def test_every_key_of_every_table_has_a_direction_that_is_stricter() -> None:
    assert set(JOINS) == set(defaults())
