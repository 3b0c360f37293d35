"""The table of attacks in docs/trust.md is the tests' own."""

from pathlib import Path

from tests.faults.trust import (
    test_ageing,
    test_delegation,
    test_rollback,
    test_sources,
    test_tampering,
)

DOCUMENT = (Path(__file__).parents[3] / "docs/trust.md").read_text("utf-8")


def test_every_attack_is_a_row_that_names_its_defence_and_every_row_an_attack() -> None:
    attacks = [
        attack
        for module in (test_ageing, test_delegation, test_rollback, test_sources, test_tampering)
        for attack in module.ATTACKS
    ]
    table = DOCUMENT.split("| attack |")[1].split("\n\n")[0].splitlines()[2:]
    rows = {cells[1].strip(): cells[3] for row in table if (cells := row.split("|"))}
    assert set(rows) == {attack.name for attack in attacks}
    for attack in attacks:
        for name in attack.without:
            assert name.rpartition(".")[2] in rows[attack.name], attack.name
