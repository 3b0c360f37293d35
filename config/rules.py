"""Layers of rules: the file that the settings name, the shipped one, or those of a bundle."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.toml_file import as_tree, bear_reading, parse_toml, read_bytes
from scanner.domain.errors import RuleError, SettingsError
from scanner.policy.layers import PLACED, Layer, LayerFile, LayerRule, Level, layer_of

MAX_BYTES: Final = 64 << 10
"""Of rules that somebody else wrote; the shipped ones with all their comments take 5 KiB."""

SHIPPED: Final = Path(__file__).parent / "policies" / "default.toml"

_HEADER: Final = re.compile(rb"[ \t]*\[\[[ \t]*rule[ \t]*\]\]")


def load_rules(path: Path | None = None) -> Layer:
    """The gate's own layer from a file, or the shipped one, which is the nation's.

    Raises:
        SettingsError: names the file, the key and what is allowed there.
    """
    if path is None:
        return read_layer(read_bytes(SHIPPED), str(SHIPPED), Level.NATION)
    return read_layer(read_bytes(path), str(path), Level.GATE)


def read_layer(content: bytes, name: str, level: Level, place: str | None = None) -> Layer:
    """A layer from bytes, as a bundle carries it.

    Args:
        content: hostile.
        name: of the file, for messages.
        level: of the layer that lies there.
        place: likewise.

    Raises:
        SettingsError: it is no layer, or another one than what is expected there; names the file,
            the rule and its line, the key and what is allowed there.
    """
    file, data = _read(content, name)
    try:
        return layer_of(file, data, level, place)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}.", "Put it where it belongs.") from error


def read_standing_layer(content: bytes, name: str) -> Layer:
    """A layer from a file that lies on its author's desk: it has to say itself which one it is.

    Raises:
        SettingsError: as `read_layer`, or it does not say.
    """
    file, data = _read(content, name)
    if file.layer is None or (file.layer in PLACED and file.place is None):
        raise SettingsError(
            f"{name} does not say which layer it is.",
            'Begin it with, for example, layer = "city" and place = "330100".',
        )
    return layer_of(file, data, file.layer, file.place)


def _read(content: bytes, name: str) -> tuple[LayerFile, Mapping[str, object]]:
    bear_reading(content, name, MAX_BYTES)
    data = parse_toml(content, name)
    tables = data.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(each, Mapping) for each in tables):
        raise SettingsError(f"{name}: rule is no list of tables.", "Begin each with [[rule]].")
    rules = [
        as_tree(LayerRule, table, where)
        for where, table in zip(_places(content, name, tables), tables, strict=True)
    ]
    file = as_tree(LayerFile, {**data, "rule": rules}, name)
    if rules:
        _see_that_they_compile(rules, _places(content, name, tables))
    return file, data


def _see_that_they_compile(rules: list[LayerRule], places: list[str]) -> None:
    """What cannot be compiled is refused here, and not once it is in force."""
    from scanner.policy.certlogic import compile_rule  # for gates that have rules of layers only
    from scanner.policy.condition_logic import rule_logic

    for rule, where in zip(rules, places, strict=True):
        try:
            compile_rule(rule_logic(rule))
        except (RuleError, OverflowError) as error:
            raise SettingsError(
                f"{where} asks too much at once: {error}.", "Make two rules of it."
            ) from error


def _places(content: bytes, name: str, tables: list[Mapping[str, object]]) -> list[str]:
    """What messages call each rule: by its line, too, where each has a header of its own."""
    lines = [n for n, line in enumerate(content.splitlines(), 1) if _HEADER.match(line)]
    called = [f"rule {number}" for number in range(1, len(tables) + 1)]
    for number, table in enumerate(tables):
        if isinstance(table.get("id"), str):
            called[number] += f" ({str(table['id'])[:40]})"
    if len(lines) != len(tables):
        return [f"{name}, {each}" for each in called]
    return [f"{name}, {each} at line {line}" for each, line in zip(called, lines, strict=True)]
