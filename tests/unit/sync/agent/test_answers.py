from datetime import date

import msgspec
import pytest

from scanner.domain.trace import TraceKey
from scanner.ledger.checkpoint import cosign, make_checkpoint
from scanner.ledger.position import Position
from sync.agent.answers import HubIdentity, Sent, read_locate_answer, read_push_answer
from sync.agent.machine import (
    Acked,
    ClockWrong,
    Condition,
    Event,
    Located,
    Measured,
    PredecessorUnknown,
    TooLarge,
    Trouble,
)
from sync.protocol import (
    Cursor,
    ErrorCode,
    ErrorReply,
    LocateReply,
    PushReply,
    encode_bytes,
    time_text,
)
from tests.ledger_builders import NOON
from tests.sync_builders import a_device, an_answer

DEVICE = a_device()
HUB_KEY = a_device(9).private_key
HUB = HubIdentity("hub-test", HUB_KEY.public_key())
END = Position(7, b"e" * 32)
SENT = Sent(END, queue=2)
TOLD_MS = 1_795_435_200_000
NONCE = "0123456789abcdefghijkl"
PORTAL = b"<html>Welcome to HotelNet, please log in</html>"


def a_note(position: Position = END, name: str = "hub-test") -> str:
    return cosign(make_checkpoint(DEVICE, position, NOON), name, HUB_KEY)


def a_reply(
    acked: Position = END,
    archived: Position = END,
    checkpoint: str | None = None,
    time_signature: str = "",
) -> bytes:
    return msgspec.json.encode(
        PushReply(
            acked=Cursor(acked.seq, encode_bytes(acked.head)),
            archived=Cursor(archived.seq, encode_bytes(archived.head)),
            written=1,
            duplicate=0,
            quarantined=0,
            heads=1,
            server_time=TOLD_MS,
            next_sync_s=60,
            linger_s=1,
            checkpoint=a_note() if checkpoint is None else checkpoint,
            time_signature=time_signature,
        )
    )


def read(status: int, body: bytes, *, from_hub: bool = True, **headers: str) -> Event:
    answer = an_answer(
        status,
        body,
        from_hub=from_hub,
        headers={k.replace("_", "-"): v for k, v in headers.items()},
    )
    return read_push_answer(answer, SENT, DEVICE.private_key.public_key(), HUB)


def an_error(code: ErrorCode, server_time: int = 0) -> bytes:
    return msgspec.json.encode(ErrorReply(code, server_time))


def test_an_acknowledgement_with_the_hubs_signature_counts() -> None:
    event = read(200, a_reply())
    assert isinstance(event, Acked)
    assert (event.position, event.queue) == (END, 2)


def signed_time(nonce: str = NONCE, told_ms: int = TOLD_MS, number: int = 9) -> str:
    return encode_bytes(a_device(number).private_key.sign(time_text(nonce, told_ms)))


def test_the_hubs_signed_time_is_good_to_half_of_the_round_trip() -> None:
    event = read(200, a_reply(time_signature=signed_time()))
    assert isinstance(event, Acked)
    assert event.measured == Measured(up_ms=61_000, at_ms=TOLD_MS, error_ms=1002)


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param("", id="not signed"),
        pytest.param("AAAA", id="too short"),
        pytest.param(signed_time(nonce="another-nonce-000000"), id="from another exchange"),
        pytest.param(signed_time(told_ms=TOLD_MS + 1), id="of another time"),
        pytest.param(signed_time(number=8), id="by another hub"),
    ],
)
def test_a_time_that_the_hub_did_not_sign_for_this_exchange_is_not_taken(signature: str) -> None:
    """The acknowledgement has a signature of its own and counts all the same."""
    event = read(200, a_reply(time_signature=signature))
    assert isinstance(event, Acked)
    assert event.measured is None


def with_field(name: str, value: object) -> bytes:
    """A hub's answer with a field set, or left out where it is None."""
    reply = msgspec.json.decode(a_reply())
    reply.pop(name, None)
    return msgspec.json.encode(reply if value is None else {**reply, name: value})


def test_a_hub_of_before_gives_no_trace_keys_and_acknowledges_all_the_same() -> None:
    event = read(200, with_field("trace_keys", None))
    assert isinstance(event, Acked)
    assert event.trace_keys == ()


def test_a_gate_of_before_reads_an_answer_with_fields_that_it_does_not_know() -> None:
    assert isinstance(read(200, with_field("keys_of_a_later_version", [1])), Acked)


def test_the_hubs_trace_keys_are_told() -> None:
    given = [{"day": "2026-11-23", "key": encode_bytes(b"k" * 32)}]
    event = read(200, with_field("trace_keys", given))
    assert isinstance(event, Acked)
    assert event.trace_keys == (TraceKey(date(2026, 11, 23), b"k" * 32),)


def test_a_trace_key_that_is_none_costs_the_keys_and_no_acknowledgement() -> None:
    event = read(200, with_field("trace_keys", [{"day": "2026-11-23", "key": "?" * 43}]))
    assert isinstance(event, Acked)
    assert event.trace_keys == ()


def test_a_hub_that_was_never_backed_up_acknowledges_all_the_same() -> None:
    event = read(200, a_reply(archived=Position(0, b"g" * 32)))
    assert isinstance(event, Acked)
    assert event.archived.seq == 0


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{}", id="no reply"),
        pytest.param(a_reply(acked=Position(8, b"e" * 32)), id="more than was sent"),
        pytest.param(a_reply(acked=Position(7, b"x" * 32)), id="another head"),
        pytest.param(a_reply(archived=Position(8, b"e" * 32)), id="archived beyond acknowledged"),
        pytest.param(a_reply(archived=Position(-1, b"e" * 32)), id="archived before the first"),
        pytest.param(
            a_reply(checkpoint=make_checkpoint(DEVICE, END, NOON)), id="not countersigned"
        ),
        pytest.param(a_reply(checkpoint=a_note(Position(6, b"d" * 32))), id="older checkpoint"),
        pytest.param(a_reply(checkpoint=a_note(name="hub-other")), id="another hub"),
    ],
)
def test_an_acknowledgement_that_does_not_hold_acknowledges_nothing(body: bytes) -> None:
    assert read(200, body) == Trouble(Condition.REJECTED)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (200, Trouble(Condition.CAPTIVE)),
        (302, Trouble(Condition.CAPTIVE)),
        (401, Trouble(Condition.CAPTIVE)),
        (404, Trouble(Condition.CAPTIVE)),
        (511, Trouble(Condition.CAPTIVE)),
        (413, TooLarge()),
        (502, Trouble(Condition.UNAVAILABLE)),
    ],
)
def test_what_does_not_repeat_our_nonce_is_not_the_hub(status: int, event: Event) -> None:
    assert read(status, PORTAL, from_hub=False) == event


@pytest.mark.parametrize(
    ("status", "code", "event"),
    [
        (400, ErrorCode.BAD_BATCH, Trouble(Condition.REJECTED)),
        (401, ErrorCode.IDENTITY, Trouble(Condition.REFUSED)),
        (403, ErrorCode.TOKEN, Trouble(Condition.REFUSED)),
        (404, ErrorCode.NOT_FOUND, Trouble(Condition.REFUSED)),
        (408, ErrorCode.TOO_SLOW, Trouble(Condition.UNAVAILABLE)),
        (409, ErrorCode.UNKNOWN_PREDECESSOR, PredecessorUnknown()),
        (410, ErrorCode.RETIRED, Trouble(Condition.RETIRED)),
        (413, ErrorCode.TOO_LARGE, TooLarge()),
        (415, ErrorCode.UNSUPPORTED, Trouble(Condition.REFUSED)),
        (500, ErrorCode.INTERNAL, Trouble(Condition.UNAVAILABLE)),
        (503, ErrorCode.UNAVAILABLE, Trouble(Condition.UNAVAILABLE)),
    ],
)
def test_each_refusal_of_the_hub_has_its_event(status: int, code: ErrorCode, event: Event) -> None:
    assert read(status, an_error(code)) == event


def test_retry_after_is_heeded_and_nonsense_in_it_is_not() -> None:
    assert read(503, b"", retry_after="120") == Trouble(Condition.UNAVAILABLE, 120)
    assert read(429, b"", retry_after="-1") == Trouble(Condition.UNAVAILABLE, None)
    assert read(503, b"", retry_after="9" * 400) == Trouble(Condition.UNAVAILABLE, None)


def test_a_wrong_clock_is_measured_against_the_middle_of_the_exchange() -> None:
    server_time = round(NOON.timestamp() * 1000) + 3_601_000
    event = read(401, an_error(ErrorCode.CLOCK, server_time))
    assert isinstance(event, ClockWrong)
    assert event.offset.total_seconds() == 3600


@pytest.mark.parametrize("server_time", [-1, 32_503_680_000_001, 10**17, 10**30, -(10**30)])
def test_a_clock_that_nobody_can_calculate_with_is_no_answer(server_time: int) -> None:
    body = b'{"error":"clock","server_time":%d}' % server_time
    assert read(401, body) == Trouble(Condition.REFUSED)


def test_only_a_place_that_we_offered_is_common_ground() -> None:
    def located(position: Position) -> Event:
        reply = LocateReply(Cursor(position.seq, encode_bytes(position.head)), 0)
        return read_locate_answer(an_answer(200, msgspec.json.encode(reply)), (END,))

    assert located(END) == Located(END)
    assert located(Position(6, b"d" * 32)) == Trouble(Condition.REJECTED)


def test_common_ground_comes_from_a_success_of_the_hub_only() -> None:
    reply = msgspec.json.encode(LocateReply(Cursor(END.seq, encode_bytes(END.head)), 0))
    portal = an_answer(200, reply, from_hub=False)
    assert read_locate_answer(portal, (END,)) == Trouble(Condition.CAPTIVE)
    assert read_locate_answer(an_answer(503, reply), (END,)) == Trouble(Condition.UNAVAILABLE)
