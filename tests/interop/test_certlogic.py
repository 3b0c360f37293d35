"""The official CertLogic test suite, and every published EU business rule with its own tests."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from scanner.policy.certlogic import compile_rule

DATA: Final = Path(
    os.environ.get("CHECKPOINT_DATA") or Path(__file__).parents[2] / "../shared/data"
)
SUITE: Final = DATA / "certlogic" / "testSuite"
SKIP: Final = "skip"


def _assertions() -> Iterator[tuple[str, object, dict[str, Any]]]:
    """Every assertion not marked to be skipped, with the place it stands at and its expression."""
    for path in sorted(SUITE.glob("*.json")):
        suite = json.loads(path.read_text("utf-8"))
        if suite.get("directive") == SKIP:
            continue
        for case in suite["cases"]:
            if case.get("directive") == SKIP:
                continue
            for number, assertion in enumerate(case["assertions"]):
                if assertion.get("directive") != SKIP:
                    own = case.get("certLogicExpression")
                    expression = assertion.get("certLogicExpression", own)
                    yield f"{path.stem}: {case['name']} #{number}", expression, assertion


@pytest.mark.skipif(not SUITE.is_dir(), reason=f"the CertLogic suite is not here: {SUITE}")
def test_the_official_suite_passes() -> None:
    failures = [
        place
        for place, expression, assertion in _assertions()
        if not _same(compile_rule(expression)(assertion["data"]), assertion["expected"])
    ]
    assert failures == []
    assert sum(1 for _ in _assertions()) >= 218


def _same(value: object, expected: object) -> bool:
    """Python calls 1 and True equal, JSON does not."""
    return value == expected and json.dumps(value) == json.dumps(expected)
