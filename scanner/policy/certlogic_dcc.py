"""What CertLogic adds to JsonLogic: dates, and the parts of a certificate's identifier.

Source: CertLogic specification 1.3.3, "Offset date-time", "DCC Date of birth" and "Extract data
from an UCI". Each builder takes compiled operands and the operation's place in the rule.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from scanner.domain.errors import RuleError
from scanner.policy.certlogic_moments import MAX_AMOUNT, SHIFTS, read_date_of_birth
from scanner.policy.certlogic_steps import NOT_LITERAL, Node, Run, Step
from scanner.policy.certlogic_values import Kind, kind_of

_UVCI_PREFIX: Final = "URN:UVCI:"


def plus_time(operands: Sequence[Node], pointer: str) -> tuple[Step, Kind]:
    """A moment with an amount of time added; computed once where the rule itself names it."""
    text, amount, unit = operands
    text.must_be(Kind.TEXT)
    count = amount.literal_integer()
    if abs(count) > MAX_AMOUNT:
        raise RuleError(amount.pointer, "the amount is out of range", f"{MAX_AMOUNT} at most")
    shift = SHIFTS.get(unit.literal) if isinstance(unit.literal, str) else None
    if shift is None:
        raise RuleError(unit.pointer, "no unit of time", ", ".join(SHIFTS))
    inner, at, add = text.step, text.pointer, shift(count)

    def step(run: Run) -> datetime:
        moment = run.moment(inner(run), at)
        try:
            return add(moment) if count else moment
        except (ValueError, OverflowError):
            raise RuleError(pointer, "the result is outside the years 1 to 9999") from None

    if text.literal is not NOT_LITERAL:
        constant = step(Run(None))
        return lambda _run: constant, Kind.MOMENT
    if text.path is None:
        return step, Kind.MOMENT
    return _known(f"{count} {unit.literal} {text.path}", step), Kind.MOMENT


def _known(key: str, step: Callable[[Run], datetime]) -> Step:
    """The same step, taken once in a run by all the rules that ask the same."""

    def known(run: Run) -> object:
        moment = run.shifted.get(key)
        if moment is None:
            moment = run.shifted[key] = step(run)
        return moment

    return known


def date_of_birth(operands: Sequence[Node], _pointer: str) -> tuple[Step, Kind]:
    """The last day that a date of birth leaves possible."""
    (operand,) = operands
    operand.must_be(Kind.TEXT)
    inner, at = operand.step, operand.pointer

    def step(run: Run) -> datetime:
        text = inner(run)
        if type(text) is not str:
            raise RuleError(at, f"found {kind_of(text)}", "a date of birth")
        try:
            return read_date_of_birth(text)
        except ValueError:
            expected = "YYYY-MM-DD, YYYY-MM or YYYY"
            raise RuleError(at, "found a text that is no date of birth", expected) from None

    if operand.path is None:
        return step, Kind.MOMENT
    return _known(f"dccDateOfBirth {operand.path}", step), Kind.MOMENT


def extract_from_uvci(operands: Sequence[Node], _pointer: str) -> tuple[Step, Kind]:
    """A fragment of a certificate's identifier by its index, null where there is none."""
    operand, index_node = operands
    operand.must_be(Kind.TEXT, Kind.NULL)
    index = index_node.literal_integer()
    inner, at = operand.step, operand.pointer

    def step(run: Run) -> object:
        text = inner(run)
        if text is None:
            return None
        if type(text) is not str:
            raise RuleError(at, f"found {kind_of(text)}", "a certificate's identifier, or null")
        plain = text.removeprefix(_UVCI_PREFIX).replace("#", "/").replace(":", "/")
        fragments = plain.split("/")
        return fragments[index] if 0 <= index < len(fragments) else None

    return step, Kind.OPEN
