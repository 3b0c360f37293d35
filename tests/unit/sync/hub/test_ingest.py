import gzip
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner.domain.errors import ProtocolError
from scanner.ledger.chain import MAX_LINE
from sync.hub.bodies import gunzip
from sync.hub.ingest import Push, read_locator, read_push, split_lines
from sync.hub.refusal import Refusal
from sync.protocol import MAX_ENTRIES, MAX_LINE_BYTES, ErrorCode, encode_bytes
from tests.sync_builders import Log, a_device

DEVICE = a_device()


def read(
    log: Log, after: int = 0, limit: int = 500, changes: Mapping[str, str] | None = None
) -> Push:
    outgoing = log.push_after(after, limit)
    headers = {name.lower(): value for name, value in outgoing.headers.items()}
    changed = {name.replace("_", "-"): value for name, value in (changes or {}).items()}
    key: Ed25519PublicKey = DEVICE.private_key.public_key()
    return read_push(DEVICE.device_id, key, {**headers, **changed}, gunzip(outgoing.body, 1 << 20))


def test_the_hub_computes_the_heads_that_the_gate_computed() -> None:
    log = Log(DEVICE).record(5)
    push = read(log, after=2)
    assert [(link.seq, link.line, link.head) for link in push.batch.links] == [
        (line.seq, line.line, line.head) for line in log.lines[2:]
    ]
    assert push.batch.last_head == log.last().head
    assert all(link.entry is not None for link in push.batch.links)


def test_an_empty_batch_is_a_heartbeat_at_the_end() -> None:
    log = Log(DEVICE).record(3)
    batch = read(log, after=3).batch
    assert (batch.links, batch.last_seq, batch.last_head) == ((), 3, log.last().head)


@pytest.mark.parametrize(
    "changes",
    [
        {"log_first": "0"},
        {"log_first": "2"},
        {"log_first": "-1"},
        {"log_first": "1e3"},
        {"log_first": "9" * 400},
        {"log_prev": encode_bytes(b"x" * 32)},
        {"log_prev": "x"},
        {"log_head": encode_bytes(b"x" * 32)},
        {"log_nonce": encode_bytes(b"m" * 16)},
        {"log_checkpoint": "AAAA"},
        {"log_checkpoint": "not base64"},
        {"log_backlog": "many"},
        {"log_sent_at": ""},
    ],
)
def test_headers_that_do_not_fit_the_lines_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ProtocolError):
        read(Log(DEVICE).record(3), changes=changes)


def test_a_checkpoint_for_another_place_is_refused() -> None:
    log = Log(DEVICE).record(3)
    earlier = log.push_after(0, 2).headers["Log-Checkpoint"]
    with pytest.raises(ProtocolError, match="another place"):
        read(log, changes={"log_checkpoint": earlier})


def test_a_checkpoint_of_another_device_is_refused() -> None:
    log = Log(DEVICE).record(3)
    foreign = Log(a_device(2))
    foreign.lines = log.lines
    with pytest.raises(ProtocolError, match="checkpoint"):
        read(log, changes={"log_checkpoint": foreign.push_after(0).headers["Log-Checkpoint"]})


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b'{"v":2,"seq":1,"at":"2026-11-23T12:00:00Z","boot":"","mono_ms":1,"type":"scan"}',
        b'{"v":1,"seq":9,"at":"2026-11-23T12:00:00Z","boot":"","mono_ms":1,"type":"scan"}',
        b'{"v":1,"seq":1,"at":"2026-11-23T12:00:00","boot":"","mono_ms":1,"type":"scan"}',
        b'{"v":1,"seq":1,"at":"2026-11-23T12:00:00Z","boot":"","mono_ms":1,"type":"party"}',
        b'{"v":1,"seq":1,"at":"0001-01-01T00:00:00+14:00","boot":"","mono_ms":1,"type":"scan"}',
        b'{"v":1,"seq":1,"at":"9999-12-31T23:59:59-14:00","boot":"","mono_ms":1,"type":"scan"}',
        b'"' + b"x" * MAX_LINE_BYTES + b'"',
        b"[" * 50_000,
    ],
)
def test_a_line_that_cannot_be_read_is_kept_as_it_is(line: bytes) -> None:
    log = Log(DEVICE)
    log.append(line)
    log.record(1)
    first, second = read(log).batch.links
    assert (first.line, first.entry) == (line, None)
    assert second.entry is not None


def test_the_longest_line_of_a_ledger_is_never_too_long_for_the_hub() -> None:
    assert MAX_LINE < MAX_LINE_BYTES


@pytest.mark.parametrize("seq", [-1, 10**15, 10**30])
def test_a_locator_names_numbers_that_a_log_can_have(seq: int) -> None:
    body = (
        f'{{"nonce":"{encode_bytes(bytes(16))}",'
        f'"have":[{{"seq":{seq},"head":"{encode_bytes(bytes(32))}"}}]}}'
    )
    with pytest.raises(ProtocolError, match="no log"):
        read_locator(DEVICE.device_id, body.encode())


def test_lines_have_ends_and_a_limit() -> None:
    assert split_lines(b"") == []
    assert split_lines(b"a\n\nb\n") == [b"a", b"", b"b"]
    with pytest.raises(ProtocolError):
        split_lines(b"a\nb")
    with pytest.raises(ProtocolError):
        split_lines(b"\n" * (MAX_ENTRIES + 1))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(gzip.compress(b"0" * 50_000_000), ErrorCode.TOO_LARGE, id="bomb"),
        pytest.param(gzip.compress(b"abc")[:-1], ErrorCode.BAD_BATCH, id="cut off"),
        pytest.param(gzip.compress(b"abc") + b"x", ErrorCode.BAD_BATCH, id="something behind it"),
        pytest.param(b"abc", ErrorCode.BAD_BATCH, id="no gzip"),
        pytest.param(b"", ErrorCode.BAD_BATCH, id="nothing"),
    ],
)
def test_gzip_is_one_whole_member_of_limited_size(data: bytes, code: ErrorCode) -> None:
    with pytest.raises(Refusal) as refusal:
        gunzip(data, 1000)
    assert refusal.value.code is code
