"""CertLogic, compiled: a rule that somebody else wrote, as data, becomes one closure.

The language is total: there is no loop but `reduce`, and its work is counted. An expression is
checked as a whole before anything is evaluated, so that a mistaken rule is told by place when it is
loaded and not when a person stands at the gate. A rule is data: nothing of it is ever executed as
Python.

Source: CertLogic specification 1.3.3 (eHealth Network, eu-dcc-business-rules).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scanner.domain.errors import RuleError
from scanner.policy.certlogic_operations import OPERATIONS
from scanner.policy.certlogic_steps import MAX_STEPS, NOT_LITERAL, Node, Run, Step
from scanner.policy.certlogic_values import MAX_INTEGER, Kind, kind_of

MAX_DEPTH: Final = 32
"""How many operations and arrays may stand within one another; published rules have 15 at most."""

MAX_SIZE: Final = 2_000
"""How many expressions a rule may consist of; published rules have 67 at most."""

MAX_PATH: Final = 16
"""How many steps a path into the data may have."""

_MAX_INDEX_DIGITS: Final = 6
_MAX_QUOTED: Final = 40
_UNSEEN: Final = object()


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled expression, to be called with data as often as wanted, also by several threads.

    Attributes:
        node: what it was compiled to.
    """

    node: Node

    def __call__(self, data: object) -> object:
        """The value of the expression on `data`.

        Args:
            data: JSON as `json.loads` makes it: dict, list, str, int, float, bool, None.

        Returns:
            JSON, or an aware `datetime` where the rule as a whole is a date-time. Arrays and
            objects are the rule's or the data's own: not to be changed.

        Raises:
            RuleError: the data do not fit the rule. It says which place found what, by kind.
        """
        return self.evaluate(Run(data))

    def evaluate(self, run: Run) -> object:
        """The same, on a run that other rules about the same data have used or will use.

        Raises:
            RuleError: as above; the run remains usable.
        """
        run.steps_left = MAX_STEPS
        return self.node.step(run)


def compile_rule(expression: object) -> Rule:
    """Compile an expression.

    Args:
        expression: JSON as `json.loads` makes it; hostile.

    Raises:
        RuleError: not CertLogic, too deep or too large; its pointer names the place.
    """
    return Rule(compile_node(expression, ""))


def compile_node(expression: object, pointer: str) -> Node:
    """Compile a part of a rule, under the place that it has there.

    Raises:
        RuleError: as `compile_rule`.
    """
    return _Compiler().compile(expression, pointer, 0)


@dataclass(slots=True)
class _Compiler:
    """Counts what it compiles, and knows whether it is within a function of `reduce`."""

    size: int = 0
    functions: int = 0

    def compile(self, expression: object, pointer: str, depth: int) -> Node:
        self.size += 1
        if self.size > MAX_SIZE:
            raise RuleError(pointer, "the rule is too large", f"at most {MAX_SIZE:,} expressions")
        if depth > MAX_DEPTH:
            raise RuleError(pointer, "the rule is too deep", f"at most {MAX_DEPTH} levels")
        if isinstance(expression, dict):
            return self._operation(expression, pointer, depth)
        if isinstance(expression, list):
            return _array(self._all(expression, pointer, depth), pointer)
        return _literal(expression, pointer)

    def _all(self, expressions: list[object], pointer: str, depth: int) -> list[Node]:
        return [
            self.compile(expression, f"{pointer}/{index}", depth + 1)
            for index, expression in enumerate(expressions)
        ]

    def _reduction(self, operands: list[object], pointer: str, depth: int) -> list[Node]:
        array, function, initial = operands
        first = self.compile(array, f"{pointer}/0", depth + 1)
        last = self.compile(initial, f"{pointer}/2", depth + 1)
        self.functions += 1
        folded = self.compile(function, f"{pointer}/1", depth + 1)
        self.functions -= 1
        return [first, folded, last]

    def _operation(self, expression: dict[object, object], pointer: str, depth: int) -> Node:
        if len(expression) != 1:
            found = f"an object with {len(expression)} keys"
            raise RuleError(pointer, found, "an operation: an object with one key")
        ((name, given),) = expression.items()
        if name == "var":
            return _var(given, pointer, of_run=self.functions == 0)
        operation = OPERATIONS.get(name) if isinstance(name, str) else None
        if operation is None:
            known = ", ".join(sorted((*OPERATIONS, "var")))
            raise RuleError(pointer, f"unknown operation {_quoted(name)}", f"one of {known}")
        within = f"{pointer}/{name}"
        if not isinstance(given, list):
            raise RuleError(within, f"found {kind_of(given)}", f"an array: {operation.operands}")
        most = operation.most or len(given)
        if not operation.least <= len(given) <= most:
            raise RuleError(within, f"found {len(given)} operands", operation.operands)
        operands = (self._reduction if name == "reduce" else self._all)(given, within, depth)
        step, kind = operation.build(operands, within)
        return Node(step, kind, pointer, 1 + sum(operand.size for operand in operands))


def _quoted(name: object) -> str:
    text = ascii(name)
    return text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}…"


def _literal(value: object, pointer: str) -> Node:
    kind = kind_of(value)
    if kind not in (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN):
        expected = "an operation, an array, a text, an integer, true or false"
        raise RuleError(pointer, f"found {kind}", expected)
    if isinstance(value, int | float) and abs(value) > MAX_INTEGER:
        raise RuleError(pointer, "the integer is out of range", f"{MAX_INTEGER} at most")
    constant = int(value) if isinstance(value, float) else value
    return Node(lambda _run: constant, kind, pointer, literal=constant)


def _array(nodes: Sequence[Node], pointer: str) -> Node:
    size = 1 + sum(node.size for node in nodes)
    if all(node.literal is not NOT_LITERAL for node in nodes):
        constant = [node.literal for node in nodes]
        return Node(lambda _run: constant, Kind.ARRAY, pointer, size, constant)
    steps = tuple(node.step for node in nodes)

    def step(run: Run) -> object:
        return [item(run) for item in steps]

    return Node(step, Kind.ARRAY, pointer, size)


def _var(path: object, pointer: str, *, of_run: bool) -> Node:
    """Data access; `of_run` says that it is to the run's own data, which all rules share."""
    if not isinstance(path, str):
        expected = 'a path as a text, like "payload.v.0"'
        raise RuleError(f"{pointer}/var", f"found {kind_of(path)}", expected)
    if path == "":
        return Node(lambda run: run.data, Kind.OPEN, pointer)
    fragments = path.split(".")
    if len(fragments) > MAX_PATH:
        found = f"a path of {len(fragments)} parts"
        raise RuleError(f"{pointer}/var", found, f"at most {MAX_PATH}")
    look_up = _access(fragments)
    if not of_run:
        return Node(look_up, Kind.OPEN, pointer)

    def step(run: Run) -> object:
        value = run.found.get(path, _UNSEEN)
        if value is _UNSEEN:
            value = run.found[path] = look_up(run)
        return value

    return Node(step, Kind.OPEN, pointer, path=path)


def _access(fragments: Sequence[str]) -> Step:
    """What does not exist is null, at whatever point of the path it ends."""
    parts = tuple((fragment, _index(fragment)) for fragment in fragments)

    def look_up(run: Run) -> object:
        data = run.data
        for key, index in parts:
            if type(data) is dict:
                data = data.get(key)
            elif type(data) is list and 0 <= index < len(data):
                data = data[index]
            else:
                return None
        return data

    return look_up


def _index(fragment: str) -> int:
    """The place in an array that a fragment means; -1 for none."""
    is_index = fragment.isascii() and fragment.isdigit() and len(fragment) <= _MAX_INDEX_DIGITS
    return int(fragment) if is_index else -1
