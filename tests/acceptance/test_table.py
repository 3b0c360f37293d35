"""Every row of the acceptance table, through a whole gate."""

from pathlib import Path

import pytest

from tests.acceptance.checkpoint import Checkpoint
from tests.acceptance.codes import KEYS
from tests.acceptance.rows import Row
from tests.acceptance.steps import Stage
from tests.acceptance.table import TABLE


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.number}-{row.what}")
def test_a_row_of_the_domain(tmp_path: Path, row: Row) -> None:
    gate = Checkpoint(tmp_path, KEYS, row.site, row.at, row.layers)
    stage = Stage(gate)
    for step in row.steps:
        stage = step.run(stage)
    gate.ledger.close()


def test_every_row_of_the_domain_has_its_number() -> None:
    assert {row.number for row in TABLE} == set(range(1, 23))
