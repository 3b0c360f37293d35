"""`checkpoint policy`, as an official types it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.rules import SHIPPED
from scanner.cli.policy.command import app
from scanner.domain.errors import SettingsError
from scanner.domain.passes import Colour
from scanner.issuing.pilot_repository import publish_pilot
from scanner.ledger.store import Ledger
from tests.builders import a_code, a_key
from tests.ledger_builders import DEVICE_ID, an_entry

POLICIES = SHIPPED.parent
CHENGDU = POLICIES / "510100.toml"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def says(*words: str | Path) -> str:
    result = run(*words)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def changed(folder: Path, old: str, new: str) -> Path:
    path = folder / "new.toml"
    text = CHENGDU.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return path


def test_lint_ends_with_a_count_and_a_status(tmp_path: Path) -> None:
    assert says("lint", POLICIES).endswith("files, 0 errors, 0 pieces of advice\n")
    wrong = run("lint", changed(tmp_path, 'decision = "CHECK"', 'decision = "ADMIT"'))
    assert wrong.exit_code == 1
    assert f"{tmp_path}/new.toml:" in wrong.output


def test_a_table_that_comes_to_something_else_says_what(tmp_path: Path) -> None:
    assert says("test", POLICIES / "31.test.toml").endswith("people, 0 come to something else\n")
    table = tmp_path / "x.test.toml"
    table.write_text(
        f'layers = ["{CHENGDU}"]\n[defaults]\nsite = "venue"\n'
        '[[case]]\nname = "no test"\nexpect = "ADMIT"\nreasons = []\n',
        "utf-8",
    )
    wrong = run("test", table)
    assert wrong.exit_code == 1
    assert "expected ADMIT, found REFUSE for test_missing" in wrong.output
    assert "expected reasons [], found [test_missing]" in wrong.output
    assert "the person: site venue" in wrong.output


@pytest.mark.parametrize(
    ("case", "found"),
    [('name = "x"', "expect"), ('name = "x"\nexpect = "CHECK"\ncolor = "red"', "colour")],
)
def test_a_mistaken_case_is_named(tmp_path: Path, case: str, found: str) -> None:
    table = tmp_path / "x.test.toml"
    table.write_text(f'layers = ["{CHENGDU}"]\n[[case]]\n{case}', "utf-8")
    error = run("test", table).exception
    assert isinstance(error, SettingsError)
    assert "case 1" in error.found
    assert found in f"{error.found} {error.remedy}"


def test_explain_names_the_key_or_the_rule_and_its_layer() -> None:
    said = says("explain", "--policy", CHENGDU, "--site", "venue", "--colour", "yellow")
    assert said.startswith("REFUSE   by default-1+510100:cd-1\n")
    assert "REFUSE  test_missing: rule no-test of 510100" in said
    assert "CHECK   colour_yellow: [colour] yellow = CHECK, by nation" in said
    assert "locked" in says("explain", "--colour", "red")
    assert "nothing is against it" in says("explain")
    hot = ("--policy", POLICIES / "411700.toml", "--kind", "paper", "--temperature", "37.2")
    assert "asks    temperature" in says("explain", *hot)


def test_explain_verifies_a_code(tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    publish_pilot(tmp_path, [a_key("33")], now)
    later = now + timedelta(minutes=10)
    yellow = a_code(colour=Colour.YELLOW, issued_at=now, expires_at=later)
    said = says("explain", yellow, "--keys", tmp_path, "--host", "46")
    assert "colour_yellow: [colour] yellow" in said
    forged = says("explain", a_code(a_key("41")), "--keys", tmp_path)
    assert "[results] unknown_key = CHECK" in forged or "[results] unknown_issuer" in forged
    assert yellow not in said


def test_diff_says_for_whom_it_is_new_and_what_is_milder_first(tmp_path: Path) -> None:
    stricter = says("diff", CHENGDU, changed(tmp_path, "older_than_h = 72", "older_than_h = 48"))
    assert "~ rule 510100/old-test: other when" in stricter
    assert "ADMIT → REFUSE, + test_too_old" in stricter
    assert "MILDER" not in stricter
    milder = says(
        "diff",
        CHENGDU,
        changed(tmp_path, 'id = "no-test"', 'id = "none"\nvalid_to = 2020-01-01T00:00:00Z'),
    )
    assert "+ rule 510100/none\n- rule" not in milder
    assert "- rule 510100/no-test" in milder
    first = next(line for line in milder.splitlines() if " of " in line)
    assert first.startswith("MILDER")
    assert "each comes to the same" in says("diff", CHENGDU, CHENGDU)


def test_layers_of_two_places_hold_at_no_gate() -> None:
    error = run("diff", CHENGDU, POLICIES / "33.toml", "--with", POLICIES / "31.toml").exception
    assert isinstance(error, SettingsError)
    assert "No gate stands in" in error.found


def test_simulate_counts_last_weeks_scans(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    now = datetime.now(UTC)
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(1, at=now - timedelta(days=30)))
        for seq in range(2, 41):
            ledger.append(an_entry(seq, at=now - timedelta(hours=1)))
    strict = tmp_path / "x.toml"
    strict.write_text(
        'layer = "city"\nplace = "330100"\nversion = "1"\n[colour]\nyellow = "REFUSE"\n'
    )
    said = says("simulate", strict, "--ledger", path)
    assert said.startswith("39 scans, ")
    assert "37 would have come to the same" in said
    assert "2 CHECK → REFUSE (colour_yellow)" in said
    assert "No scan was recorded" in says("simulate", strict, "--ledger", _empty(tmp_path))


def _empty(folder: Path) -> Path:
    path = folder / "empty.db"
    with Ledger.open(path, DEVICE_ID):
        return path
