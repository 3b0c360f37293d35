"""`checkpoint sync`: bring the ledger to the hub."""

import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.domain.errors import SettingsError

if TYPE_CHECKING:
    from config.settings import GateSettings
    from scanner.ledger.sync_status import TrustChecked

app = typer.Typer(
    help="""Bring the ledger's entries to the hub, and newer keys from it, whenever it answers.

Runs beside the gate as a process of its own and only reads the ledger: it may be stopped or killed
at any moment, and no verdict waits for it. Nothing that the hub answers makes it drop an entry. The
trust bundle comes the other way: verified against the pinned root while it is fetched, resumed
after a break, and put in force as a whole; the gate takes it up without a restart.

**A first time**

1. on the hub: `checkpoint hub token` prints a token that is good once, for an hour

2. on the gate: `checkpoint sync enrol --token TOKEN`

3. `checkpoint sync` (as a service: `systemctl enable --now checkpoint-sync`)""",
    invoke_without_command=True,
)

_DIGITS = 14
"""Of a hub's time in milliseconds: enough until the year 5138."""

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="The gate's settings file; the shipped defaults without it."),
]


@app.callback()
def sync(
    context: typer.Context,
    settings: SettingsOption = None,
    once: Annotated[
        bool,
        typer.Option("--once", help="Push what there is and end; status 0 when all is acked."),
    ] = False,
    timeout_s: Annotated[
        float, typer.Option("--timeout", min=1, help="With --once: give up after so many seconds.")
    ] = 30,
) -> None:
    """Run until SIGTERM, or with `--once` until everything is at the hub."""
    if context.invoked_subcommand is not None:
        return
    from scanner.cli.logs import configure_logs
    from scanner.ledger.device import load_or_create_device
    from scanner.trust.bundle.store import BundleStore
    from sync.agent.client import HubClient
    from sync.agent.enrolment import ENROLMENT_FILE, EnrolmentError, load_enrolment
    from sync.agent.service import Agent, AgentPaths
    from sync.agent.trust_source import HttpSource
    from sync.agent.trust_updates import TrustUpdates

    configure_logs()
    tree = _load(settings)
    enrolment = load_enrolment(tree.paths.state / ENROLMENT_FILE)
    if enrolment is None:
        raise EnrolmentError(
            "This gate is not enrolled at a hub yet.",
            "Make a token there with `checkpoint hub token`, then run "
            "`checkpoint sync enrol --token TOKEN` here.",
        )
    device = load_or_create_device(tree.device_key)
    if enrolment.device != device.device_id:
        raise EnrolmentError(
            "The enrolment belongs to another device key.",
            "Restore that key, or enrol anew: this gate is then a new device.",
        )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    updates = TrustUpdates(
        BundleStore(tree.trust.folder),
        HttpSource(tree.trust_url),
        tree.trust.root,
        tree.trust.interval_s,
    )
    agent = Agent(
        AgentPaths(ledger=tree.ledger, outbox=tree.outbox, status=tree.sync_status),
        device,
        enrolment.identity,
        HubClient(tree.hub.url, device),
        tree.hub.interval_s,
        updates,
    )
    if not once:
        threading.Thread(target=updates.run, args=(stop,), name="trust", daemon=True).start()
        agent.run(stop)
        return
    is_done = agent.run_once(stop, timeout_s)
    updates.refresh(datetime.now(UTC))  # afterwards: entries never wait for it
    if not is_done:
        print(f"checkpoint: Not everything is at the hub: {agent.condition}.", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def enrol(
    token: Annotated[
        str, typer.Option(help="One-time token from `checkpoint hub token`; case does not matter.")
    ],
    settings: SettingsOption = None,
) -> None:
    """Make this gate known to its hub, and keep the hub's keys.

    The token carries a fingerprint of the hub's keys, so a stranger in between is noticed. Needs
    the network once; repeat it with the same token when an answer was lost.

    **Example**

    `checkpoint sync enrol --token k3h…-q7xa…`
    """
    from scanner.ledger.device import load_or_create_device
    from sync.agent.client import HubClient
    from sync.agent.enrolment import ENROLMENT_FILE, save_enrolment
    from sync.agent.enrolment import enrol as enrol_at_hub

    tree = _load(settings)
    tree.paths.state.mkdir(mode=0o750, parents=True, exist_ok=True)
    device = load_or_create_device(tree.device_key)
    enrolment = enrol_at_hub(
        HubClient(tree.hub.url, device),
        device,
        token,
        tree.site.name,
        tree.site.gate,
        datetime.now(UTC),
    )
    save_enrolment(enrolment, tree.paths.state / ENROLMENT_FILE, tree.sealing_key)
    print(f"{device.device_id} is enrolled at {enrolment.hub} ({tree.hub.url}).")


@app.command()
def status(settings: SettingsOption = None) -> None:
    """Say how far the hub has got, and whether it answers now.

    Exit status 0 when the hub answers and nothing waits.
    """
    from scanner.ledger.outbox import load_outbox
    from scanner.ledger.reader import LedgerReader
    from scanner.ledger.sync_status import load_sync_status

    tree = _load(settings)
    with LedgerReader(tree.ledger) as ledger:
        last, device_id = ledger.last().seq, ledger.device_id
    outbox = load_outbox(tree.outbox)
    acked = outbox.acked_seq if outbox else 0
    told = load_sync_status(tree.sync_status)
    print(f"gate         {device_id}, {last} entries")
    print(f"acknowledged {acked}, {max(0, last - acked)} waiting")
    print(f"archived     {outbox.archived_seq if outbox else 0}")
    print("agent        " + (f"{told.state} at {told.at:%F %T}Z" if told else "never ran"))
    print("trust        " + _trust_words(told.trust if told else None))
    answers = _print_hub(tree)
    if not answers or acked < last:
        raise typer.Exit(1)


def _print_hub(tree: "GateSettings") -> bool:
    """Ask the hub for its time, and say what that tells."""
    from scanner.ledger.device import load_or_create_device
    from sync.agent.client import HubClient, UnreachableError
    from sync.protocol import HUB_TIME

    device = load_or_create_device(tree.device_key)
    try:
        answer = HubClient(tree.hub.url, device, deadline_s=10).time()
    except UnreachableError as error:
        print(f"hub          {tree.hub.url} does not answer ({error})")
        return False
    server_time = answer.headers.get(HUB_TIME.lower(), "")
    if not answer.is_from_hub or not (server_time.isdecimal() and len(server_time) <= _DIGITS):
        print(f"hub          something else answers at {tree.hub.url} (a login page?)")
        return False
    offset = answer.offset_to(int(server_time)).total_seconds()
    print(f"hub          {tree.hub.url} answers; its clock is {offset:+.1f} s from ours")
    return True


def _trust_words(checked: "TrustChecked | None") -> str:
    """The bundle in force as sync saw it last, and what went wrong since."""
    if checked is None or checked.at is None:
        return "never looked for a newer bundle"
    known = f"{checked.version} checked at {checked.checked_at:%F %T}Z" if checked.version else ""
    if checked.trouble is None:
        return known
    trouble = f"{checked.trouble} at {checked.at:%F %T}Z"
    return f"{known}, then {trouble}" if known else trouble


def _load(path: Path | None) -> "GateSettings":
    from config.settings import load_gate_settings

    tree = load_gate_settings(path)
    if not tree.hub.url:
        raise SettingsError(
            "The settings name no hub.", 'Set url = "https://…" under [hub], or leave sync off.'
        )
    return tree
