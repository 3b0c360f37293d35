import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scanner.domain.errors import LedgerError
from scanner.durable_files import replace_file
from scanner.ledger.device import device_id_of, load_or_create_device
from scanner.ledger.outbox import OutboxPosition, load_outbox, save_outbox
from scanner.ledger.position import Position
from scanner.ledger.sync_status import SyncStatus, load_sync_status, save_sync_status

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
OUTBOX = OutboxPosition(
    acked_seq=9, acked_head="ab" * 32, archived_seq=4, archived_head="cd" * 32, at=NOW
)


def test_a_device_keeps_its_key_and_its_name(tmp_path: Path) -> None:
    path = tmp_path / "device.pem"
    first, second = load_or_create_device(path), load_or_create_device(path)
    assert first.public_bytes == second.public_bytes
    assert first.device_id == device_id_of(first.public_bytes)
    assert len(first.device_id) == 18
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    path = tmp_path / "device.pem"
    with ThreadPoolExecutor(8) as pool:
        devices = list(pool.map(load_or_create_device, [path] * 8))
    assert len({device.device_id for device in devices}) == 1
    assert [found.name for found in tmp_path.iterdir()] == ["device.pem"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        X25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
    ],
    ids=["empty", "damaged", "of another kind"],
)
def test_a_damaged_device_key_is_reported_and_never_replaced(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "device.pem"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="Restore it from a backup"):
        load_or_create_device(path)
    assert path.read_bytes() == content


def test_a_device_key_without_a_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="folder exists"):
        load_or_create_device(tmp_path / "absent" / "device.pem")


def test_the_outbox_position_reads_back(tmp_path: Path) -> None:
    save_outbox(tmp_path / "outbox.json", OUTBOX)
    loaded = load_outbox(tmp_path / "outbox.json")
    assert loaded == OUTBOX
    assert loaded.acked == Position(9, b"\xab" * 32)
    assert loaded.archived == Position(4, b"\xcd" * 32)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"x":' + b"[" * 100_000,
        b'{"acked_seq":-1}',
        b'{"acked_seq":1,"acked_head":"xy"}',
    ],
)
def test_a_damaged_outbox_position_counts_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "outbox.json").write_bytes(content)
    assert load_outbox(tmp_path / "outbox.json") is None


def test_before_the_first_sync_there_is_no_outbox_position(tmp_path: Path) -> None:
    assert load_outbox(tmp_path / "outbox.json") is None


def test_an_outbox_position_that_cannot_be_saved_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be written"):
        save_outbox(tmp_path / "absent" / "outbox.json", OUTBOX)


def test_a_failed_replacement_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_file(tmp_path / "taken", b"new")
    assert [found.name for found in tmp_path.iterdir()] == ["taken"]


def test_the_sync_status_reads_back_and_none_is_none(tmp_path: Path) -> None:
    path = tmp_path / "sync-status.json"
    assert load_sync_status(path) is None
    status = SyncStatus(at=NOW, state="backoff", queue=3, last_ok=NOW, detail="timeout")
    save_sync_status(path, status)
    assert load_sync_status(path) == status
    path.write_bytes(b"half of i")
    assert load_sync_status(path) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("at", '"2026-11-23T08:00:00"'),
        ("last_ok", '"2026-11-23T08:00:00"'),
        ("trust", '{"checked_at":"2026-11-23T08:00:00"}'),
        ("hub_time", '{"boot":"b","up_ms":1,"at":"2026-11-23T08:00:00","error_ms":1}'),
        (
            "hub_time",
            f'{{"boot":"b","up_ms":1{"0" * 400},"at":"2026-11-23T08:00:00Z","error_ms":1}}',
        ),
        ("hub_time", '{"boot":"b","up_ms":-1,"at":"2026-11-23T08:00:00Z","error_ms":1}'),
    ],
)
def test_a_sync_status_that_no_time_can_be_reckoned_with_is_none(
    tmp_path: Path, key: str, value: str
) -> None:
    path = tmp_path / "sync-status.json"
    whole = {"at": '"2026-11-23T08:00:00Z"', "state": '"idle"', "queue": "0"}
    path.write_text(",".join(f'"{k}":{v}' for k, v in whole.items()).join("{}"), "utf-8")
    assert load_sync_status(path) is not None
    whole[key] = value
    path.write_text(",".join(f'"{k}":{v}' for k, v in whole.items()).join("{}"), "utf-8")
    assert load_sync_status(path) is None
