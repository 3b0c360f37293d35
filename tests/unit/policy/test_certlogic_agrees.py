"""The compiled engine beside a plain interpreter, on expressions and data that nobody chose."""

from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scanner.domain.errors import RuleError
from scanner.policy.certlogic import compile_rule
from scanner.policy.certlogic_explain import explain
from scanner.policy.certlogic_operations import OPERATIONS
from tests import certlogic_naive

NAMES: Final = ("a", "b", "0", "1", "current", "accumulator")
TEXTS: Final = ("", "a", "b", "URN:UVCI:01:NL:187/3#X", "2020-02-29", "2021-06", "1999",
                "2021-12-31T23:59:59Z", "2021-02-30")  # fmt: skip
COMPARISONS: Final = ("<", ">", "<=", ">=")
DATE_COMPARISONS: Final = ("before", "after", "not-after", "not-before")
DATES: Final = ("2020-02-29", "2021-06", "1999", "2021-12-31T23:59:59Z")
UNITS: Final = ("year", "month", "day", "hour")

numbers = st.integers(-3, 3)
texts = st.sampled_from(TEXTS)
data = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=12,
)
paths = st.lists(st.sampled_from(NAMES), max_size=3).map(".".join)
variables = paths.map(lambda path: {"var": path})


def _of(name: str, *operands: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(*operands).map(lambda values: {name: list(values)})


def _either(names: tuple[str, ...], inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    operands = st.lists(inner, min_size=2, max_size=3)
    return st.tuples(st.sampled_from(names), operands).map(lambda pair: {pair[0]: pair[1]})


def _grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Everything that makes a value which may stand anywhere, from such values."""
    dates = st.sampled_from(DATES)
    amounts, integers = st.integers(-400, 400), numbers | variables
    moments = _of("plusTime", dates | variables, amounts, st.sampled_from(UNITS))
    moments |= _of("dccDateOfBirth", dates | variables)
    return st.one_of(
        _of("if", inner, inner, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda clauses: {"and": clauses}),
        _of("!", inner),
        _of("===", texts | numbers | st.booleans() | variables, variables),
        _of("in", texts | numbers | variables, st.lists(inner, max_size=3) | variables),
        _of("+", integers, integers),
        _either(COMPARISONS, integers),
        _either(DATE_COMPARISONS, moments),
        _of("extractFromUVCI", texts | variables, numbers),
        _of("reduce", st.lists(inner, max_size=3) | variables, inner, inner),
    )


expressions = st.recursive(texts | numbers | st.booleans() | variables, _grow, max_leaves=25)


@settings(max_examples=400)
@given(expressions, data)
def test_a_compiled_rule_says_what_a_plain_interpreter_says(expression: object, on: object) -> None:
    rule = compile_rule(expression)
    try:
        expected = certlogic_naive.evaluate(expression, on)
    except certlogic_naive.NaiveError:
        expected = RuleError
    try:
        value = rule(on)
    except RuleError as error:
        assume("too much to reduce" not in error.found)
        value = RuleError
    assert _typed(value) == _typed(expected)


def _typed(value: object) -> object:
    """The value with its kinds: Python calls 1 and True equal."""
    if isinstance(value, list):
        return [_typed(item) for item in value]
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    return type(value), value


@given(expressions, data)
def test_an_explanation_tells_the_value_and_a_place_in_the_rule(
    expression: object, on: object
) -> None:
    explanation = explain(expression, on)
    at: Any = expression
    for part in explanation.pointer.split("/")[1:]:
        at = at[int(part)] if isinstance(at, list) else at[part]
    if explanation.error is None:
        assert _typed(explanation.value) == _typed(compile_rule(expression)(on))


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.binary(max_size=3)
    | texts
    | variables,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=4), inner, max_size=3),
        st.tuples(st.sampled_from((*OPERATIONS, "var")), inner | st.lists(inner, max_size=4)).map(
            lambda pair: {pair[0]: pair[1]}
        ),
    ),
    max_leaves=20,
)


@settings(max_examples=400)
@given(json, json)
def test_whatever_is_given_for_a_rule_and_for_data_ends_in_a_value_or_a_rule_error(
    expression: object, on: object
) -> None:
    try:
        value = compile_rule(expression)(on)
    except RuleError:
        value = None
    assert value is None or type(value) in (bool, int, float, str, list, dict, datetime, bytes)
