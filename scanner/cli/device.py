"""`checkpoint device`: who this gate is, and how it becomes another one."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scanner.domain.errors import LedgerError

if TYPE_CHECKING:
    from config.settings import GateSettings

app = typer.Typer(
    help="""Who this gate is: its key, and how it gets a new one.

The key is made here and stays here. Its public half is the gate's name at the hub, so a new key is
a new device with a log of its own; docs/device-key.md tells when that is wanted.""",
    no_args_is_help=True,
)

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="The gate's settings file; the shipped defaults without it."),
]
RETIRED: Final = "retired"
_MOST: Final = 1000


@app.command()
def show(settings: SettingsOption = None) -> None:
    """Print the gate's name and public key, and where the private half lies.

    **Example**

    `checkpoint device show --settings /etc/checkpoint/gate.toml`
    """
    from scanner.ledger.device import credential_file, load_or_create_device

    tree = _load(settings)
    if credential_file() is None and not tree.device_key.exists():
        print("device       none yet: the first start of the gate makes its key")
        raise typer.Exit(1)
    device = load_or_create_device(tree.device_key)
    print(f"device       {device.device_id}")
    print(f"public key   {device.public_bytes.hex()}")
    print(f"private half {credential_file() or tree.device_key}")


@app.command()
def rotate(
    settings: SettingsOption = None,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway", help="Also while entries wait for the hub; the old key is then kept."
        ),
    ] = False,
) -> None:
    """Put this gate's key and log aside, so that the next start begins as a new device.

    Stop the gate and sync first. Nothing is deleted but the old private key, and that only when the
    hub has every entry: log and cursors move to `retired/` in the state folder.

    **Example**

    `systemctl stop checkpoint-gate checkpoint-sync; checkpoint device rotate`
    """
    from scanner.ledger.device import credential_file, load_or_create_device
    from scanner.ledger.store import Ledger

    tree = _load(settings)
    has_key = credential_file() is not None or tree.device_key.exists()
    device = load_or_create_device(tree.device_key) if has_key or tree.ledger.exists() else None
    place = None if device is None else _place(tree, device.device_id)
    if device is None or place is None:
        raise LedgerError(f"There is no log at {tree.ledger}.", "Nothing has to be put aside.")
    with ExitStack() as opened:
        if tree.ledger.exists():  # then it is this device's, and no gate writes it
            opened.enter_context(Ledger.open(tree.ledger, device.device_id))
        waiting = _waiting(tree, place)
    if waiting and not anyway:
        raise LedgerError(
            f"{waiting} entries are not at the hub yet.",
            "Run `checkpoint sync --once` first, or say --anyway and keep the old key.",
        )
    _set_aside(tree, place, keep_key=bool(waiting))
    print(f"{device.device_id} is put aside in {place}.")
    if credential_file() is not None:
        print("systemd hands over its key: make a new credential before the next start.")
    print(f"At the hub: `checkpoint hub retire {device.device_id}`, then `checkpoint hub token`.")
    print("Here: `checkpoint sync enrol --token TOKEN`, then start the gate and sync.")


def _place(tree: "GateSettings", device_id: str) -> Path | None:
    """Where this device's log goes, or went when this command was cut off; None without a log.

    A log that was put aside stays: the next one of the same device, as of a credential that was not
    made anew, has a folder of its own.
    """
    aside = tree.paths.state / RETIRED
    names = (device_id, *(f"{device_id}-{number}" for number in range(2, _MOST)))
    taken = [aside / name for name in names if (aside / name / tree.ledger.name).exists()]
    if tree.ledger.exists():
        return next((aside / name for name in names if aside / name not in taken), None)
    return taken[-1] if taken else None


def _waiting(tree: "GateSettings", place: Path) -> int:
    """How many entries are not known to be at the hub, wherever an earlier call left the files."""
    from scanner.ledger.outbox import load_outbox
    from scanner.ledger.reader import LedgerReader

    ledger = tree.ledger if tree.ledger.exists() else place / tree.ledger.name
    outbox = load_outbox(tree.outbox if tree.outbox.exists() else place / tree.outbox.name)
    with LedgerReader(ledger) as reader:
        end = reader.last()
        # After a restored backup the hub may have other entries under the same numbers.
        if outbox is None or reader.head_at(outbox.acked_seq) != outbox.acked.head:
            return end.seq
    return end.seq - outbox.acked_seq


def _set_aside(tree: "GateSettings", place: Path, *, keep_key: bool) -> None:
    """Move what belongs to the old device.

    The log goes first and the key last: cut off anywhere in between, the same command goes on.
    """
    from scanner.durable_files import sync_folder
    from scanner.ledger.kept_notes import kept_notes_path
    from sync.agent.enrolment import ENROLMENT_FILE

    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_folder(place.parent)
    notes = kept_notes_path(tree.outbox)
    log = [tree.ledger.with_name(tree.ledger.name + end) for end in ("", "-wal", "-shm", ".id")]
    for file in (*log, tree.outbox, notes, tree.paths.state / ENROLMENT_FILE):
        if file.exists():
            file.rename(place / file.name)
    sync_folder(place)
    if tree.device_key.exists():
        if keep_key:
            tree.device_key.rename(place / tree.device_key.name)
        else:
            tree.device_key.unlink()
    sync_folder(tree.paths.state)


def _load(path: Path | None) -> "GateSettings":
    from config.settings import load_gate_settings

    return load_gate_settings(path)
