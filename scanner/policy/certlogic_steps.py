"""What a compiled expression is made of: steps, and what is known of each before any data come.

A step is a closure over its operands' steps. What can be known beforehand is looked at once, when
the rule is compiled: operands that can never fit, literal dates, lists of texts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scanner.domain.errors import RuleError
from scanner.policy.certlogic_moments import FORMATS, read_moment
from scanner.policy.certlogic_values import Kind, kind_of

MAX_STEPS: Final = 10_000
"""The most that all `reduce` of one rule may do, in expressions evaluated."""


class Run:
    """The evaluation of rules on one person's data; it ends with them, and keeps nothing longer.

    Rules about one certificate read the same few paths and dates: what was looked up or read once
    is known to all of them.

    Attributes:
        data: JSON as `json.loads` makes it, not to be changed meanwhile; within a function of
            `reduce` that function's own.
        found: what was looked up in the run's own data, by path.
        shifted: the date-times that were made of these, by operation and path.
        moments: date-times that were read, by their text.
        steps_left: what `reduce` may still do in the rule at hand.
    """

    __slots__ = ("data", "found", "moments", "shifted", "steps_left")

    def __init__(self, data: object) -> None:
        self.data = data
        self.found: dict[str, object] = {}
        self.shifted: dict[str, datetime] = {}
        self.moments: dict[str, datetime] = {}
        self.steps_left = MAX_STEPS

    def moment(self, text: object, pointer: str) -> datetime:
        """A date-time of the data, read once.

        Raises:
            RuleError: not a text, or not a date-time.
        """
        if type(text) is not str:
            raise RuleError(pointer, f"found {kind_of(text)}", FORMATS)
        known = self.moments.get(text)
        if known is not None:
            return known
        try:
            moment = self.moments[text] = read_moment(text)
        except ValueError:
            raise RuleError(pointer, "found a text that is no date-time", FORMATS) from None
        return moment

    def spend(self, steps: int, pointer: str) -> None:
        """Take `steps` off what is left.

        Raises:
            RuleError: there are not so many left.
        """
        self.steps_left -= steps
        if self.steps_left < 0:
            raise RuleError(pointer, "too much to reduce", f"at most {MAX_STEPS:,} steps in a rule")


Step = Callable[[Run], object]
"""From a run to the value; raises nothing but `RuleError`."""

NOT_LITERAL: Final = object()


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled expression.

    Attributes:
        step: evaluates it.
        kind: of every value that it can have; `Kind.OPEN` where the data decide.
        pointer: its place in the rule, as a JSON pointer.
        size: how many expressions it consists of.
        literal: its value where no data can change it, else `NOT_LITERAL`.
        path: what it looks up in the run's own data, where it is nothing but that.
    """

    step: Step
    kind: Kind
    pointer: str
    size: int = 1
    literal: object = NOT_LITERAL
    path: str | None = None

    def must_be(self, *kinds: Kind) -> None:
        """Refuse a rule whose operand can never be of one of these kinds.

        Raises:
            RuleError: it cannot.
        """
        if self.kind is not Kind.OPEN and self.kind not in kinds:
            raise RuleError(self.pointer, f"found {self.kind}", " or ".join(kinds))

    def literal_integer(self) -> int:
        """The integer that the rule itself has to name here.

        Raises:
            RuleError: something else.
        """
        if type(self.literal) is not int:
            raise RuleError(self.pointer, f"found {self.kind}", "an integer written out")
        return self.literal
