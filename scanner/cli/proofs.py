"""`checkpoint entries proof`, `check-proof` and `salvage`: what an auditor and a rescuer need."""

import binascii
import sys
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner.domain.errors import CheckpointError, LedgerError
from scanner.ledger.position import Position

_KEY_SIZE = 32

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="The gate's settings file; names where the ledger is."),
]
LedgerOption = Annotated[
    Path | None,
    typer.Option("--ledger", help="A ledger file, such as a copy from another gate's card."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `checkpoint entries`."""
    app.command("proof")(proof)
    app.command("check-proof")(check_proof)
    app.command("salvage")(salvage)


def proof(
    seq: Annotated[int, typer.Argument(min=1, help="The entry's number.")],
    settings: SettingsOption = None,
    ledger: LedgerOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write; without it, standard output.")
    ] = None,
) -> None:
    """Make a proof of one entry for an auditor, which shows no other entry.

    It holds two checkpoints, the one line, and of every other entry between them a hash. The
    checkpoints are those that the hub has countersigned; where there are none near, this gate signs
    its own, and the proof is only the gate's word.

    **Examples**

    - `checkpoint entries proof 4711 --out entry-4711.json`
    - `checkpoint entries proof 4711 | ssh auditor 'cat > entry-4711.json'`
    """
    from scanner.ledger.kept_notes import kept_notes_path
    from scanner.ledger.proof_source import prove_entry
    from scanner.ledger.reader import LedgerReader

    path = ledger
    device = None
    if path is None:
        from config.settings import load_gate_settings
        from scanner.ledger.device import credential_file, load_or_create_device

        tree = load_gate_settings(settings)
        path = tree.ledger
        if credential_file() is not None or tree.device_key.exists():
            device = load_or_create_device(tree.device_key)
    with LedgerReader(path) as reader:
        if device is not None and device.device_id != reader.device_id:
            device = None
        notes = kept_notes_path(path)
        content = prove_entry(reader, seq, notes, device, datetime.now(UTC))
    if out is None:
        print(content.decode())
        return
    try:
        out.write_bytes(content + b"\n")
    except OSError as error:
        raise LedgerError(
            f"{out} cannot be written: {error.strerror}.", "Name a file in a folder of your own."
        ) from error
    print(f"{out}: a proof of entry {seq}", file=sys.stderr)


def check_proof(
    file: Annotated[Path, typer.Argument(help="The proof.")],
    device_key: Annotated[
        str,
        typer.Option(
            "--device-key",
            help="The gate's public key, as `checkpoint device show` prints it there.",
        ),
    ],
    hub_key: Annotated[
        str | None,
        typer.Option("--hub-key", help="The hub's public key: its signature is checked, too."),
    ] = None,
    hub_name: Annotated[
        str | None,
        typer.Option("--hub-name", help="Its name, such as hub-37e3df18; follows from the key."),
    ] = None,
) -> None:
    """Check a proof of one entry, on any machine, with public keys alone.

    Without the hub's key it proves that the gate says so. With it, that the hub had this very entry
    when it signed: `signing_key` in the gate's `enrolment.json` is that key. Exit status 1 when
    nothing is proven.

    **Example**

    `checkpoint entries check-proof entry-4711.json --device-key 6ca1… --hub-key Yp3…`
    """
    from scanner.ledger.proof import MOST_BYTES, ProofError
    from scanner.ledger.proof import check_proof as check

    hub = None
    if hub_key is not None:
        raw = _key_bytes(hub_key, "--hub-key")
        hub = hub_name or _hub_name(raw), Ed25519PublicKey.from_public_bytes(raw)
    device = Ed25519PublicKey.from_public_bytes(_key_bytes(device_key, "--device-key"))
    try:
        with file.open("rb") as opened:
            proven = check(opened.read(MOST_BYTES + 1), device, hub)
    except OSError as error:
        raise CheckpointError(
            f"{file} cannot be read: {error.strerror}.", "Name the file with the proof."
        ) from error
    except ProofError as error:
        print(f"{file} proves nothing: {error}", file=sys.stderr)
        raise typer.Exit(1) from error
    start = f"entry {proven.before.seq}" if proven.before else "the log's beginning"
    print(f"entry {proven.seq} stands in the log of {proven.after.device_id}:")
    print(proven.line.decode())
    print(f"between {start} and entry {proven.after.seq}, which the gate signed at")
    print(f"{proven.after.at.isoformat()} by its own clock")
    if proven.hub is None:
        print("nobody else's signature was checked: this is the gate's word alone")
    else:
        print(f"{proven.hub} signed below: it had the log so, and nobody wrote it anew since")


def salvage(
    file: Annotated[Path, typer.Argument(help="A damaged ledger, such as damaged/…/ledger.db.")],
) -> None:
    """Print every line that can still be found in a damaged ledger, in whatever order it lies.

    The gate rescues a damaged ledger by itself and keeps the damaged file in `damaged/`. This shows
    what is in there that the rescued log could not take over. Lines may come twice, and nothing
    says that nobody altered them.

    **Example**

    `checkpoint entries salvage /var/lib/checkpoint/damaged/2026…/ledger.db | sort -u`
    """
    from scanner.ledger.salvaged import found_lines

    if not file.is_file():
        raise LedgerError(f"There is no file {file}.", "Look into the folder `damaged`.")
    for line in found_lines(file):
        print(line)


def kept_position(file: Path, ledger: Path) -> Position:
    """The place in the log at `ledger` that a checkpoint in a file names.

    Its signatures are not looked at: it comes from somebody whom the caller trusts more than the
    card.

    Raises:
        LedgerError: the file holds no checkpoint, or one of another device.
    """
    from scanner.ledger.checkpoint import parse_checkpoint
    from scanner.ledger.note import MAX_NOTE, NoteError
    from scanner.ledger.reader import LedgerReader

    try:
        with file.open("r", encoding="utf-8") as opened:
            body = parse_checkpoint(opened.read(MAX_NOTE + 1))
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise LedgerError(
            f"{file} holds no checkpoint of a gate.", "Name a file with one signed note."
        ) from error
    with LedgerReader(ledger) as reader:
        if reader.device_id != body.device_id:
            raise LedgerError(
                f"The checkpoint is of {body.device_id}, the log of {reader.device_id}.",
                "Compare each log with a checkpoint of its own.",
            )
    return body.position


def _key_bytes(text: str, option: str) -> bytes:
    """A raw public key from hexadecimal or base64url."""
    try:
        raw = bytes.fromhex(text) if len(text) == 2 * _KEY_SIZE else b""
        raw = raw or urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != _KEY_SIZE:
        raise typer.BadParameter(
            "give 32 bytes in hexadecimal or base64url, as `checkpoint device show` prints them",
            param_hint=option,
        )
    return raw


def _hub_name(raw: bytes) -> str:
    """How a hub with this key signs below checkpoints."""
    import hashlib

    return "hub-" + hashlib.sha256(raw).hexdigest()[:8]
