"""The roster and its file."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.errors import GuardError
from scanner.domain.guards import Role
from scanner.file_lock import take_lock
from scanner.guards.roster import (
    MAX_BYTES,
    BadgeIssuer,
    Roster,
    RosterGuard,
    decode_roster,
    encode_roster,
)
from scanner.guards.roster_file import edit_roster, read_roster
from tests.unit.guards.test_pins import SEALED

GUARD = RosterGuard("07", Role.GUARD, SEALED)
CHIEF = RosterGuard("90", Role.SUPERVISOR, badges_from=datetime(2026, 11, 23, tzinfo=UTC))
ROSTER = Roster((GUARD, CHIEF), BadgeIssuer("east", bytes(range(32))))


def test_what_was_written_is_read() -> None:
    assert decode_roster(encode_roster(ROSTER), "guards.json") == ROSTER


def test_one_number_is_one_guard() -> None:
    promoted = RosterGuard("07", Role.SUPERVISOR)
    assert ROSTER.put(promoted).find("07") == promoted
    assert ROSTER.put(promoted).without("07").find("07") is None
    with pytest.raises(ValueError, match="two guards"):
        Roster((GUARD, GUARD))


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_be_refused(content: bytes) -> None:
    try:
        decode_roster(content, "guards.json")
    except GuardError:
        return
    assert content.strip().startswith(b"{")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"07"', b'"7"'),
        (b'"07"', b'"90"'),
        (b'"guard"', b'"chief"'),
        (b'"role"', b'"rolle"'),
        (b"m=7168", b"m=999999"),
        (b"T00:00:00Z", b"T00:00:00"),
        (b'"east"', b'""'),
        (b'"AAECA', b'"ECA'),
    ],
)
def test_a_roster_that_somebody_damaged_is_refused(old: bytes, new: bytes) -> None:
    content = encode_roster(ROSTER)
    assert old in content
    with pytest.raises(GuardError, match="no roster"):
        decode_roster(content.replace(old, new), "guards.json")


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "guards.json"
    path.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(GuardError, match="at most"):
        read_roster(path)


def test_no_file_is_no_roster_and_a_broken_one_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "guards.json"
    assert read_roster(path) is None
    path.write_text("")
    with pytest.raises(GuardError):
        read_roster(path)


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "guards.json"
    edit_roster(path, lambda roster: roster.put(GUARD))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_roster(path) == Roster((GUARD,))


def test_two_hands_do_not_change_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "guards.json"
    lock = take_lock(tmp_path / "guards.json.lock")
    with pytest.raises(GuardError, match="Somebody else"):
        edit_roster(path, lambda roster: roster.put(GUARD))
    os.close(lock)
    edit_roster(path, lambda roster: roster.put(GUARD))


def test_a_change_that_is_refused_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "guards.json"
    edit_roster(path, lambda roster: roster.put(GUARD))
    before = path.read_bytes()

    def refuse(_: Roster) -> Roster:
        raise GuardError("no")

    with pytest.raises(GuardError):
        edit_roster(path, refuse)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir() if ".json." in each.name] == [
        "guards.json.lock"
    ]
