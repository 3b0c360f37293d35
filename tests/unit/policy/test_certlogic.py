"""CertLogic: what the specification leaves no doubt about, and what a mistaken rule is told."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from scanner.domain.errors import RuleError
from scanner.policy.certlogic import MAX_DEPTH, MAX_SIZE, compile_rule
from scanner.policy.certlogic_explain import explain
from scanner.policy.certlogic_steps import MAX_STEPS, Run
from scanner.policy.certlogic_values import MAX_INTEGER

X = {"var": "x"}
NOON = {"plusTime": ["2021-06-01T12:00:00Z", 0, "hour"]}


def _not(expression: object, times: int) -> object:
    for _ in range(times):
        expression = {"!": [expression]}
    return expression


@pytest.mark.parametrize(
    ("expression", "data", "expected"),
    [
        ({"===": [X, 1]}, {"x": True}, False),
        ({"===": [X, 1]}, {"x": 1.0}, True),
        ({"===": [X, {"var": "y"}]}, {}, True),
        ({"in": [X, [1, "1"]]}, {"x": True}, False),
        ({"in": [X, {"var": "y"}]}, {"x": "a", "y": [["a"], {"a": 1}]}, False),
        ({"in": [X, {"var": "y"}]}, {"x": None, "y": [None]}, True),
        ({"+": [X, 1]}, {"x": 2.0}, 3),
        ({"<": [1, X, 3]}, {"x": 2}, True),
        ({"<": [1, X, 3]}, {"x": 3}, False),
        ({"if": [X, "yes", "no"]}, {"x": {"y": 0}}, "yes"),
        ({"if": [X, "yes", "no"]}, {"x": {}}, "no"),
        ({"and": [True, X]}, {"x": 0}, 0),
        ({"var": "x.length"}, {"x": [1, 2]}, None),
        ({"var": "x.-1"}, {"x": [1, 2]}, None),
        ({"var": "x.0"}, {"x": "text"}, None),
        ({"var": "x." + "9" * 5000}, {"x": [1]}, None),
        ({"reduce": [X, {"var": "x"}, 7]}, {"x": [1]}, None),  # the outer data are out of sight
        ({"extractFromUVCI": [X, 0]}, {"x": "urn:uvci:01"}, "urn"),
        ([X, [1]], {"x": 2}, [2, [1]]),
    ],
)
def test_what_an_expression_comes_to(expression: object, data: object, expected: object) -> None:
    value = compile_rule(expression)(data)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("expression", "pointer", "words"),
    [
        (None, "", "found null; expected an operation"),
        (1.5, "", "found a number with a fraction"),
        (2**53, "", "the integer is out of range"),
        ({}, "", "an object with 0 keys"),
        ({"and": [True, True], "if": []}, "", "an object with 2 keys"),
        ({"or": [True, False]}, "", "unknown operation 'or'; expected one of !, +, <"),
        ({"x" * 99: []}, "", "unknown operation 'xxxxxxxxxx"),
        ({"!": True}, "/!", "found true or false; expected an array: one clause"),
        ({"and": [True]}, "/and", "found 1 operands; expected two clauses or more"),
        ({"if": [X, 1]}, "/if", "found 2 operands; expected guard, then, else"),
        ({"var": ["x"]}, "/var", "found an array; expected a path as a text"),
        ({"var": 0}, "/var", "found an integer"),
        ({"var": ".".join("x" * 17)}, "/var", "a path of 17 parts"),
        ({"and": [X, {"<": [1, "2"]}]}, "/and/1/</1", "found a text; expected an integer"),
        ({"in": [X, "text"]}, "/in/1", "found a text; expected an array"),
        ({"===": [X, [1]]}, "/===/1", "found an array"),
        ({"!": [NOON]}, "/!/0", "found a date-time"),
        ({"after": [NOON, "2021-06-01"]}, "/after/1", "found a text; expected a date-time"),
        ({"plusTime": [NOON, 1, "day"]}, "/plusTime/0", "found a date-time; expected a text"),
        ({"plusTime": [X, "1", "day"]}, "/plusTime/1", "found a text; expected an integer written"),
        ({"plusTime": [X, X, "day"]}, "/plusTime/1", "expected an integer written out"),
        ({"plusTime": [X, 1, "week"]}, "/plusTime/2", "expected year, month, day, hour"),
        ({"plusTime": [X, 10**9, "day"]}, "/plusTime/1", "the amount is out of range"),
        ({"plusTime": ["2021-02-30", 1, "day"]}, "/plusTime/0", "a text that is no date-time"),
        ({"plusTime": ["9999-12-31", 1, "day"]}, "/plusTime", "outside the years 1 to 9999"),
        ({"reduce": ["text", X, 0]}, "/reduce/0", "found a text; expected an array or null"),
        ({"extractFromUVCI": [X, True]}, "/extractFromUVCI/1", "found true or false"),
        (_not(True, MAX_DEPTH + 1), "/!/0" * (MAX_DEPTH + 1), "the rule is too deep"),
        ([True] * MAX_SIZE, f"/{MAX_SIZE - 1}", "the rule is too large"),
    ],
)
def test_a_mistaken_rule_is_told_by_place_when_it_is_compiled(
    expression: object, pointer: str, words: str
) -> None:
    with pytest.raises(RuleError) as caught:
        compile_rule(expression)
    assert caught.value.pointer == pointer
    assert words in caught.value.found


@pytest.mark.parametrize(
    ("expression", "data", "pointer", "words"),
    [
        ({"<": [X, 1]}, {"x": "1"}, "/</0", "found a text; expected an integer"),
        ({"<": [X, 1]}, {}, "/</0", "found null; expected an integer"),
        ({"<": [X, 1]}, {"x": 0.5}, "/</0", "found a number with a fraction"),
        ({"in": ["a", X]}, {}, "/in/1", "found null; expected an array"),
        ({"===": [X, 1]}, {"x": [1]}, "/===", "found an array"),
        ({"if": [X, 1, 2]}, {"x": 0.5}, "/if/0", "expected a value that is truthy or falsy"),
        ({"plusTime": [X, 1, "day"]}, {"x": 20210101}, "/plusTime/0", "found an integer"),
        ({"plusTime": [X, 1, "day"]}, {"x": "1.1.2021"}, "/plusTime/0", "that is no date-time"),
        ({"plusTime": [X, -1, "month"]}, {"x": "0001-01-31"}, "/plusTime", "the years 1 to 9999"),
        ({"dccDateOfBirth": [X]}, {"x": ""}, "/dccDateOfBirth/0", "no date of birth"),
        ({"dccDateOfBirth": [X]}, {}, "/dccDateOfBirth/0", "found null"),
        ({"after": [X, NOON]}, {"x": "2021-06-01"}, "/after/0", "a date-time made by plusTime"),
        ({"+": [X, 1]}, {"x": MAX_INTEGER}, "/+", "the sum is out of range"),
        ({"reduce": [X, 1, 0]}, {"x": {"a": 1}}, "/reduce/0", "found an object"),
        ({"extractFromUVCI": [X, 0]}, {"x": 1}, "/extractFromUVCI/0", "found an integer"),
        ({"!": [X]}, {"x": ("no", "JSON")}, "/!/0", "something that JSON does not know"),
    ],
)
def test_data_that_do_not_fit_are_told_by_place_and_kind_and_never_quoted(
    expression: object, data: object, pointer: str, words: str
) -> None:
    with pytest.raises(RuleError) as caught:
        compile_rule(expression)(data)
    assert caught.value.pointer == pointer
    assert words in caught.value.found
    assert "1.1.2021" not in str(caught.value)


def test_what_all_reduces_of_a_rule_do_is_bounded_together() -> None:
    inner = {"reduce": [{"var": "current"}, {"+": [{"var": "accumulator"}, 1]}, 0]}
    rule = compile_rule({"reduce": [X, inner, 0]})
    few, many = [[0] * 10] * 10, [[0] * 100] * 100
    assert rule({"x": few}) == 10
    with pytest.raises(RuleError, match="too much to reduce; expected at most 10,000 steps"):
        rule({"x": many})


def test_a_run_is_good_for_the_next_rule_after_one_that_broke_within_reduce() -> None:
    run = Run({"x": [0] * (MAX_STEPS + 1)})
    with pytest.raises(RuleError):
        compile_rule({"reduce": [X, {"var": "current"}, 0]}).evaluate(run)
    assert compile_rule({"var": "x.0"}).evaluate(run) == 0
    assert compile_rule({"reduce": [[1], {"var": "current"}, 0]}).evaluate(run) == 1


def test_a_path_means_the_same_data_within_reduce_as_its_scope_does() -> None:
    total = {"reduce": [X, {"+": [{"var": "accumulator"}, {"var": "current.x"}]}, {"var": "y"}]}
    data = {"x": [{"x": 1}, {"x": 2}], "y": 4, "current": {"x": 100}, "accumulator": 100}
    assert compile_rule([{"var": "current.x"}, total, {"var": "current.x"}])(data) == [100, 7, 100]


def test_a_date_within_reduce_is_every_items_own() -> None:
    late = {"after": [{"plusTime": [{"var": "current"}, 1, "day"]}, NOON]}
    count = {"+": [{"var": "accumulator"}, {"if": [late, 1, 0]}]}
    data = {"x": ["2021-05-30", "2021-06-01", "2021-06-02"], "current": "2021-07-01"}
    outside = {"after": [{"plusTime": [{"var": "current"}, 1, "day"]}, NOON]}
    assert compile_rule([outside, {"reduce": [X, count, 0]}, outside])(data) == [True, 2, True]


def test_rules_about_the_same_data_share_what_they_read_but_not_what_broke() -> None:
    run = Run({"x": "2021-06-01", "y": "soon"})
    after = {"after": [{"plusTime": [X, 1, "day"]}, NOON]}
    assert compile_rule(after).evaluate(run) is True
    assert compile_rule({"!": [after]}).evaluate(run) is False
    assert list(run.moments) == ["2021-06-01"]
    for _ in range(2):
        with pytest.raises(RuleError, match="/plusTime/0: found a text that is no date-time"):
            compile_rule({"plusTime": [{"var": "y"}, 1, "day"]}).evaluate(run)


def test_no_nesting_of_a_rule_is_a_depth_of_our_stack() -> None:
    for nest in (lambda inner: {"!": [inner]}, lambda inner: [inner]):
        with pytest.raises(RuleError, match="the rule is too deep"):
            compile_rule(_nested(nest, 100_000))


def _nested(nest: Callable[[object], object], times: int) -> object:
    expression: object = True
    for _ in range(times):
        expression = nest(expression)
    return expression


@pytest.mark.parametrize(
    ("expression", "data", "value", "pointer"),
    [
        ({"and": [True, X, True]}, {}, None, "/and/1"),
        ({"and": [True, X]}, {"x": 1}, 1, ""),
        ({"if": [X, {"!": [{"var": "x.y"}]}, True]}, {"x": {"y": 1}}, False, "/if/1/!/0"),
        ({"if": [X, {"!": [X]}, True]}, {}, True, "/if/0"),
        ({"if": [{"and": [X, X]}, True, False]}, {}, False, "/if/0/and/0"),
        ({"if": [True, 1, 2]}, {}, 1, ""),
        ({"!": [{"and": [X, {"in": [X, ["a"]]}]}]}, {"x": "b"}, True, "/!/0/and/1"),
        (False, {}, False, ""),
    ],
)
def test_the_clause_that_decided_is_named(
    expression: object, data: object, value: object, pointer: str
) -> None:
    explanation = explain(expression, data)
    assert (explanation.value, explanation.pointer) == (value, pointer)
    assert explanation.error is None


def test_where_a_rule_broke_is_named_too() -> None:
    explanation = explain({"and": [True, {"<": [X, 1]}]}, {})
    assert (explanation.value, explanation.pointer) == (None, "/and/1/</0")
    assert explanation.error is not None
    with pytest.raises(RuleError, match="unknown operation"):
        explain({"or": []}, {})


def test_a_rule_may_be_a_date_time() -> None:
    assert compile_rule(NOON)(None) == datetime(2021, 6, 1, 12, tzinfo=UTC)
