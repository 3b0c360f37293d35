"""Entries taken out by two people, and what the ledger says of it."""

import csv
import json
import socket
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import load_gate_settings
from scanner.cli.demo.setup import deploy
from scanner.cli.gate import gate_options
from scanner.cli.main import app
from scanner.domain.entries import Entry, EntryType
from scanner.domain.errors import CheckpointError, GuardError, LedgerError
from scanner.domain.exports import Export, ExportFormat
from scanner.domain.guards import Person, Role
from scanner.gate.framing import receive
from scanner.gate.messages import CommandResult, ErrorCode, NoteExport, decode_event
from scanner.gate.server import Connection, KioskServer, Received
from scanner.gate.service import GateService
from scanner.guards.pins import seal_pin
from scanner.guards.roster import Roster, RosterGuard
from scanner.guards.roster_file import edit_roster
from scanner.issuing.keys import IssuerKey
from scanner.issuing.picture import qr_png
from scanner.ledger.store import Ledger
from scanner.ledger.verify import verify_log
from tests.ledger_builders import DEVICE_ID, a_log, an_entry

PINS = {"17": "4711", "18": "2580", "90": "9024"}
SEALED = {number: seal_pin(pin) for number, pin in PINS.items()}
PAIR = ("--by", "17", "--second", "90")
TYPED = f"{PINS['17']}\n{PINS['90']}\n"


class Site:
    """A gate's folder with a roster and a log of forty entries; no gate runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "gate.toml"
        self.settings.write_text('[paths]\nstate = "state"\nruntime = "run"\n', "utf-8")
        (folder / "state").mkdir()
        self.ledger = folder / "state" / "ledger.db"
        a_log(self.ledger, 40)
        roles = {"17": Role.GUARD, "18": Role.GUARD, "90": Role.SUPERVISOR}
        guards = tuple(RosterGuard(key, role, SEALED[key]) for key, role in roles.items())
        edit_roster(folder / "state" / "guards.json", lambda _: Roster(guards))

    def export(self, name: str, *options: str, typed: str = TYPED) -> Path:
        words = ["entries", "export", str(self.folder / name), "--settings", str(self.settings)]
        form = {"csv": "csv", "jsonl": "jsonl", "db": "sqlite"}[name.rpartition(".")[2]]
        if "--by" not in options:
            options = (*options, *PAIR)
        result = CliRunner().invoke(app, [*words, "--format", form, *options], input=typed)
        if isinstance(result.exception, CheckpointError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return self.folder / name

    def entries(self) -> list[Entry]:
        with Ledger.open(self.ledger, DEVICE_ID) as ledger:
            return ledger.latest(1000)

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()} - {"gate.toml", "state", "run"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_csv_has_a_row_an_entry_and_opens_in_a_spreadsheet(site: Site) -> None:
    with site.export("out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["seq"] for row in rows] == [str(seq) for seq in range(1, 41)]
    assert rows[19]["reasons"] == "colour_yellow"
    assert not {"sealed", "note", "subject", "subject_key"} & set(rows[0])


def test_json_lines_keep_what_was_recorded_but_what_only_the_hub_may_read(site: Site) -> None:
    lines = site.export("out.jsonl", "--pseudonyms").read_text("utf-8").splitlines()
    assert len(lines) == 40
    assert json.loads(lines[4])["subject"] == an_entry(5).subject
    assert "sealed" not in json.loads(lines[4])


def test_sqlite_has_typed_columns_and_explains_them(site: Site) -> None:
    db = sqlite3.connect(site.export("out.db"))
    assert db.execute("SELECT sum(code_age_s), count(*) FROM entries").fetchone() == (820, 40)
    (meaning,) = db.execute("SELECT meaning FROM columns WHERE name = 'code_age_s'").fetchone()
    assert meaning == "seconds since the issuer made the code."
    db.close()


def test_a_page_beside_it_explains_every_column_and_names_both_people(site: Site) -> None:
    with site.export("out.csv").open(encoding="utf-8-sig") as file:
        names = next(csv.reader(file))
    page = (site.folder / "out.csv.columns.md").read_text("utf-8")
    assert [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")] == names
    assert "out by 17 (guard), with 90 (supervisor)" in page


def test_the_ledger_tells_who_took_what(site: Site) -> None:
    site.export("out.csv", "--decision", "CHECK")
    told = site.entries()[-1]
    assert told.type is EntryType.EXPORT
    assert (told.by, told.role, told.second, told.second_role) == (
        "17", Role.GUARD, "90", Role.SUPERVISOR,
    )  # fmt: skip
    assert (told.export, told.first, told.last, told.count) == (ExportFormat.CSV, 20, 40, 2)
    assert verify_log(site.ledger).fault is None


@pytest.mark.parametrize(
    ("people", "typed", "why"),
    [
        (("--by", "17", "--second", "17"), "4711\n4711\n", "own second person"),
        (("--by", "17", "--second", "18"), "4711\n2580\n", "Neither of the two is a supervisor"),
        (("--by", "17", "--second", "90"), "4711\n4711\n", "not the PIN of 90"),
        (("--by", "17", "--second", "90"), "\n", "not the PIN of 17"),
        (("--by", "99", "--second", "90"), "9024\n9024\n", "not the PIN of 99"),
    ],
)
def test_without_two_people_of_whom_one_is_a_supervisor_nothing_is_taken(
    site: Site, people: tuple[str, ...], typed: str, why: str
) -> None:
    with pytest.raises(GuardError, match=why):
        site.export("out.csv", *people, typed=typed)
    assert site.files() == set()
    assert len(site.entries()) == 40


def test_without_a_roster_nothing_is_taken(site: Site) -> None:
    (site.folder / "state" / "guards.json").unlink()
    with pytest.raises(GuardError, match="there is no roster"):
        site.export("out.csv")


def test_what_cannot_be_recorded_is_not_taken(site: Site) -> None:
    with Ledger.open(site.ledger, DEVICE_ID), pytest.raises(LedgerError, match="Another gate"):
        site.export("out.csv")
    assert site.files() == set()


def test_nothing_is_replaced_and_an_empty_export_is_none(site: Site) -> None:
    (site.folder / "out.csv").write_text("mine")
    with pytest.raises(LedgerError, match="there already"):
        site.export("out.csv")
    with pytest.raises(LedgerError, match="No entry"):
        site.export("other.csv", "--since", "1m")
    assert site.files() == {"out.csv"}


def test_only_the_owner_may_read_an_export(site: Site) -> None:
    assert stat.S_IMODE(site.export("out.csv").stat().st_mode) == 0o600


def test_an_issuer_that_names_itself_a_formula_calculates_nothing(site: Site) -> None:
    with Ledger.open(site.ledger, DEVICE_ID) as ledger:
        ledger.append(an_entry(41, issuer='=HYPERLINK("http://evil.example")'))
    text = site.export("out.csv", "--since", "2026-11-23").read_text("utf-8")
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text


@contextmanager
def a_running_gate(folder: Path) -> Iterator[Path]:
    """A gate before a picture; gives its settings file."""
    deployment = deploy(folder, [IssuerKey.generate("33")], datetime.now(UTC))
    (folder / "poster.png").write_bytes(qr_png("a poster"))
    tree = load_gate_settings(deployment.gate_settings)
    tree.paths.state.mkdir(exist_ok=True)
    stop = threading.Event()
    with Ledger.open(tree.ledger, DEVICE_ID) as ledger:
        service = GateService(gate_options(tree, str(folder / "poster.png")), ledger)
        thread = threading.Thread(target=service.run, args=(stop,))
        thread.start()
        try:
            while not tree.socket.is_socket():
                stop.wait(0.01)
            yield deployment.gate_settings
        finally:
            stop.set()
            thread.join()
            deployment.remove_runtime()


def test_a_gate_that_runs_records_it_itself(site: Site, tmp_path: Path) -> None:
    with a_running_gate(tmp_path / "live") as settings:
        roster = (site.folder / "state" / "guards.json").read_bytes()
        (tmp_path / "live" / "gate" / "guards.json").write_bytes(roster)
        site.settings, site.ledger = settings, tmp_path / "live" / "gate" / "ledger.db"
        site.export("out.jsonl", "--type", "start")
    told = [entry for entry in site.entries() if entry.type is EntryType.EXPORT]
    assert [(entry.by, entry.second, entry.count) for entry in told] == [("17", "90", 1)]


@pytest.mark.parametrize(
    ("is_owner", "answer"), [(True, None), (False, ErrorCode.NOT_ALLOWED)], ids=["gate", "kiosk"]
)
def test_only_the_gates_own_user_is_believed_about_an_export(
    tmp_path: Path, is_owner: bool, answer: ErrorCode | None
) -> None:
    by, second = Person("17", Role.GUARD), Person("90", Role.SUPERVISOR)
    export = Export(form=ExportFormat.CSV, first=1, last=2, count=2, by=by, second=second)
    deployment = deploy(tmp_path, [IssuerKey.generate("33")], datetime.now(UTC))
    options = gate_options(load_gate_settings(deployment.gate_settings))
    ours, theirs = socket.socketpair()
    with Ledger.open(tmp_path / "ledger.db", DEVICE_ID) as ledger, theirs:
        service = GateService(options, ledger)
        sender = Connection(ours, lambda _: None, lambda _: None, is_owner=is_owner)
        sender.start([])
        server = KioskServer(options.socket, frozenset(), list)
        service._obey(Received(NoteExport(command=3, export=export), sender), server)
        assert answer_to(theirs, 3).error is answer
        assert len(ledger.latest(10)) == (1 if is_owner else 0)
        sender.close()
    deployment.remove_runtime()


def answer_to(kiosk: socket.socket, command: int) -> CommandResult:
    while True:
        body = receive(kiosk)
        assert body is not None
        event = decode_event(body)
        if isinstance(event, CommandResult) and event.command == command:
            return event
