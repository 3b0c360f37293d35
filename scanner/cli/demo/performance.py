"""The demo from its first process to its last: start, play, drain, audit."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from scanner.cli.demo.audit import audit
from scanner.cli.demo.chaos import Chaos
from scanner.cli.demo.guard import Guard
from scanner.cli.demo.people import Person, make_keys, make_people
from scanner.cli.demo.play import Outcome, Pace, Play
from scanner.cli.demo.processes import Supervised, run_once, wait_for, wait_for_port
from scanner.cli.demo.report import print_person, print_summary
from scanner.cli.demo.setup import Deployment, deploy
from scanner.ledger.outbox import load_outbox
from scanner.ledger.reader import LedgerReader

_START_S: Final = 20.0
_DRAIN_S: Final = 30.0
_WATCHED: Final = Pace(answer_s=12.0, look_s=2.5)


def perform(state: Path, *, watched: bool, kills: int, seed: int) -> bool:
    """Run the whole demo and print what happened.

    Args:
        state: folder for everything that the demo makes.
        watched: open the kiosk in this terminal.
        kills: how many processes to kill at random moments.
        seed: decides those moments.

    Returns:
        True when everybody was decided as expected and every entry reached the hub exactly once.
    """
    console = Console(highlight=False)
    began = time.monotonic()
    now = datetime.now(UTC).replace(microsecond=0)
    keys = make_keys()
    deployment = deploy(state, keys.values(), now)
    console.print(f"Demo in {state}: hub, gate and sync are starting ...")
    try:
        outcomes, restarts = _perform(
            console, deployment, make_people(keys, now), watched, Chaos(kills, seed)
        )
        result = audit(outcomes, state / "gate" / "ledger.db", state / "hub" / "hub.db")
    finally:
        deployment.remove_runtime()
    if watched:
        for number, outcome in enumerate(outcomes, 1):
            print_person(console, number, outcome)
    print_summary(console, outcomes, result, restarts, time.monotonic() - began)
    return not result.faults


def _perform(
    console: Console,
    deployment: Deployment,
    people: Sequence[Person],
    watched: bool,
    chaos: Chaos,
) -> tuple[list[Outcome], int]:
    """Start everything, let everybody pass, let the last entries reach the hub."""
    gate_settings = ["--settings", str(deployment.gate_settings)]
    hub_settings = ["--settings", str(deployment.hub_settings)]
    logs = deployment.folder
    with ExitStack() as stack:
        hub = stack.enter_context(Supervised("hub", ["hub", *hub_settings], logs))
        wait_for_port(deployment.port, _START_S, "The hub")
        token = run_once(["hub", "token", *hub_settings], "Making an enrolment token").strip()
        run_once(["sync", "enrol", "--token", token, *gate_settings], "Enrolling the gate")
        sync = stack.enter_context(Supervised("sync", ["sync", *gate_settings], logs))
        gate = stack.enter_context(Supervised("gate", ["run", "--headless", *gate_settings], logs))
        socket = deployment.runtime / "gate.sock"
        wait_for(socket, _START_S, "The gate")
        guard = stack.enter_context(Guard(socket))
        over = threading.Event()
        kiosk = stack.enter_context(_kiosk(gate_settings, over)) if watched else None
        play = Play(deployment.stage, guard, _WATCHED if watched else Pace())
        outcomes = []
        with chaos.let_loose([hub, sync, gate]):
            for number, outcome in enumerate(play.run(people, over.is_set), 1):
                outcomes.append(outcome)
                if not watched:
                    print_person(console, number, outcome)
        if kiosk is not None:
            kiosk.terminate()
        gate.stop()
        _drain(deployment)
    return outcomes, hub.restarts + sync.restarts + gate.restarts


@contextmanager
def _kiosk(gate_settings: list[str], over: threading.Event) -> Iterator[subprocess.Popen[bytes]]:
    """The guard's screen in this terminal; `over` is set when the guard leaves it."""
    command = [sys.executable, "-m", "scanner.cli", "kiosk", *gate_settings]
    with subprocess.Popen(command) as kiosk:

        def watch() -> None:
            kiosk.wait()
            over.set()

        threading.Thread(target=watch, name="kiosk-watch", daemon=True).start()
        try:
            yield kiosk
        finally:
            kiosk.terminate()


def _drain(deployment: Deployment) -> None:
    """Wait until the hub has acknowledged the last entry, or for as long as is reasonable."""
    state = deployment.folder / "gate"
    with LedgerReader(state / "ledger.db") as ledger:
        last = ledger.last().seq
    deadline = time.monotonic() + _DRAIN_S
    while time.monotonic() < deadline:
        position = load_outbox(state / "outbox.json")
        if position is not None and position.acked_seq >= last:
            return
        time.sleep(0.1)
