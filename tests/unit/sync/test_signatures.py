from dataclasses import replace
from datetime import timedelta

import pytest

from sync import signatures
from sync.signatures import PUSH_COMPONENTS, Request, SignatureError, SignatureTimeError
from tests.ledger_builders import NOON
from tests.sync_builders import Log, a_device, a_push

DEVICE = a_device()
PUSH = a_push(Log(DEVICE).record(3))


def check(
    request: Request, *, device_id: str = DEVICE.device_id, late: timedelta = timedelta()
) -> None:
    signatures.verify(
        request, PUSH_COMPONENTS, device_id, DEVICE.private_key.public_key(), NOON + late
    )


def with_header(name: str, value: str) -> Request:
    return replace(PUSH, headers={**PUSH.headers, name: value})


def test_a_signed_push_verifies_again_and_again() -> None:
    check(PUSH)
    check(PUSH)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(replace(PUSH, body=PUSH.body + b"x"), id="body"),
        pytest.param(replace(PUSH, method="PUT"), id="method"),
        pytest.param(replace(PUSH, url=PUSH.url.replace("hub", "bub")), id="host"),
        pytest.param(replace(PUSH, url=PUSH.url + "?a=1"), id="query"),
        pytest.param(with_header("log-first", "2"), id="first"),
        pytest.param(with_header("log-backlog", "9"), id="backlog"),
        pytest.param(with_header("content-encoding", "identity"), id="encoding"),
        pytest.param(with_header("request-nonce", "a" * 22), id="nonce"),
        pytest.param(with_header("signature", "gate=:AAAA:"), id="signature"),
        pytest.param(with_header("signature-input", "gate=()"), id="coverage"),
        pytest.param(replace(PUSH, headers={}), id="unsigned"),
    ],
)
def test_any_change_breaks_the_signature(changed: Request) -> None:
    with pytest.raises(SignatureError):
        check(changed)


@pytest.mark.parametrize("left_out", sorted({*PUSH_COMPONENTS} - {"content-digest"}))
def test_every_component_must_be_covered(left_out: str) -> None:
    fewer = tuple(name for name in PUSH_COMPONENTS if name != left_out)
    plain = {
        name: value
        for name, value in PUSH.headers.items()
        if name not in {"signature", "signature-input", "content-digest"}
    }
    request = Request(PUSH.method, PUSH.url, plain, PUSH.body)
    signed = signatures.sign(request, fewer, DEVICE.device_id, DEVICE.private_key, NOON)
    lower = replace(signed, headers={k.lower(): v for k, v in signed.headers.items()})
    with pytest.raises(SignatureError, match="cover"):
        check(lower)


def test_another_device_is_not_this_one() -> None:
    with pytest.raises(SignatureError):
        check(PUSH, device_id=a_device(2).device_id)


@pytest.mark.parametrize("late_s", [-59, 0, 299])
def test_a_clock_may_be_a_little_off(late_s: int) -> None:
    check(PUSH, late=timedelta(seconds=late_s))


@pytest.mark.parametrize("late_s", [-61, 301, 86_400])
def test_a_genuine_signature_of_another_time_is_told_apart(late_s: int) -> None:
    with pytest.raises(SignatureTimeError):
        check(PUSH, late=timedelta(seconds=late_s))
