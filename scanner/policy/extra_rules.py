"""The rules of all layers, compiled: what they find about one person."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from scanner.domain.errors import RuleError
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Advice, Ask, Decision, Finding
from scanner.policy.certlogic import compile_rule
from scanner.policy.certlogic_steps import Run, Step
from scanner.policy.condition_logic import rule_logic
from scanner.policy.facts import LEAST
from scanner.policy.layers import Language, Layer, LayerRule
from scanner.policy.rules import Weighed

_LANGUAGES: Final[tuple[Language, ...]] = ("zh_CN", "en")


class OfLayer(msgspec.Struct, frozen=True):
    """A rule, and whose it is."""

    layer: str
    rule: LayerRule


class CompiledRule(msgspec.Struct, frozen=True, eq=False):
    """A rule, ready for the next person.

    Attributes:
        of: what it was compiled from.
        applies: from the facts to true or false.
        asks: what it wants answered; a temperature, too, where it is about one.
        finding: what it leads to while nothing is settled.
        settled: the same once everything that it asks is answered.
    """

    of: OfLayer
    applies: Step
    asks: tuple[Ask, ...]
    finding: Finding
    settled: Finding

    def open_asks(
        self, facts: Mapping[str, object], settles: Callable[[Ask], bool]
    ) -> tuple[Ask, ...]:
        """What it still asks of somebody whom it applies to."""
        is_measured = facts["temperature_least"] != LEAST
        return tuple(
            ask
            for ask in self.asks
            if not (is_measured if ask is Ask.TEMPERATURE else settles(ask))
        )


class CompiledRules:
    """All rules that apply at one gate, whichever layer they are from.

    Args:
        layers: in any order.
        unknown_applies: as a gate reads them; False leaves those that may not apply.
    """

    def __init__(self, layers: Iterable[Layer], *, unknown_applies: bool = True) -> None:
        found = (OfLayer(layer.name, rule) for layer in layers for rule in layer.content.rules)
        self.source = tuple(sorted(found, key=repr))
        rules = [_compiled(of, unknown_applies) for of in self.source]
        self._steps = tuple((rule.applies, rule) for rule in rules)

    def __bool__(self) -> bool:
        return bool(self._steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompiledRules) and self.source == other.source

    def __hash__(self) -> int:
        return hash(tuple((of.layer, of.rule.id) for of in self.source))

    def applying(self, run: Run) -> Iterator[CompiledRule]:
        """Those that apply to somebody, whose facts the run is about.

        What cannot be weighed applies: a fault is never milder.
        """
        for applies, rule in self._steps:
            try:
                if not applies(run):
                    continue
            except RuleError:
                pass
            yield rule

    def weigh(self, facts: Mapping[str, object], settles: Callable[[Ask], bool]) -> Weighed:
        """What applies, and what is still asked."""
        findings: list[Finding] = []
        asks: dict[Ask, None] = {}
        for rule in self.applying(Run(facts)):
            still_open = rule.open_asks(facts, settles) if rule.asks else ()
            is_settled = bool(rule.asks) and not still_open
            findings.append(rule.settled if is_settled else rule.finding)
            asks |= dict.fromkeys(still_open)
        return Weighed(tuple(findings), tuple(asks))


def _compiled(of: OfLayer, unknown_applies: bool) -> CompiledRule:
    rule = of.rule
    advice = Advice(
        rule=rule.id,
        layer=of.layer,
        guard=_in_order(rule.guard),
        holder=_in_order(rule.holder),
        hotline=rule.hotline,
    )
    reason = rule.reason
    if reason is Reason.SITE_RULE and tuple(rule.ask) == (Ask.TEMPERATURE,):
        reason = Reason.TEMPERATURE_NEEDED
    asks = rule.ask
    finding = Finding(reason, Decision(rule.decision), advice)
    settled = Finding(reason, Decision.ADMIT, advice)
    if rule.is_about_temperature:  # no reading settles it but by what it says
        asks, settled = (*asks, Ask.TEMPERATURE), finding
    return CompiledRule(
        of=of,
        applies=compile_rule(rule_logic(rule, unknown_applies=unknown_applies)).node.step,
        asks=tuple(dict.fromkeys(asks)),
        finding=finding,
        settled=settled,
    )


def _in_order(words: Mapping[Language, str]) -> tuple[tuple[str, str], ...]:
    return tuple((language, words[language]) for language in _LANGUAGES if language in words)
