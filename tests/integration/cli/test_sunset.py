"""A gate erases itself: what goes, in which order, what the hub keeps, and after a cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from errno import EROFS
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import GateSettings, load_gate_settings
from scanner.cli import sunset_plan
from scanner.cli.demo.setup import Deployment, deploy
from scanner.cli.gate import run_gate
from scanner.cli.main import app
from scanner.domain.errors import CheckpointError, LedgerError, ProtocolError
from scanner.issuing.keys import IssuerKey
from scanner.ledger.checkpoint import verify_cosignature
from scanner.ledger.device import Device, load_or_create_device
from scanner.ledger.outbox import OutboxPosition, save_outbox
from scanner.ledger.pseudonym import DailyKey
from scanner.ledger.reader import LedgerReader
from scanner.ledger.store import Ledger
from scanner.ledger.sunset import verify_certificate
from sync.agent.enrolment import ENROLMENT_FILE, Enrolment, save_enrolment
from sync.hub.service import Hub
from sync.protocol import encode_bytes
from tests.ledger_builders import NOON
from tests.sync_builders import a_ledger, served

SECRET = b"what a guard would rather not see again"


class Gate:
    """A deployment that was in use: twenty entries, acknowledged, and all kinds of files."""

    def __init__(self, folder: Path) -> None:
        self.deployment: Deployment = deploy(folder, [IssuerKey.generate("33")], datetime.now(UTC))
        self.tree: GateSettings = load_gate_settings(self.deployment.gate_settings)
        state, runtime = self.tree.paths.state, self.tree.paths.runtime
        self.device: Device = load_or_create_device(self.tree.device_key)
        self.id = self.device.device_id
        self.file = folder / "last-word"
        a_ledger(self.tree.ledger, self.device, 20)
        DailyKey.load(runtime, NOON.date())
        for name in (
            "guards.json",
            "gate.log",
            "ledger.db.rescue",
            "checkpoints.jsonl",
            "site.key",
        ):
            (state / name).write_bytes(SECRET)
        for aside in ("retired", "damaged"):
            (state / aside / "one").mkdir(parents=True)
            (state / aside / "one" / "ledger.db").write_bytes(SECRET)
        (state / "holiday.jpg").write_bytes(b"mine")
        self.acknowledge(20)

    def acknowledge(self, seq: int) -> None:
        with LedgerReader(self.tree.ledger) as reader:
            head = (reader.head_at(seq) or b"").hex()
        save_outbox(
            self.tree.outbox,
            OutboxPosition(
                acked_seq=seq, acked_head=head, archived_seq=0, archived_head="00" * 32, at=NOON
            ),
        )

    def sunset(self, *options: str, typed: str | None = None) -> str:
        words = ["sunset", "--settings", str(self.deployment.gate_settings)]
        words += ["--certificate", str(self.file), *options]
        typed = f"{self.id}\nERASE EVERYTHING\n" if typed is None else typed
        result = CliRunner().invoke(app, words, input=typed)
        if isinstance(result.exception, CheckpointError):
            raise result.exception
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def left(self) -> set[str]:
        folders = (self.tree.paths.state, self.tree.paths.runtime, self.tree.trust.folder)
        return {path.name for folder in folders for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path)
    yield gate
    gate.deployment.remove_runtime()


def test_without_a_word_it_only_tells_what_would_go(gate: Gate) -> None:
    before = gate.left()
    said = gate.sunset(typed="")
    assert gate.left() == before
    for name in ("ledger.db", "guards.json", "daily-key-", "outbox.json", "ledger.db.rescue"):
        assert name in said
    assert "stays: " in said
    assert "holiday.jpg" in said


def test_everything_of_the_gate_goes_and_nothing_else(gate: Gate) -> None:
    gate.sunset("--erase")
    assert gate.left() == {"holiday.jpg"}
    assert not [path for path in gate.tree.paths.state.iterdir() if path.is_dir()]
    end = verify_certificate(gate.file.read_text("utf-8"), gate.device.private_key.public_key())
    assert (end.end.seq, end.acked_seq, end.device_id) == (20, 20, gate.id)


@pytest.mark.parametrize("typed", ["d-0\n", "{id}\nerase everything\n", "{id}\nyes\n"])
def test_two_things_have_to_be_typed_rightly(gate: Gate, typed: str) -> None:
    before = gate.left()
    with pytest.raises(LedgerError, match=r"not this gate|Not confirmed"):
        gate.sunset("--erase", typed=typed.format(id=gate.id))
    assert gate.left() == before


def test_entries_that_the_hub_does_not_have_are_lost_only_on_request(gate: Gate) -> None:
    gate.acknowledge(15)
    with pytest.raises(LedgerError, match="5 entries are not at the hub"):
        gate.sunset("--erase")
    gate.sunset("--erase", "--anyway")
    end = verify_certificate(gate.file.read_text("utf-8"), gate.device.private_key.public_key())
    assert (end.end.seq, end.acked_seq) == (20, 15)


def test_a_gate_that_runs_is_not_erased(gate: Gate) -> None:
    with Ledger.open(gate.tree.ledger, gate.id), pytest.raises(LedgerError, match="gate runs"):
        gate.sunset("--erase")


def test_files_are_overwritten_before_they_go(gate: Gate) -> None:
    kept = gate.tree.paths.state.parent / "another-name"
    kept.hardlink_to(gate.tree.ledger)
    size = kept.stat().st_size
    gate.sunset("--erase")
    assert kept.read_bytes() == bytes(size)


@pytest.mark.parametrize("after", [0, 1, 5, 11])
def test_cut_off_anywhere_the_same_command_goes_on_and_no_gate_starts(
    gate: Gate, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = Cut(after)
    monkeypatch.setattr("scanner.cli.sunset.erase", cut)
    with pytest.raises(LedgerError, match="run the same command again"):
        gate.sunset("--erase")
    monkeypatch.undo()
    assert {"device.pem", "sunset.json"} <= gate.left()
    with pytest.raises(LedgerError, match="sunset of this gate was begun"):
        run_gate(gate.deployment.gate_settings, None, once=True)
    gate.sunset("--erase", typed="")
    assert gate.left() == {"holiday.jpg"}
    end = verify_certificate(gate.file.read_text("utf-8"), gate.device.private_key.public_key())
    assert end.end.seq == 20


class Cut:
    """The card takes nothing more after so many files."""

    def __init__(self, after: int) -> None:
        self.after = after

    def __call__(self, path: Path) -> None:
        if not self.after:
            raise OSError(EROFS, "Read-only file system", str(path))
        self.after -= 1
        sunset_plan.erase(path)


def test_cut_off_behind_the_key_only_the_marker_is_left_to_go(gate: Gate) -> None:
    gate.sunset("--erase")
    facts = sunset_plan.Begun(gate.id, 20, "00" * 32, 20, 1, NOON)
    sunset_plan.begin(gate.tree, facts)
    assert "gone already" in gate.sunset("--erase", typed="")
    assert gate.left() == {"holiday.jpg"}


@contextmanager
def enrolled(gate: Gate, folder: Path) -> Iterator[Hub]:
    with served(folder / "served", [gate.device]) as (hub, port):
        keys = hub.keys
        enrolment = Enrolment(
            device=gate.id,
            hub=keys.name,
            signing_key=encode_bytes(keys.signing_public),
            sealing_key=encode_bytes(keys.sealing_public),
            enrolled_at=NOON,
        )
        save_enrolment(enrolment, gate.tree.paths.state / ENROLMENT_FILE, gate.tree.sealing_key)
        settings = gate.deployment.gate_settings
        text = settings.read_text("utf-8").replace(f":{gate.deployment.port}", f":{port}")
        settings.write_text(text, "utf-8")
        yield hub


def test_the_hub_keeps_the_certificate_and_says_so_by_its_signature(
    gate: Gate, tmp_path: Path
) -> None:
    with enrolled(gate, tmp_path) as hub:
        assert "The hub keeps the certificate" in gate.sunset("--erase")
        ((device, _, kept),) = hub.store.sunsets()
        (row,) = hub.store.gates()
        known = hub.store.device(gate.id)
    assert (device, kept) == (gate.id, gate.file.read_text("utf-8"))
    verify_cosignature(kept, hub.keys.name, hub.keys.signing.public_key())
    assert row.erased_at is not None
    assert known is not None
    assert known.retired


def test_without_a_network_the_file_is_brought_to_the_hub(gate: Gate, tmp_path: Path) -> None:
    settings = tmp_path / "served" / "hub.toml"
    with enrolled(gate, tmp_path):
        pass
    assert "Bring" in gate.sunset("--erase")
    settings.write_text('state = "."\n', "utf-8")
    words = ["hub", "sunset", "--settings", str(settings)]
    said = CliRunner().invoke(app, [*words, str(gate.file)])
    assert gate.id in said.output, said.exception
    assert "/sunset" in CliRunner().invoke(app, words).output


def test_a_certificate_that_the_gate_did_not_sign_is_not_kept(gate: Gate, tmp_path: Path) -> None:
    with enrolled(gate, tmp_path):
        pass
    gate.sunset("--erase")
    gate.file.write_text(gate.file.read_text("utf-8").replace("\n20\n", "\n21\n"), "utf-8")
    (tmp_path / "served" / "hub.toml").write_text('state = "."\n', "utf-8")
    words = ["hub", "sunset", "--settings", str(tmp_path / "served" / "hub.toml")]
    result = CliRunner().invoke(app, [*words, str(gate.file)])
    assert isinstance(result.exception, ProtocolError)
