"""`checkpoint sunset`: erase all that a gate holds, with a certificate that the hub keeps."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scanner.cli.sunset_plan import (
    ENROLMENT,
    Begun,
    begin,
    begun,
    erase,
    files_of,
    finish,
    others,
    remove_folders,
)
from scanner.domain.errors import LedgerError, ProtocolError

if TYPE_CHECKING:
    from config.settings import GateSettings
    from scanner.ledger.device import Device

WORDS: Final = "ERASE EVERYTHING"
_SYNC_LIVES: Final = timedelta(seconds=30)


def sunset(
    settings: Annotated[
        Path | None, typer.Option("--settings", help="The gate's settings file.")
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(help="Where the certificate goes, besides the hub: `ID.sunset` here."),
    ] = None,
    erase_all: Annotated[
        bool, typer.Option("--erase", help="Do it; without this, only tell what would go.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also while entries are not at the hub: they are lost.")
    ] = False,
) -> None:
    """Erase everything that this gate holds: ledger, keys, trust, roster, cursors, day keys.

    Without `--erase` it only lists what would go. With it, two confirmations are typed, everything
    but the device's key is overwritten and removed, the key signs a certificate of that, the hub
    keeps it (or you bring the file there: `checkpoint hub sunset FILE`), and the key goes last.
    Whatever cuts it off, the same command goes on; no gate starts in between. Stop gate and sync
    first.

    For example: `systemctl disable --now checkpoint-gate checkpoint-sync; checkpoint sunset`
    """
    from config.settings import load_gate_settings

    tree = load_gate_settings(settings)
    facts = begun(tree)
    if facts is None:
        facts = _look(tree, anyway=anyway)
        if not erase_all:
            print("Nothing was erased. With --erase it would be.")
            return
        _confirm(facts.device)
        begin(tree, facts)
    else:
        print(f"The sunset of {facts.device}, begun {facts.at:%F %T}Z, goes on.")
    _carry_out(tree, facts, certificate or Path(f"{facts.device}.sunset"))


def _look(tree: "GateSettings", *, anyway: bool) -> Begun:
    """What there is, told; with the log locked, so that no gate runs."""
    from scanner.ledger.device import credential_file, load_or_create_device
    from scanner.ledger.outbox import load_outbox
    from scanner.ledger.reader import LedgerReader

    if credential_file() is None and not tree.device_key.exists():
        raise LedgerError(
            f"There is no device key at {tree.device_key}: no gate ever ran here.",
            "Name its settings with --settings.",
        )
    _refuse_running(tree)
    device_id = load_or_create_device(tree.device_key).device_id
    seq, head = 0, bytes(32)
    if tree.ledger.exists():
        with LedgerReader(tree.ledger) as reader:
            end = reader.last()
        seq, head = end.seq, end.head
    outbox = load_outbox(tree.outbox)
    acked = min(seq, outbox.acked_seq) if outbox else 0
    files = files_of(tree)
    size = sum(path.stat().st_size for path in files)
    print(f"gate         {device_id}, {seq} entries, {acked} of them at the hub")
    print(f"files        {len(files)}, {size} bytes, and the device's key after them")
    for path in files:
        print(f"  {path}")
    for path in others(tree):
        print(f"  stays: {path} (not known to be the gate's)")
    if acked < seq and not anyway:
        raise LedgerError(
            f"{seq - acked} entries are not at the hub and would be lost.",
            "Run `checkpoint sync --once`; or say --anyway.",
        )
    return Begun(device_id, seq, head.hex(), acked, len(files), datetime.now(UTC))


def _refuse_running(tree: "GateSettings") -> None:
    from scanner.file_lock import take_lock
    from scanner.ledger.sync_status import load_sync_status

    if tree.ledger.exists():
        try:
            os.close(take_lock(tree.ledger.with_name(f"{tree.ledger.name}.lock"), 0o600))
        except BlockingIOError as error:
            raise LedgerError("The gate runs.", "Stop it first, for good.") from error
    told = load_sync_status(tree.sync_status)
    if told is not None and abs(datetime.now(UTC) - told.at) < _SYNC_LIVES:
        raise LedgerError(
            "Sync runs, or did half a minute ago.", "Stop it first, for good; then wait a moment."
        )


def _confirm(device_id: str) -> None:
    """Two things to type, of which no habit types either."""
    typed = str(typer.prompt("Nothing of this can be brought back. Type the gate's id"))
    if typed.strip() != device_id:
        raise LedgerError("That is not this gate's id.", "Nothing was erased.")
    if str(typer.prompt(f"Type {WORDS}")).strip() != WORDS:
        raise LedgerError("Not confirmed.", "Nothing was erased.")


def _carry_out(tree: "GateSettings", facts: Begun, file: Path) -> None:
    """From the marker to the end; every step may find that it was done before."""
    from scanner.durable_files import replace_file
    from scanner.ledger.device import credential_file, load_or_create_device
    from scanner.ledger.sunset import make_certificate

    try:
        for path in files_of(tree):
            erase(path)
        remove_folders(tree)
        if credential_file() is None and not tree.device_key.exists():
            print("The key is gone already: its certificate was written before.")
        else:
            device = load_or_create_device(tree.device_key)
            note = make_certificate(device, facts.end, facts.acked, facts.files, datetime.now(UTC))
            replace_file(file, note.encode(), mode=0o644)
            _bring(tree, device, note, file)
        finish(tree)
    except OSError as error:
        raise LedgerError(
            f"Not everything could be erased: {error.strerror} ({error.filename}).",
            "Mend that and run the same command again: it goes on.",
        ) from error
    if (credential := credential_file()) is not None:
        print(f"The key that systemd hands over stays: remove it yourself ({credential.name}).")
    print(f"{facts.device} is erased; the certificate is {file}. Destroy the card all the same.")


def _bring(tree: "GateSettings", device: "Device", note: str, file: Path) -> None:
    """To the hub, if it answers; the file then has its signature, too."""
    from scanner.durable_files import replace_file
    from sync.agent.client import HubClient
    from sync.agent.enrolment import load_enrolment
    from sync.agent.sunset import deliver

    enrolment = load_enrolment(tree.paths.state / ENROLMENT)
    if enrolment is None or not tree.hub.url:
        print(f"No hub is known: bring {file} to whoever keeps it.")
        return
    try:
        kept = deliver(HubClient(tree.hub.url, device), enrolment.identity, note)
    except ProtocolError as error:
        print(f"{error.found} Bring {file} to the hub: `checkpoint hub sunset {file.name}`.")
        return
    replace_file(file, kept.encode(), mode=0o644)
    print("The hub keeps the certificate.")
