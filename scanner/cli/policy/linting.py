"""What is wrong with a layer's file, by file, line and key."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct
from rich.cells import cell_len

from config.toml_file import read_bytes
from scanner.cli.policy.places_in_text import line_of
from scanner.cli.policy.stacks import Source, above, read_source
from scanner.domain.errors import SettingsError
from scanner.domain.issuers import ISSUERS
from scanner.domain.passes import Colour
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.policy.conditions import Conditions, several
from scanner.policy.joining import join, loosening
from scanner.policy.layers import Layer, LayerRule, Level
from scanner.policy.rules import RuleSet

LOCKED: Final = frozenset({Reason.COLOUR_RED, Reason.HARD_LINE, Reason.BAD_SIGNATURE})
"""Hard lines: REFUSE, whatever any layer says."""

_LANGUAGES: Final = frozenset({"zh_CN", "en"})
_MAX_CELLS: Final = 52
_POINTER: Final = re.compile(r"`\$\.?([^`]*)`|unknown key ([\w.-]+)")
_RULE: Final = re.compile(r", rule ([0-9]+)")
_COLOURS: Final = {
    Reason.COLOUR_YELLOW: Colour.YELLOW,
    Reason.COLOUR_PENDING: Colour.PENDING,
    Reason.COLOUR_NONE: Colour.NONE,
}


class Severity(StrEnum):
    """An error has no effect at a gate, or keeps the file from being read; advice is advice."""

    ERROR = "error"
    ADVICE = "advice"


class Mistake(Struct, frozen=True):
    """One thing to mend."""

    path: Path
    line: int
    severity: Severity
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.text}"


def lint(paths: Sequence[Path]) -> list[Mistake]:
    """Everything that is wrong in these files, each under those of the others that are wider.

    Raises:
        SettingsError: a file cannot be read at all.
    """
    sources: list[Source] = []
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            sources.append(read_source(path))
        except SettingsError as error:
            mistakes.append(_unread(path, error))
    layers = [source.layer for source in sources]
    for source in sources:
        mistakes += _mistakes(source, above(source.layer, layers))
    return sorted(mistakes, key=lambda mistake: (str(mistake.path), mistake.line, mistake.text))


def _unread(path: Path, error: SettingsError) -> Mistake:
    text = read_bytes(path).decode(errors="replace")
    rule, key = _RULE.search(error.found), _POINTER.search(error.found)
    pointer = tuple(re.findall(r"[\w-]+", (key[1] or key[2] or "") if key else ""))
    if pointer and pointer[0] == "rule":
        pointer = ()
    line = line_of(text, pointer, int(rule[1]) - 1 if rule else None)
    if at := re.search(r"\(at line ([0-9]+)", error.found):
        line = int(at[1])
    elif "(at end of document)" in error.found:
        line = max(1, len(text.splitlines()))
    return Mistake(path, line, Severity.ERROR, f"{error.found} {error.remedy}".strip())


def _mistakes(source: Source, upper: list[Layer]) -> Iterator[Mistake]:
    layer, text = source.layer, source.text

    def mistake(
        said: str, *path: str, rule: int | None = None, severity: Severity = Severity.ERROR
    ) -> Mistake:
        return Mistake(source.path, line_of(text, path, rule), severity, said)

    if layer.content.version == "default-1" and layer.level is not Level.NATION:
        yield mistake('version: found none; entries have to name it: version = "...".', "version")
    if layer.place and layer.level is not Level.SITE and layer.place[:2] not in ISSUERS:
        yield mistake(f"place: {layer.place[:2]} is no province of GB/T 2260.", "place")
    rules = join([*upper, layer])
    if rules.temperature.low_c >= rules.temperature.limit_c:
        yield mistake("temperature: no reading lies between low_c and limit_c.", "temperature")
    if layer.level is not Level.NATION:
        for key, above_it in loosening(layer, upper):
            found, says = _as_toml(layer.opinion(key)), _as_toml(above_it)
            who = _who_says(key, above_it, upper)
            yield mistake(
                f"{key}: found {found}, {who} says {says}: what is milder has no effect. "
                "Take it out.",
                *key.split("."),
            )
    for number, rule in enumerate(layer.content.rules):
        for said, path, severity in _of_rule(rule, join(upper)):
            yield mistake(f"rule {rule.id}: {said}", *path, rule=number, severity=severity)


def _who_says(key: str, value: object, upper: Iterable[Layer]) -> str:
    names = [each.name for each in upper if key in each.named and each.opinion(key) == value]
    return names[0] if names else "the default"


_Said = tuple[str, tuple[str, ...], Severity]


def _of_rule(rule: LayerRule, above_it: RuleSet) -> Iterator[_Said]:
    decision = Decision(rule.decision)
    for reason, key in _named_reasons(rule.when):
        least = _least(reason, above_it)
        if decision.strictness < least.strictness:
            lock = "is locked" if reason in LOCKED else "is decided above"
            yield (
                f"when names {reason}, which {lock}: {least}; decision = {decision} has no effect.",
                ("when", key),
                Severity.ERROR,
            )
    for side, conditions in (("when", rule.when), ("unless", rule.unless)):
        for issuer in several(conditions.issuer if conditions else None):
            if issuer not in ISSUERS and not issuer.startswith(("https:", "did:")):
                yield (
                    f"{side}: {issuer} is no issuer that we know.",
                    (side, "issuer"),
                    Severity.ADVICE,
                )
    for name, words in (("guard", rule.guard), ("holder", rule.holder)):
        missing = sorted(_LANGUAGES - set(words)) if words else []
        if missing:
            yield f"{name} has no words in {', '.join(missing)}.", (name,), Severity.ADVICE
        for language, phrase in words.items():
            if cell_len(phrase) > _MAX_CELLS:
                said = f"{name}.{language} is {cell_len(phrase)} wide; {_MAX_CELLS} fit a line."
                yield said, (name,), Severity.ADVICE
    if not any(rule.when.named()) and rule.unless is None:
        yield "has neither when nor unless: it applies to everybody.", (), Severity.ADVICE


def _named_reasons(when: Conditions) -> Iterator[tuple[Reason, str]]:
    """What the gate decides by itself and a rule names."""
    for colour in several(when.colour):
        reason = Reason.COLOUR_RED if colour is Colour.RED else None
        named = [each for each, its in _COLOURS.items() if its is colour]
        yield from ((each, "colour") for each in ([reason] if reason else named))
    if when.hard_line:
        yield Reason.HARD_LINE, "hard_line"
    for found in several(when.found):
        yield found, "found"


def _least(reason: Reason, rules: RuleSet) -> Decision:
    """What the tables make of a reason; a rule that is milder says nothing."""
    if reason in LOCKED:
        return Decision.REFUSE
    if reason in _COLOURS:
        return rules.colour.decision(_COLOURS[reason])
    named = getattr(rules.results, reason.value, None)
    return Decision.ADMIT if named is None else Decision(named)


def _as_toml(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(_as_toml(item) for item in value)}]"
    return str(value)
