import shutil
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from scanner.cli.main import app
from scanner.domain.errors import LedgerError
from scanner.ledger.device import CREDENTIAL, Device, load_or_create_device
from scanner.ledger.outbox import OutboxPosition, save_outbox
from scanner.ledger.reader import LedgerReader
from scanner.log import FIELDS
from sync.hub.enrolment import make_token
from tests.ledger_builders import NOON
from tests.sync_builders import a_ledger, lines_at, served


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "gate.toml"
    file.write_text('[paths]\nstate = "state"\nruntime = "run"\n', "utf-8")
    (tmp_path / "state").mkdir()
    (tmp_path / "run").mkdir()
    return file


def checkpoint(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def a_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def handed_over(folder: Path, pem: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What systemd does for LoadCredential=."""
    folder.mkdir()
    (folder / CREDENTIAL).write_bytes(pem)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))


def test_a_key_that_others_can_read_is_closed_and_told_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "device.pem"
    made = load_or_create_device(path)
    path.chmod(0o644)
    assert load_or_create_device(path).device_id == made.device_id
    assert path.stat().st_mode & 0o777 == 0o600
    (record,) = caplog.records
    assert record.getMessage() == "device_key_was_open"
    assert vars(record)[FIELDS]["mode"] == "0644"


def test_a_credential_is_the_key_and_no_file_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_over(tmp_path / "credentials", a_pem(), monkeypatch)
    first = load_or_create_device(tmp_path / "device.pem")
    assert first.device_id == load_or_create_device(tmp_path / "device.pem").device_id
    assert not (tmp_path / "device.pem").exists()


def test_a_credential_beside_another_key_is_no_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_or_create_device(tmp_path / "device.pem")
    handed_over(tmp_path / "credentials", a_pem(), monkeypatch)
    with pytest.raises(LedgerError, match="another one"):
        load_or_create_device(tmp_path / "device.pem")


def test_a_damaged_credential_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_over(tmp_path / "credentials", b"no key", monkeypatch)
    with pytest.raises(LedgerError, match=CREDENTIAL):
        load_or_create_device(tmp_path / "device.pem")


@pytest.mark.skipif(shutil.which("systemd-creds") is None, reason="systemd-creds is not installed")
def test_the_commands_of_the_page_make_a_key_that_is_on_no_disk_in_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = tmp_path / "device-key.cred"
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519"], capture_output=True, check=True
    )
    name = f"--name={CREDENTIAL}"
    encrypt = ["systemd-creds", "encrypt", "--with-key=host", name, "-", str(sealed)]
    subprocess.run(encrypt, input=made.stdout, capture_output=True, check=True)
    assert made.stdout.splitlines()[1] not in sealed.read_bytes()
    opened = subprocess.run(
        ["systemd-creds", "decrypt", name, str(sealed), "-"], capture_output=True, check=True
    )
    handed_over(tmp_path / "credentials", opened.stdout, monkeypatch)
    assert load_or_create_device(tmp_path / "device.pem").device_id.startswith("d-")


def test_show_prints_the_public_half_only(settings: Path) -> None:
    device = load_or_create_device(settings.parent / "state" / "device.pem")
    told = checkpoint("device", "show", "--settings", settings)
    assert device.device_id in told
    assert device.public_bytes.hex() in told
    assert device.private_key.private_bytes_raw().hex() not in told


def test_entries_that_wait_keep_the_key_from_being_put_aside(settings: Path) -> None:
    state = settings.parent / "state"
    device = load_or_create_device(state / "device.pem")
    a_ledger(state / "ledger.db", device, 3)
    with pytest.raises(LedgerError, match="3 entries are not at the hub"):
        checkpoint("device", "rotate", "--settings", settings)
    assert load_or_create_device(state / "device.pem").device_id == device.device_id
    checkpoint("device", "rotate", "--settings", settings, "--anyway")
    aside = state / "retired" / device.device_id
    assert load_or_create_device(aside / "device.pem").device_id == device.device_id


def acknowledged(state: Path, device: Device) -> None:
    """The hub has every entry."""
    with LedgerReader(state / "ledger.db") as ledger:
        end = ledger.last()
    position = OutboxPosition(
        acked_seq=end.seq,
        acked_head=end.head.hex(),
        archived_seq=0,
        archived_head=device.public_bytes.hex(),
        at=NOON,
    )
    save_outbox(state / "outbox.json", position)


@pytest.mark.parametrize(
    ("steps", "all_sent"),
    [(0, True), (1, True), (2, True), (3, True), (0, False), (1, False), (2, False)],
)
def test_a_renewal_that_is_cut_off_at_any_step_is_finished_by_the_same_command(
    settings: Path, monkeypatch: pytest.MonkeyPatch, steps: int, *, all_sent: bool
) -> None:
    state = settings.parent / "state"
    device = load_or_create_device(state / "device.pem")
    a_ledger(state / "ledger.db", device, 3)
    (state / "enrolment.json").write_text("{}", "utf-8")
    if all_sent:
        acknowledged(state, device)
    arguments = ("device", "rotate", "--settings", settings, *(() if all_sent else ("--anyway",)))
    done: list[Path] = []
    with monkeypatch.context() as power:

        def moved(file: Path, target: Path) -> Path:
            if len(done) == steps:
                raise OSError("the power is cut")
            done.append(file)
            return Path(shutil.move(file, target))

        power.setattr(Path, "rename", moved)
        power.setattr(Path, "unlink", lambda file: moved(file, settings.parent / "gone"))
        with suppress(OSError):
            checkpoint(*arguments)
    assert len(done) == steps
    checkpoint(*arguments)
    aside = state / "retired" / device.device_id
    kept = {path.name for path in aside.iterdir()}
    assert {"ledger.db", "enrolment.json"} <= kept
    assert ("device.pem" in kept) is not all_sent
    assert sorted(path.name for path in state.iterdir()) == ["ledger.db.lock", "retired"]


def test_a_log_that_was_put_aside_is_never_replaced_by_the_next_one(
    settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when nobody made a new credential: the next log is the same device's."""
    handed_over(tmp_path / "credentials", a_pem(), monkeypatch)
    state = settings.parent / "state"
    device = load_or_create_device(state / "device.pem")
    for entries in (3, 2):
        a_ledger(state / "ledger.db", device, entries)
        checkpoint("device", "rotate", "--settings", settings, "--anyway")
        checkpoint("device", "rotate", "--settings", settings, "--anyway")
    counted = {}
    for folder in (state / "retired").iterdir():
        with LedgerReader(folder / "ledger.db") as ledger:
            counted[folder.name] = ledger.last().seq
    assert counted == {device.device_id: 3, f"{device.device_id}-2": 2}


def test_other_entries_under_the_numbers_that_the_hub_has_still_wait(settings: Path) -> None:
    """A restored backup wrote them anew: the number alone says nothing."""
    state = settings.parent / "state"
    device = load_or_create_device(state / "device.pem")
    a_ledger(state / "ledger.db", device, 3)
    acknowledged(state, device)
    (state / "ledger.db").unlink()
    (state / "ledger.db.id").unlink()
    a_ledger(state / "ledger.db", device, 3)
    with pytest.raises(LedgerError, match="3 entries are not at the hub"):
        checkpoint("device", "rotate", "--settings", settings)


def test_without_a_log_nothing_is_put_aside_and_no_key_is_made(settings: Path) -> None:
    with pytest.raises(LedgerError, match="no log"):
        checkpoint("device", "rotate", "--settings", settings)
    assert list((settings.parent / "state").iterdir()) == []


def test_a_renewed_key_is_a_new_gate_and_the_old_one_cannot_speak_any_more(tmp_path: Path) -> None:
    with served(tmp_path / "hub", []) as (hub, port):
        settings, state = tmp_path / "gate.toml", tmp_path / "state"
        (tmp_path / "run").mkdir()
        state.mkdir()
        settings.write_text(
            f'[paths]\nstate = "state"\nruntime = "run"\n[hub]\nurl = "http://127.0.0.1:{port}"\n',
            "utf-8",
        )

        def joined(entries: int) -> Device:
            token = make_token(hub.store, hub.keys, hub.clock(), timedelta(hours=1))
            checkpoint("sync", "enrol", "--token", token, "--settings", settings)
            device = load_or_create_device(state / "device.pem")
            a_ledger(state / "ledger.db", device, entries)
            checkpoint("sync", "--once", "--settings", settings)
            return device

        old = joined(3)
        checkpoint("device", "rotate", "--settings", settings)
        assert hub.store.retire(old.device_id, hub.clock())
        assert not (state / "device.pem").exists()
        new = joined(2)
        assert new.device_id != old.device_id
        assert len(lines_at(tmp_path / "hub" / "hub.db", old)) == 3
        assert len(lines_at(tmp_path / "hub" / "hub.db", new)) == 2
        row = hub.store.device(old.device_id)
        assert row is not None
        assert row.retired
        aside = sorted(path.name for path in (state / "retired" / old.device_id).iterdir())
        assert "ledger.db" in aside
        assert "device.pem" not in aside
