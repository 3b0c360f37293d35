from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.domain.passes import Holder, IdKind
from scanner.ledger.seal import Sealer, unseal
from sync.agent.client import HubClient
from sync.agent.enrolment import (
    Enrolment,
    EnrolmentError,
    enrol,
    load_enrolment,
    save_enrolment,
)
from sync.hub.enrolment import make_token
from sync.hub.service import Hub
from tests.sync_builders import a_device, served

Served = tuple[Hub, int]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hub"), []) as pair:
        yield pair


def a_token(hub: Hub) -> str:
    return make_token(hub.store, hub.keys, datetime.now(UTC), timedelta(hours=1))


def enrol_at(port: int, number: int, token: str) -> Enrolment:
    device = a_device(number)
    client = HubClient(f"http://127.0.0.1:{port}", device)
    return enrol(client, device, token, "Riverside", "East gate", datetime.now(UTC))


def test_a_token_makes_a_gate_known_and_brings_the_hubs_keys(hub: Served, tmp_path: Path) -> None:
    served_hub, port = hub
    enrolment = enrol_at(port, 1, a_token(served_hub).upper())
    save_enrolment(enrolment, tmp_path / "enrolment.json", tmp_path / "sealing.pem")
    assert load_enrolment(tmp_path / "enrolment.json") == enrolment
    assert enrolment.identity.name == served_hub.keys.name
    (gate,) = [row for row in served_hub.store.gates() if row.device_id == enrolment.device]
    assert (gate.site, gate.gate) == ("Riverside", "East gate")
    holder = Holder("张*三", IdKind.RESIDENT_CARD, "002X")
    sealed = Sealer.from_pem(tmp_path / "sealing.pem").seal(holder, b"here")
    assert unseal(served_hub.keys.sealing, sealed, b"here") == holder


def test_a_lost_answer_is_repeated_and_another_gate_comes_too_late(hub: Served) -> None:
    served_hub, port = hub
    token = a_token(served_hub)
    assert enrol_at(port, 2, token).device == enrol_at(port, 2, token).device
    with pytest.raises(EnrolmentError, match="token"):
        enrol_at(port, 3, token)


@pytest.mark.parametrize("token", ["", "x", "a" * 24 + "-" + "a" * 16, "'; DROP TABLE tokens"])
def test_what_is_no_token_enrols_nobody(hub: Served, token: str) -> None:
    with pytest.raises(EnrolmentError):
        enrol_at(hub[1], 4, token)
    assert hub[0].store.device(a_device(4).device_id) is None


def test_a_stranger_in_between_is_noticed_by_the_tokens_fingerprint(
    hub: Served, tmp_path: Path
) -> None:
    """The stranger knows the secret half, as one who reads the traffic would."""
    with served(tmp_path / "stranger", []) as (stranger, port):
        theirs, ours = a_token(stranger), a_token(hub[0])
        with pytest.raises(EnrolmentError, match="not the one that made the token"):
            enrol_at(port, 5, theirs.split("-")[0] + "-" + ours.split("-")[1])


def test_a_damaged_enrolment_is_said_and_a_missing_one_is_none(tmp_path: Path) -> None:
    assert load_enrolment(tmp_path / "enrolment.json") is None
    (tmp_path / "enrolment.json").write_bytes(b"{")
    with pytest.raises(EnrolmentError, match="cannot be read"):
        load_enrolment(tmp_path / "enrolment.json")
