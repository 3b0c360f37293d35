"""The layers that are shipped: each lints clean, and its table of people comes out as written."""

from pathlib import Path

import pytest

from config.rules import SHIPPED
from scanner.cli.policy.linting import lint
from scanner.cli.policy.stacks import TABLE_TESTS, files_of
from scanner.cli.policy.table_tests import run_table

FOLDER = SHIPPED.parent
TABLES = sorted(FOLDER.glob(f"*{TABLE_TESTS}"))


def test_all_are_clean() -> None:
    assert [str(mistake) for mistake in lint(list(files_of([FOLDER])))] == []


def test_each_has_a_table_of_people() -> None:
    names = {path.name.removesuffix(".toml") for path in files_of([FOLDER])}
    assert names == {path.name.removesuffix(TABLE_TESTS) for path in TABLES}
    assert {"33", "330100", "46", "41", "11", "12", "13", "440403", "31", "510100"} <= names


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_everybody_comes_to_what_is_written(path: Path) -> None:
    outcomes = list(run_table(path))
    assert outcomes
    assert [(each.name, each.differs) for each in outcomes if each.differs] == []
