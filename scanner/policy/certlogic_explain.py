"""Why a rule says what it says: the one clause that decided. For people, not for the gate's way."""

from dataclasses import dataclass

from scanner.domain.errors import RuleError
from scanner.policy.certlogic import Rule, compile_node, compile_rule
from scanner.policy.certlogic_steps import Run
from scanner.policy.certlogic_values import truth


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rule came to, and where.

    Attributes:
        value: of the whole rule; None where `error` stands. May quote the data.
        pointer: the deciding expression as a JSON pointer into the rule; empty for the whole.
        error: why there is no value, else None.
    """

    value: object
    pointer: str
    error: RuleError | None = None


def explain(expression: object, data: object) -> Explanation:
    """Evaluate a rule and say which of its clauses decided.

    Of `and` it is the first clause that is falsy, of `if` the branch taken, or the guard where that
    branch is written out as a value; `!` passes the question on. An `and` all of whose clauses hold
    is itself the answer, as is every other operation.

    Args:
        expression: the rule.
        data: as for `scanner.policy.certlogic.Rule`.

    Raises:
        RuleError: the rule is no CertLogic. One that does not fit the data is an answer.
    """
    rule, run = compile_rule(expression), Run(data)
    try:
        value = rule.evaluate(run)
    except RuleError as error:
        return Explanation(None, error.pointer, error)
    return Explanation(value, _deciding(expression, run))


def _deciding(expression: object, run: Run) -> str:
    pointer = ""
    while isinstance(expression, dict):
        ((name, operands),) = expression.items()
        index = _next(name, operands, run)
        if index is None or not isinstance(operands[index], dict):
            break
        pointer, expression = f"{pointer}/{name}/{index}", operands[index]
    return pointer


def _next(name: str, operands: list[object], run: Run) -> int | None:
    """Which operand the value of an operation comes from; None where it is from all of them."""
    if name == "!":
        return 0
    if name == "if":
        branch = 1 if _holds(operands[0], run) else 2
        return branch if isinstance(operands[branch], dict) else 0
    if name == "and":
        clauses = enumerate(operands)
        return next((index for index, clause in clauses if not _holds(clause, run)), None)
    return None


def _holds(expression: object, run: Run) -> bool:
    return truth(Rule(compile_node(expression, "")).evaluate(run), "")
