import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from sync.hub.bodies import gunzip
from sync.hub.ingest import read_push
from sync.hub.keys import SEALING_FILE, HubKeyError, load_or_create_keys
from sync.hub.store.base import Appended, StoreError, UnknownPredecessorError
from sync.hub.store.sqlite import SqliteStore
from sync.protocol import Notice
from tests.ledger_builders import NOON
from tests.sync_builders import Log, a_device, a_hub, lines_at, lines_of

DEVICE = a_device()


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    opened = a_hub(tmp_path, [DEVICE]).store
    assert isinstance(opened, SqliteStore)
    return opened


def append(store: SqliteStore, log: Log, after: int = 0, limit: int = 500) -> Appended:
    outgoing = log.push_after(after, limit)
    headers = {name.lower(): value for name, value in outgoing.headers.items()}
    body = gunzip(outgoing.body, 1 << 20)
    push = read_push(DEVICE.device_id, DEVICE.private_key.public_key(), headers, body)
    device = store.device(DEVICE.device_id)
    assert device is not None
    return store.append(device, push.batch, push.report, push.checkpoint, NOON)


def counts(done: Appended) -> tuple[int, int, int]:
    return done.written, done.duplicate, done.heads


def test_batches_follow_one_another(store: SqliteStore, tmp_path: Path) -> None:
    log = Log(DEVICE).record(5)
    assert counts(append(store, log, limit=3)) == (3, 0, 1)
    assert counts(append(store, log, after=3)) == (2, 0, 1)
    assert lines_at(tmp_path / "hub.db", DEVICE) == lines_of(log)


def test_a_repeated_batch_changes_nothing(store: SqliteStore, tmp_path: Path) -> None:
    log = Log(DEVICE).record(5)
    append(store, log)
    done = append(store, log, limit=3)
    assert counts(done) == (0, 3, 1)
    assert done.notices == ()
    assert lines_at(tmp_path / "hub.db", DEVICE) == lines_of(log)


def test_a_batch_that_overlaps_brings_only_what_is_new(store: SqliteStore) -> None:
    log = Log(DEVICE).record(5)
    append(store, log, limit=3)
    assert counts(append(store, log, after=1)) == (2, 2, 1)


def test_a_batch_without_its_predecessor_is_not_taken(store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(UnknownPredecessorError):
        append(store, Log(DEVICE).record(5), after=2)
    assert lines_at(tmp_path / "hub.db", DEVICE) == []


def test_a_restored_backup_becomes_a_branch_and_both_are_kept(
    store: SqliteStore, tmp_path: Path
) -> None:
    original = Log(DEVICE).record(5, "-a")
    append(store, original)
    restored = Log(DEVICE)
    restored.lines = original.lines[:3]
    assert append(store, restored, after=3).notices == (Notice.ROLLBACK,)
    restored.record(2, "-b")
    done = append(store, restored, after=3)
    assert counts(done) == (2, 0, 2)
    assert done.notices == (Notice.FORK,)
    assert counts(append(store, restored.record(1), after=5)) == (1, 0, 2)
    assert counts(append(store, original.record(1), after=5)) == (1, 0, 2)
    expected = {*lines_of(original), *lines_of(restored)}
    assert set(lines_at(tmp_path / "hub.db", DEVICE)) == expected
    assert len(expected) == 9


def test_a_wiped_gate_begins_a_new_log_beside_the_old_one(store: SqliteStore) -> None:
    append(store, Log(DEVICE).record(2))
    done = append(store, Log(DEVICE, nonce=b"m" * 16).record(2))
    assert counts(done) == (2, 0, 2)
    assert done.notices == (Notice.NEW_LOG,)


def test_a_gate_restored_to_before_its_first_entry_is_noticed(store: SqliteStore) -> None:
    append(store, Log(DEVICE).record(2, "-a"))
    assert append(store, Log(DEVICE)).notices == (Notice.ROLLBACK,)
    assert append(store, Log(DEVICE).record(2, "-b")).notices == (Notice.FORK,)


def test_an_unreadable_line_is_counted_and_in_quarantine(
    store: SqliteStore, tmp_path: Path
) -> None:
    log = Log(DEVICE).record(1)
    log.append(b"\xff not an entry")
    log.record(1)
    assert append(store, log).quarantined == 1
    with sqlite3.connect(tmp_path / "hub.db") as db:
        assert db.execute("SELECT seq, line FROM quarantine").fetchall() == [
            (2, b"\xff not an entry")
        ]
    (gate,) = store.gates()
    assert (gate.entries, gate.quarantined) == (3, 1)
    assert [row.readable for row in store.latest(9)] == [True, False, True]


def test_archived_follows_a_backup_and_never_passes_the_fork(
    store: SqliteStore, tmp_path: Path
) -> None:
    log = Log(DEVICE).record(4, "-a")
    assert append(store, log, limit=2).archived_seq == 0
    assert store.backup(tmp_path / "copy.db") == 1
    done = append(store, log, after=2)
    assert (done.archived_seq, done.archived_head) == (2, log.head_at(2))
    store.backup(tmp_path / "copy.db")
    restored = Log(DEVICE)
    restored.lines = log.lines[:3]
    assert append(store, restored.record(2, "-b"), after=3).archived_seq == 3
    assert lines_at(tmp_path / "copy.db", DEVICE) == lines_of(log)


def test_the_database_and_its_copies_are_the_owners_only(
    store: SqliteStore, tmp_path: Path
) -> None:
    append(store, Log(DEVICE).record(1))
    store.backup(tmp_path / "copy.db")
    files = [*tmp_path.glob("hub.db*"), *tmp_path.glob("copy.db*")]
    assert len(files) == 4, "the database, its two companions and the copy"
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_the_newest_known_place_is_found(store: SqliteStore) -> None:
    log = Log(DEVICE).record(6)
    append(store, log, limit=4)
    device = store.device(DEVICE.device_id)
    assert device is not None
    places = [(line.seq, line.head) for line in log.lines]
    assert store.newest_known(device, places) == places[3]
    assert store.newest_known(device, [(4, b"x" * 32)]) is None


def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "hub.db") as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="schema 99"):
        SqliteStore(tmp_path / "hub.db")


def test_two_first_starts_at_once_make_one_database(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: SqliteStore(tmp_path / "hub.db"), range(4)))
    stores[0].add_token(b"t" * 32, NOON, NOON)
    for opened in stores:
        opened.close()


def test_the_hubs_keys_are_made_once_and_private(tmp_path: Path) -> None:
    first = load_or_create_keys(tmp_path)
    again = load_or_create_keys(tmp_path)
    assert first.signing_public == again.signing_public
    assert first.sealing_public == again.sealing_public
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.pem")} == {0o600}


def test_a_lost_sealing_key_is_not_quietly_replaced(tmp_path: Path) -> None:
    load_or_create_keys(tmp_path)
    (tmp_path / SEALING_FILE).unlink()
    with pytest.raises(HubKeyError, match="missing"):
        load_or_create_keys(tmp_path)
    assert not (tmp_path / SEALING_FILE).exists()


def test_a_token_is_good_for_one_gate_and_for_its_time(store: SqliteStore) -> None:
    def enrol(number: int, late: timedelta) -> bool:
        other = a_device(number)
        return store.enrol(b"t" * 32, other.device_id, other.public_bytes, ("", ""), NOON + late)

    store.add_token(b"t" * 32, NOON, NOON + timedelta(hours=1))
    assert not enrol(2, timedelta(hours=2))
    assert enrol(2, timedelta(minutes=1))
    assert enrol(2, timedelta(minutes=2)), "its answer was lost: the same gate may ask again"
    assert not enrol(3, timedelta(minutes=3))


def test_a_retired_gate_comes_back_by_a_new_token_only(store: SqliteStore) -> None:
    def enrol(token: bytes) -> bool:
        return store.enrol(token, DEVICE.device_id, DEVICE.public_bytes, ("", ""), NOON)

    def is_retired() -> bool:
        device = store.device(DEVICE.device_id)
        assert device is not None
        return device.retired

    for token in (b"1" * 32, b"2" * 32):
        store.add_token(token, NOON, NOON + timedelta(hours=1))
    assert enrol(b"1" * 32)
    assert store.retire(DEVICE.device_id, NOON)
    assert not enrol(b"1" * 32)
    assert is_retired()
    assert enrol(b"2" * 32)
    assert not is_retired()
