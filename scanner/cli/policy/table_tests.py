"""Tests that officials write: a table of people, and what each shall come to."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from config.recognition import load_recognition
from config.toml_file import as_tree, bear_reading, parse_toml, read_bytes
from scanner.cli.policy.people import Described, in_words
from scanner.cli.policy.stacks import read_layers, with_base
from scanner.domain.errors import SettingsError
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, Verdict
from scanner.policy.evaluate import evaluate
from scanner.policy.joining import join
from scanner.policy.recognition import ANYWHERE, HostRecognition
from scanner.policy.rules import RuleSet, Table

_MAX_BYTES = 256 << 10


class Expected(Table, frozen=True):
    """What a person shall come to; what is not named is not looked at.

    Attributes:
        name: for people.
        expect: the decision.
        reasons: all of them, in any order.
        asks: all of them, in any order.
        rules: the ids of the layers' rules that apply, all of them, in any order.
    """

    name: str
    expect: Decision
    reasons: tuple[Reason, ...] | None = None
    asks: tuple[Ask, ...] | None = None
    rules: tuple[str, ...] | None = None


class TableFile(Table, frozen=True):
    """A file of tests.

    Attributes:
        layers: files of the layers that hold together, from this file's folder; the shipped
            national rules lie under them where none of them is national.
        host: the division in which the gate stands, for the shipped recognition matrix; without it
            every known province's codes are taken.
        defaults: what all cases have in common.
        cases: people, and what each shall come to.
    """

    layers: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    host: str | None = None
    defaults: Mapping[str, Any] = {}
    cases: Annotated[tuple[Mapping[str, Any], ...], msgspec.Meta(min_length=1)] = msgspec.field(
        default=(), name="case"
    )


class Outcome(msgspec.Struct, frozen=True):
    """One case: its name, and what differs from what was expected; empty where nothing does."""

    name: str
    differs: tuple[str, ...]


def run_table(path: Path) -> Iterator[Outcome]:
    """Every case of a file, in its order.

    Raises:
        SettingsError: the file is none; names the case.
    """
    content = read_bytes(path)
    bear_reading(content, str(path), _MAX_BYTES)
    table = as_tree(TableFile, parse_toml(content, str(path)), str(path))
    rules = join(with_base(read_layers(path.parent / name for name in table.layers)))
    host = ANYWHERE
    if table.host is not None:
        try:
            host = HostRecognition(load_recognition(), table.host)
        except ValueError as error:
            raise SettingsError(f"{path}: host: {error}.") from error
    for number, case in enumerate(table.cases, 1):
        yield _outcome(case, table.defaults, rules, host, f"{path}, case {number}")


def _outcome(
    case: Mapping[str, object],
    defaults: Mapping[str, object],
    rules: RuleSet,
    host: HostRecognition,
    where: str,
) -> Outcome:
    person = {**defaults, **{key: case[key] for key in case if key not in _EXPECTED}}
    expected = as_tree(Expected, {key: case[key] for key in case if key in _EXPECTED}, where)
    described = as_tree(Described, person, f"{where} ({expected.name})")
    verdict = evaluate(described.shown, rules, described.circumstances, host)
    differs = tuple(_differences(expected, verdict))
    if differs:
        differs = (*differs, f"the person: {in_words(person)}")
    return Outcome(expected.name, differs)


_EXPECTED = frozenset(Expected.__struct_fields__)


def _differences(expected: Expected, verdict: Verdict) -> Iterator[str]:
    if verdict.decision is not expected.expect:
        why = ", ".join(verdict.reasons) or "nothing"
        yield f"expected {expected.expect}, found {verdict.decision} for {why}"
    applied = tuple(finding.advice.rule for finding in verdict.findings if finding.advice)
    pairs = (
        ("reasons", expected.reasons, verdict.reasons),
        ("asks", expected.asks, verdict.asks),
        ("rules", expected.rules, applied),
    )
    for name, wanted, found in pairs:
        if wanted is not None and sorted(wanted) != sorted(found):
            yield f"expected {name} [{', '.join(wanted)}], found [{', '.join(found)}]"
