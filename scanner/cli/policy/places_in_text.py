"""At which line of a TOML text a key stands. `tomllib` does not tell; people want to know."""

import re
from collections.abc import Sequence
from typing import Final

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]")
_KEY: Final = re.compile(r"""\s*((?:[\w-]+|"[^"]*")(?:\s*\.\s*(?:[\w-]+|"[^"]*"))*)\s*=""")


def line_of(text: str, path: Sequence[str], rule: int | None = None) -> int:
    """The line, from 1, of the key that `path` names, else of the nearest thing around it.

    Args:
        text: of the file.
        path: `("colour", "yellow")`; within a rule, from the rule on: `("when", "hours")`.
        rule: which rule, from 0; None for what stands in no rule.
    """
    best, line_of_best = -1, 1
    seen, is_here = -1, rule is None
    base: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            name = _parts(header[2])
            if name[0] == "rule":
                seen += header[1] == "[["
                is_here, base = seen == rule, name[1:]
            else:
                is_here, base = rule is None, name
            here: tuple[str, ...] = base
        elif key := _KEY.match(line):
            here = (*base, *_parts(key[1]))
        else:
            continue
        common = min(len(here), len(path))
        if is_here and here[:common] == tuple(path)[:common] and common > best:
            best, line_of_best = common, number
    return line_of_best


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in name.split("."))
