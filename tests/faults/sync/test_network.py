"""The wire breaks at every place of an exchange; every entry arrives once."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from sync.agent.client import HubClient
from sync.agent.machine import Condition
from sync.agent.service import Agent, AgentPaths
from tests.faults.sync.proxy import Fault, Plan, spoiling_proxy
from tests.sync_builders import a_device, a_ledger, identity_of, lines_at, served

DEVICE = a_device()


@pytest.mark.parametrize("fault", [Fault.CUT_REQUEST, Fault.LOSE_ANSWER, Fault.CUT_ANSWER])
def test_every_entry_arrives_once_through_a_broken_wire(tmp_path: Path, fault: Fault) -> None:
    a_ledger(tmp_path / "ledger.db", DEVICE, 520)
    paths = AgentPaths(
        tmp_path / "ledger.db", tmp_path / "outbox.json", tmp_path / "sync-status.json"
    )
    plan = Plan([fault])
    with (
        served(tmp_path / "hub", [DEVICE]) as (hub, port),
        spoiling_proxy(port, plan) as proxy,
    ):
        # Behind the proxy the gate calls another port than the public URL: like any port forward.
        hub.config = replace(hub.config, public_url=f"http://127.0.0.1:{proxy}")
        client = HubClient(f"http://127.0.0.1:{proxy}", DEVICE)
        agent = Agent(paths, DEVICE, identity_of(hub), client, interval_s=60)
        assert agent.run_once(threading.Event(), timeout_s=30)
        there = lines_at(tmp_path / "hub" / "hub.db", DEVICE)
        (gate,) = hub.store.gates()
    assert agent.condition is Condition.IDLE
    assert plan.done[0] is fault
    assert [seq for seq, _, _ in there] == list(range(1, 521))
    assert gate.heads == 1
