"""The fixed phrases of the formats: every detail that a rejection may carry."""

import ast
from functools import cache
from pathlib import Path

import scanner.formats


@cache
def phrases() -> frozenset[str]:
    """Every string literal in the sources of `scanner.formats`, and the empty one.

    A detail that is none of them was composed, and may hold text of the code.
    """
    (folder,) = scanner.formats.__path__
    return frozenset(
        node.value
        for path in Path(folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ) | {""}
