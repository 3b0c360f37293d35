"""Gates that have erased themselves: their last certificates, countersigned and kept."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import ProtocolError
from scanner.ledger.checkpoint import cosign
from scanner.ledger.note import MAX_NOTE, NoteError
from scanner.ledger.sunset import claimed_device, verify_certificate
from sync import protocol
from sync.hub.keys import HubKeys
from sync.hub.refusal import Refusal
from sync.hub.store.base import Device, HubStore
from sync.protocol import ErrorCode, milliseconds


def take_certificate(
    note: str, device: Device, store: HubStore, keys: HubKeys, now: datetime
) -> str:
    """Keep a gate's certificate with the hub's signature below, and take nothing more from it.

    A repeated one changes nothing; the first one stands.

    Returns:
        What is kept.

    Raises:
        Refusal: it is not this gate's certificate.
        StoreError: the database cannot write now.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(device.public_key)
        if verify_certificate(note, key).device_id != device.device_id:
            raise NoteError("the certificate is another gate's")
        signed = cosign(note, keys.name, keys.signing)
    except NoteError as error:
        raise Refusal(ErrorCode.BAD_REQUEST, "Not the certificate of this gate.") from error
    return store.sunset(device, signed, now)


def take_file(path: Path, store: HubStore, keys: HubKeys, now: datetime) -> str:
    """Keep a certificate that came as a file; returns whose it is.

    Raises:
        ProtocolError: it cannot be read, or is not that of a gate that was enrolled here.
        StoreError: the database cannot write now.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            note = file.read(MAX_NOTE + 1)
        device = store.device(claimed_device(note))
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise ProtocolError(
            f"{path} is no certificate of a gate.", "It is the file that `checkpoint sunset` wrote."
        ) from error
    if device is None:
        raise ProtocolError("That gate was never enrolled here.", "Bring the file to its own hub.")
    try:
        take_certificate(note, device, store, keys, now)
    except Refusal as refusal:
        raise ProtocolError(
            f"The signature on {path} is not the gate's.", "Keep the file, and ask whence it came."
        ) from refusal
    return device.device_id


def read_request(body: bytes) -> str:
    """The note in a request.

    Raises:
        Refusal: the body holds none.
    """
    try:
        return decode_json(body, protocol.SunsetRequest).certificate
    except UndecodableError as error:
        raise Refusal(ErrorCode.BAD_REQUEST, "Not a certificate.") from error


def reply(kept: str, clock: Callable[[], datetime]) -> protocol.SunsetReply:
    """What the gate is told."""
    return protocol.SunsetReply(kept, milliseconds(clock()))
