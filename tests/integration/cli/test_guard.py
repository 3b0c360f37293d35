"""`checkpoint guard`: the roster as its operators change it."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from typer.testing import CliRunner

from scanner.cli.main import app
from scanner.domain.errors import GuardError
from scanner.domain.guards import Role
from scanner.formats.guard_badge import Badge, read_badge
from scanner.guards.pins import fits
from scanner.guards.roster import Roster
from scanner.guards.roster_file import read_roster


class Operator:
    """Somebody at the gate's terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "gate.toml"
        self.settings.write_text(
            '[site]\nid = "east"\n[paths]\nstate = "state"\nruntime = "run"\n', "utf-8"
        )
        (folder / "state").mkdir()

    def runs(self, *arguments: str | Path, typed: str = "") -> str:
        words = ["guard", *map(str, arguments), "--settings", str(self.settings)]
        result = CliRunner().invoke(app, words, input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    @property
    def roster(self) -> Roster:
        roster = read_roster(self.folder / "state" / "guards.json")
        assert roster is not None
        return roster


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


def test_a_guard_is_added_with_a_pin_that_is_kept_sealed(operator: Operator) -> None:
    said = operator.runs("add", "07", typed="4711\n")
    guard = operator.roster.find("07")
    assert guard is not None
    assert guard.role is Role.GUARD
    assert fits("4711", guard.pin)
    file = operator.folder / "state" / "guards.json"
    assert "4711" not in file.read_text("utf-8") + said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("pin", ["1234", "0000", "471", "", "abcd"])
def test_a_weak_pin_changes_nothing(operator: Operator, pin: str) -> None:
    with pytest.raises(GuardError, match="refused"):
        operator.runs("add", "07", typed=f"{pin}\n")
    assert not (operator.folder / "state" / "guards.json").exists()


def test_a_number_is_given_out_once(operator: Operator) -> None:
    operator.runs("add", "07", typed="4711\n")
    with pytest.raises(GuardError, match="already"):
        operator.runs("add", "07", "--role", "supervisor", typed="8265\n")
    assert operator.roster.guards[0].role is Role.GUARD


def test_a_pin_is_changed_and_a_guard_is_removed(operator: Operator) -> None:
    operator.runs("add", "07", typed="4711\n")
    operator.runs("pin", "07", typed="8265\n")
    guard = operator.roster.find("07")
    assert guard is not None
    assert fits("8265", guard.pin)
    operator.runs("remove", "07")
    assert operator.roster.find("07") is None


@pytest.mark.parametrize("command", ["remove", "pin", "badge"])
def test_nobody_is_changed_who_is_not_there(operator: Operator, command: str) -> None:
    with pytest.raises(GuardError, match="not on the roster"):
        operator.runs(command, "07", typed="4711\n")


def test_the_list_says_what_is_missing(operator: Operator) -> None:
    assert "no roster" in operator.runs("list")
    operator.runs("add", "07", "--no-pin")
    said = operator.runs("list")
    assert "no PIN" in said
    assert "no badge key" in said
    assert "No supervisor has a PIN" in said
    operator.runs("add", "90", "--role", "supervisor", typed="8265\n")
    assert "No supervisor" not in operator.runs("list")


def test_a_badge_is_printed_and_read(operator: Operator) -> None:
    operator.runs("add", "07", typed="4711\n")
    key, png = operator.folder / "badge-key.pem", operator.folder / "07.png"
    operator.runs("badge-key", "--key", key)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    operator.runs("badge", "07", "--key", key, "--png", png)
    assert stat.S_IMODE(png.stat().st_mode) == 0o600
    picture = cv2.imdecode(np.frombuffer(png.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    (code,) = zxingcpp.read_barcodes(picture)
    issuer = operator.roster.badges
    assert issuer is not None
    public = Ed25519PublicKey.from_public_bytes(issuer.key)
    read = read_badge(code.text, "east", public, datetime.now(UTC))
    assert isinstance(read, Badge)
    assert (read.guard, read.role) == ("07", Role.GUARD)


def test_one_badge_key_serves_every_gate_of_a_site(operator: Operator, tmp_path: Path) -> None:
    operator.runs("badge-key", "--key", operator.folder / "badge-key.pem")
    issuer = operator.roster.badges
    assert issuer is not None
    (tmp_path / "west").mkdir()
    second = Operator(tmp_path / "west")
    second.runs("badge-key", "--public", issuer.key.hex())
    assert second.roster.badges == issuer


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 32, "01" + "00" * 31])
def test_a_key_that_anybody_can_sign_for_is_not_trusted(operator: Operator, text: str) -> None:
    with pytest.raises(GuardError, match="no public badge key"):
        operator.runs("badge-key", "--public", text)


def test_a_badge_by_a_key_that_is_not_trusted_is_not_made(operator: Operator) -> None:
    operator.runs("add", "07", typed="4711\n")
    with pytest.raises(GuardError, match="There is no badge key"):
        operator.runs("badge", "07", "--key", operator.folder / "badge-key.pem")
    operator.runs("badge-key", "--key", operator.folder / "old.pem")
    operator.runs("badge-key", "--key", operator.folder / "new.pem")
    with pytest.raises(GuardError, match="does not trust"):
        operator.runs("badge", "07", "--key", operator.folder / "old.pem")


def test_a_badge_that_replaces_others_ends_them(operator: Operator) -> None:
    operator.runs("add", "07", typed="4711\n")
    key = operator.folder / "badge-key.pem"
    operator.runs("badge-key", "--key", key)
    assert operator.runs("badge", "07", "--key", key, "--text").startswith("CPB1:")
    before = datetime.now(UTC)
    operator.runs("badge", "07", "--key", key, "--replaces", "--text")
    guard = operator.roster.find("07")
    assert guard is not None
    assert guard.badges_from is not None
    assert before - timedelta(seconds=1) <= guard.badges_from <= datetime.now(UTC)


def test_a_badge_in_the_terminal_is_a_code(operator: Operator) -> None:
    operator.runs("add", "07", typed="4711\n")
    key = operator.folder / "badge-key.pem"
    operator.runs("badge-key", "--key", key)
    assert "▀" in operator.runs("badge", "07", "--key", key)
