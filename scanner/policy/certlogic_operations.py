"""CertLogic's operations, each as a builder from compiled operands to one closure.

Source: CertLogic specification 1.3.3, "Operations". Where it leaves room we are strict: what it
calls unreliable, or an error, is a `RuleError` and never a quiet false.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from scanner.domain.errors import RuleError
from scanner.policy.certlogic_dcc import date_of_birth, extract_from_uvci, plus_time
from scanner.policy.certlogic_steps import Node, Run, Step
from scanner.policy.certlogic_values import (
    MAX_INTEGER,
    PLAIN,
    Kind,
    contains,
    equal,
    is_integer,
    kind_of,
    truth,
)

_DECIDING: Final = (
    Kind.BOOLEAN, Kind.TEXT, Kind.INTEGER, Kind.NULL, Kind.ARRAY, Kind.OBJECT,
)  # fmt: skip
_COMPARABLE: Final = (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN, Kind.NULL)

Builder = Callable[[Sequence[Node], str], tuple[Step, Kind]]
"""From operands and the operation's place to what evaluates it, and the kind of the result."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what it takes, and how a closure is made of it.

    Attributes:
        operands: in words, for messages.
        least: the fewest operands.
        most: the most operands; None where there is no limit.
        build: makes the closure.
    """

    operands: str
    least: int
    most: int | None
    build: Builder


def joint_kind(nodes: Sequence[Node]) -> Kind:
    """The kind of a value that is one of the nodes'."""
    kinds = {node.kind for node in nodes}
    return kinds.pop() if len(kinds) == 1 else Kind.OPEN


def _if(operands: Sequence[Node], _pointer: str) -> tuple[Step, Kind]:
    guard, then, otherwise = operands
    guard.must_be(*_DECIDING)
    test, at, yes, no = guard.step, guard.pointer, then.step, otherwise.step
    kind = joint_kind((then, otherwise))

    def on_boolean(run: Run) -> object:
        return yes(run) if test(run) else no(run)

    def step(run: Run) -> object:
        value = test(run)
        return yes(run) if (value if type(value) in PLAIN else truth(value, at)) else no(run)

    return on_boolean if guard.kind is Kind.BOOLEAN else step, kind


def _and(operands: Sequence[Node], _pointer: str) -> tuple[Step, Kind]:
    for operand in operands:
        operand.must_be(*_DECIDING)
    clauses = tuple((operand.step, operand.pointer) for operand in operands)

    def step(run: Run) -> object:
        value: object = True
        for clause, at in clauses:
            value = clause(run)
            if not (value if type(value) in PLAIN else truth(value, at)):
                break
        return value

    return step, joint_kind(operands)


def _not(operands: Sequence[Node], _pointer: str) -> tuple[Step, Kind]:
    (operand,) = operands
    operand.must_be(*_DECIDING)
    inner, at = operand.step, operand.pointer

    def on_boolean(run: Run) -> object:
        return not inner(run)

    def step(run: Run) -> object:
        value = inner(run)
        return not (value if type(value) in PLAIN else truth(value, at))

    return on_boolean if operand.kind is Kind.BOOLEAN else step, Kind.BOOLEAN


def _equals(operands: Sequence[Node], pointer: str) -> tuple[Step, Kind]:
    for operand in operands:
        operand.must_be(*_COMPARABLE)
    left, right = (operand.step for operand in operands)

    def step(run: Run) -> object:
        one, other = left(run), right(run)
        if type(one) is str and type(other) is str:
            return one == other
        return equal(one, other, pointer)

    return step, Kind.BOOLEAN


def _in(operands: Sequence[Node], pointer: str) -> tuple[Step, Kind]:
    item, array = operands
    item.must_be(*_COMPARABLE)
    array.must_be(Kind.ARRAY)
    left, right, at = item.step, array.step, array.pointer
    if isinstance(array.literal, list):
        return _in_literal(left, array.literal, pointer), Kind.BOOLEAN

    def step(run: Run) -> object:
        value, among = left(run), right(run)
        if type(among) is not list:
            raise RuleError(at, f"found {kind_of(among)}", Kind.ARRAY)
        return contains(among, value, pointer)

    return step, Kind.BOOLEAN


def _in_literal(left: Step, array: list[object], pointer: str) -> Step:
    texts = frozenset(item for item in array if isinstance(item, str))

    def step(run: Run) -> object:
        value = left(run)
        return value in texts if type(value) is str else contains(array, value, pointer)

    return step


def _integer(operand: Node) -> Callable[[Run], int]:
    """A step that gives integers only, and those as such."""
    operand.must_be(Kind.INTEGER)
    inner, at = operand.step, operand.pointer

    def step(run: Run) -> int:
        value = inner(run)
        if type(value) is int:
            return value
        if not is_integer(value):
            raise RuleError(at, f"found {kind_of(value)}", Kind.INTEGER)
        return int(value)

    return step


def _moment(operand: Node) -> Step:
    """A step that gives date-times only."""
    operand.must_be(Kind.MOMENT)
    inner, at = operand.step, operand.pointer
    if operand.kind is Kind.MOMENT:
        return inner

    def step(run: Run) -> object:
        value = inner(run)
        if type(value) is not datetime or value.tzinfo is None:
            raise RuleError(at, f"found {kind_of(value)}", f"{Kind.MOMENT} made by plusTime")
        return value

    return step


def _comparison(compare: Callable[[Any, Any], object], certain: Callable[[Node], Step]) -> Builder:
    """`a < b`, or `a < b and b < c`; every operand is evaluated."""

    def build(operands: Sequence[Node], _pointer: str) -> tuple[Step, Kind]:
        first, second, *more = (certain(operand) for operand in operands)

        def two(run: Run) -> object:
            return compare(first(run), second(run))

        def three(run: Run) -> object:
            low, middle, high = first(run), second(run), more[0](run)
            return compare(low, middle) and compare(middle, high)

        return three if more else two, Kind.BOOLEAN

    return build


def _plus(operands: Sequence[Node], pointer: str) -> tuple[Step, Kind]:
    left, right = (_integer(operand) for operand in operands)

    def step(run: Run) -> object:
        total = left(run) + right(run)
        if not -MAX_INTEGER <= total <= MAX_INTEGER:
            raise RuleError(pointer, "the sum is out of range", f"{MAX_INTEGER} at most")
        return total

    return step, Kind.INTEGER


def _reduce(operands: Sequence[Node], pointer: str) -> tuple[Step, Kind]:
    operand, function, initial = operands
    operand.must_be(Kind.ARRAY, Kind.NULL)
    array, at, fold, start, size = (
        operand.step, operand.pointer, function.step, initial.step, function.size,
    )  # fmt: skip

    def step(run: Run) -> object:
        items = array(run)
        if items is None:
            return start(run)
        if type(items) is not list:
            raise RuleError(at, f"found {kind_of(items)}", Kind.ARRAY)
        value, outer = start(run), run.data
        try:
            for item in items:
                run.spend(size, pointer)
                run.data = {"current": item, "accumulator": value}
                value = fold(run)
        finally:
            run.data = outer
        return value

    return step, Kind.OPEN


OPERATIONS: Final[Mapping[str, Operation]] = {
    "if": Operation("guard, then, else", 3, 3, _if),
    "and": Operation("two clauses or more", 2, None, _and),
    "!": Operation("one clause", 1, 1, _not),
    "===": Operation("two values", 2, 2, _equals),
    "in": Operation("a value and an array", 2, 2, _in),
    "+": Operation("two integers", 2, 2, _plus),
    "plusTime": Operation("a date-time, an amount and a unit", 3, 3, plus_time),
    "dccDateOfBirth": Operation("a date of birth", 1, 1, date_of_birth),
    "reduce": Operation("an array, a function and an initial value", 3, 3, _reduce),
    "extractFromUVCI": Operation("an identifier and an index", 2, 2, extract_from_uvci),
    **{
        name: Operation("two or three integers", 2, 3, _comparison(compare, _integer))
        for name, compare in {
            "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
        }.items()
    },
    **{
        name: Operation("two or three date-times", 2, 3, _comparison(compare, _moment))
        for name, compare in {
            "before": operator.lt, "after": operator.gt,
            "not-after": operator.le, "not-before": operator.ge,
        }.items()
    },
}  # fmt: skip
"""Every operation but `var`, which has no operands."""
