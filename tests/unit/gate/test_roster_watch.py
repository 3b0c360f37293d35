"""The roster's file while the gate runs."""

from pathlib import Path

from scanner.domain.guards import Role
from scanner.gate.roster_watch import RosterWatch
from scanner.guards.roster import Roster, RosterGuard
from scanner.guards.roster_file import edit_roster

GUARD = RosterGuard("07", Role.GUARD)


def test_no_file_is_no_roster(tmp_path: Path) -> None:
    watch = RosterWatch(tmp_path / "guards.json")
    assert (watch.roster, watch.is_damaged) == (None, False)
    assert not watch.refresh()


def test_a_change_counts_at_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "guards.json"
    watch = RosterWatch(path)
    edit_roster(path, lambda roster: roster.put(GUARD))
    assert watch.refresh()
    assert watch.roster == Roster((GUARD,))
    assert not watch.refresh()
    edit_roster(path, lambda roster: roster.without("07"))
    assert watch.refresh()
    assert watch.roster == Roster()


def test_a_file_that_somebody_damaged_counts_as_no_guards_and_heals(tmp_path: Path) -> None:
    path = tmp_path / "guards.json"
    edit_roster(path, lambda roster: roster.put(GUARD))
    watch = RosterWatch(path)
    good = path.read_bytes()
    path.write_bytes(good[:-5])
    assert watch.refresh()
    assert (watch.roster, watch.is_damaged) == (None, True)
    assert not watch.refresh()
    path.write_bytes(good)
    assert watch.refresh()
    assert (watch.roster, watch.is_damaged) == (Roster((GUARD,)), False)
