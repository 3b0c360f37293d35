"""200 CertLogic rules on one certificate: compiled, and read word by word by a plain interpreter.

The rules are modelled on published ones: guards, dates, ages, doses, lists of products, value sets.
Where the published rules themselves are at hand, they are measured too. Thread time.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Final

from msgspec import structs

from scanner.domain.rule_outcomes import RuleResult
from scanner.policy.business_rules import BusinessRule, Certificate, read_rules
from scanner.policy.certlogic import compile_rule
from scanner.policy.certlogic_steps import Run
from scanner.policy.rule_book import RuleBook
from tests import certlogic_naive
from tests.rule_builders import a_certificate, a_rule, parameters

RULES: Final = 200
ROUNDS: Final = 51
PER_ROUND: Final = 10
REACH_MS: Final = 0.5
DATA: Final = Path(
    os.environ.get("CHECKPOINT_DATA") or Path(__file__).parents[2] / "../shared/data"
)

DOSE: Final = {"var": "payload.v.0"}
CLOCK: Final = {"plusTime": [{"var": "external.validationClock"}, 0, "day"]}


def _day(amount: int, unit: str = "day") -> dict[str, object]:
    return {"plusTime": [{"var": "payload.v.0.dt"}, amount, unit]}


CLAUSES: Final[tuple[object, ...]] = (
    {"in": [{"var": "payload.v.0.mp"}, ["EU/1/20/1507", "EU/1/21/1529", "EU/1/20/1528"]]},
    {"in": [{"var": "payload.v.0.tg"}, {"var": "external.valueSets.disease-agent-targeted"}]},
    {">=": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]},
    {"not-after": [_day(14), CLOCK, _day(365)]},
    {"if": [{"===": [{"var": "payload.v.0.mp"}, "EU/1/20/1525"]},
            {"not-before": [CLOCK, _day(28)]}, {"before": [CLOCK, _day(9, "month")]}]},
    {"before": [{"dccDateOfBirth": [{"var": "payload.dob"}]},
                {"plusTime": [{"var": "external.validationClock"}, -18, "year"]}]},
    {"and": [{">": [{"var": "payload.v.0.dn"}, 0]}, {"!": [{"var": "payload.v.1"}]}]},
    {"!": [{"in": [{"extractFromUVCI": [{"var": "payload.v.0.ci"}, 1]}, ["XX", "YY"]]}]},
)  # fmt: skip


def run() -> None:
    """Print what a rule costs, compiled, interpreted, and to compile."""
    rules = [
        a_rule(Identifier=f"VR-DE-{number:04}", Logic={"if": [DOSE, CLAUSES[number % 8], True]})
        for number in range(RULES)
    ]
    sets = {"disease-agent-targeted": ["840539006"]}
    _report(f"{RULES} rules on one vaccination", rules, a_certificate(), sets)
    folder = DATA / "business-rules"
    if not folder.is_dir():
        print(f"the published rules are not here: {folder}")
        return
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*/*/rule.json"))]
    published = read_rules(f"[{','.join(texts)}]".encode())
    sets = json.loads((folder / "valuesets" / "valueSets.json").read_bytes())
    about_doses = [
        rule for rule in published if rule.certificate_type in ("General", "Vaccination")
    ]
    as_many = [_renamed(about_doses[number % len(about_doses)], number) for number in range(RULES)]
    _report(f"{RULES} of the published ones, by turns", as_many, a_certificate(), sets)


def _renamed(rule: BusinessRule, number: int) -> BusinessRule:
    """The same rule as one of Germany's, under a number of its own."""
    return structs.replace(rule, identifier=f"GR-DE-{number:04}", country="DE")


def _report(
    title: str, rules: list[BusinessRule], certificate: Certificate, sets: dict[str, list[str]]
) -> None:
    external = replace(parameters("DE"), value_sets=sets)
    data = {"payload": certificate.payload, "external": external.as_json()}
    compiled = [compile_rule(rule.logic) for rule in rules]
    book = RuleBook(rules)
    outcomes = book.judge(certificate, external)
    assert len(outcomes) == RULES
    assert all(outcome.result is not RuleResult.OPEN for outcome in outcomes)

    def evaluate() -> None:
        shared = Run(data)
        for rule in compiled:
            rule.evaluate(shared)

    def interpret() -> None:
        for rule in rules:
            certlogic_naive.evaluate(rule.logic, data)

    ways: dict[str, Callable[[], object]] = {
        "compiled, one run": evaluate,
        "compiled, each alone": lambda: [rule(data) for rule in compiled],
        "plain interpreter": interpret,
        "whole book: select and judge": lambda: book.judge(certificate, external),
        "compiling": lambda: [compile_rule(rule.logic) for rule in rules],
    }
    times = _in_turns(ways)
    print(f"{title:40}{'ms':>8}{'ratio':>8}{'first of ten, ms':>20}")
    plain = times["plain interpreter"].each_ms
    for name, taken in times.items():
        ratio = taken.each_ms / plain
        print(f"  {name:38}{taken.each_ms:8.3f}{ratio:8.2f}{taken.first_ms:20.3f}")
    print(f"  (a whole verdict is to take {REACH_MS} ms at most)")


@dataclass(frozen=True)
class Taken:
    """Medians of one call in a block of ten, and of the first, which finds the caches cold."""

    each_ms: float
    first_ms: float


def _in_turns(ways: dict[str, Callable[[], object]]) -> dict[str, Taken]:
    """Every way in turns, so that a busy machine slows all alike."""
    blocks: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, call in ways.items():
            blocks[name].append([_ms(call) for _ in range(PER_ROUND)])
    return {
        name: Taken(
            median(sum(block) / PER_ROUND for block in taken), median(block[0] for block in taken)
        )
        for name, taken in blocks.items()
    }


def _ms(call: Callable[[], object]) -> float:
    began = time.thread_time_ns()
    call()
    return (time.thread_time_ns() - began) / 1e6
