"""Makes this gate known to a hub, and keeps who that hub is."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import CheckpointError, ProtocolError
from scanner.durable_files import replace_file
from scanner.ledger.device import Device
from sync.agent.answers import Answer, HubIdentity, read_error
from sync.agent.client import HubClient, UnreachableError
from sync.protocol import (
    EnrolReply,
    EnrolRequest,
    ErrorCode,
    decode_bytes,
    encode_bytes,
    fingerprint,
)

ENROLMENT_FILE: Final = "enrolment.json"
_KEY_SIZE: Final = 32


class EnrolmentError(CheckpointError):
    """This gate is not enrolled, or could not be."""


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """What a gate keeps of its hub; keys raw and base64url.

    Attributes:
        device: id of the device that was enrolled.
        hub: the name under which the hub countersigns checkpoints.
    """

    device: str
    hub: str
    signing_key: str
    sealing_key: str
    enrolled_at: datetime

    @property
    def identity(self) -> HubIdentity:
        """The hub's name and signing key.

        Raises:
            ProtocolError: the key is malformed.
        """
        raw = decode_bytes(self.signing_key, _KEY_SIZE)
        return HubIdentity(self.hub, Ed25519PublicKey.from_public_bytes(raw))

    @property
    def sealing_pem(self) -> bytes:
        """The hub's X25519 public key as PEM.

        Raises:
            ProtocolError: the key is malformed.
        """
        key = X25519PublicKey.from_public_bytes(decode_bytes(self.sealing_key, _KEY_SIZE))
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def enrol(
    client: HubClient, device: Device, token: str, site: str, gate: str, now: datetime
) -> Enrolment:
    """Spend `token` at the hub. Repeating it with the same device is harmless.

    Raises:
        EnrolmentError: no hub, a hub other than the token's, or a token that does not count.
    """
    token = token.strip().lower()
    request = EnrolRequest(token, encode_bytes(device.public_bytes), site, gate)
    body = msgspec.json.encode(request)
    try:
        answer = client.enrol(body, timedelta(0))
        error = read_error(answer) if answer.is_from_hub else None
        if error is not None and error.error is ErrorCode.CLOCK:
            answer = client.enrol(body, answer.offset_to(error.server_time))
    except UnreachableError as unreachable:
        raise EnrolmentError(
            f"The hub does not answer ({unreachable}).", "Check hub.url and the network."
        ) from unreachable
    reply = _read(answer)
    keys = decode_bytes(reply.signing_key, _KEY_SIZE), decode_bytes(reply.sealing_key, _KEY_SIZE)
    if token.rpartition("-")[2] != fingerprint(*keys):
        raise EnrolmentError(
            "The hub that answered is not the one that made the token.",
            "Make a token at the hub that hub.url names; somebody may be in between.",
        )
    if reply.device != device.device_id:
        raise EnrolmentError("The hub enrolled another device.", "Try again with a new token.")
    return Enrolment(
        device=reply.device,
        hub=reply.hub,
        signing_key=reply.signing_key,
        sealing_key=reply.sealing_key,
        enrolled_at=now,
    )


def save_enrolment(enrolment: Enrolment, file: Path, sealing_file: Path) -> None:
    """Write both files; the enrolment last, so that it never stands alone.

    Raises:
        EnrolmentError: one of them cannot be written.
    """
    try:
        replace_file(sealing_file, enrolment.sealing_pem, mode=0o644)
        replace_file(file, msgspec.json.encode(enrolment))
    except OSError as error:
        raise EnrolmentError(
            f"The enrolment cannot be written: {error.strerror}.", "Check the state folder's owner."
        ) from error


def load_enrolment(file: Path) -> Enrolment | None:
    """What `save_enrolment` wrote; None when there is none yet.

    Raises:
        EnrolmentError: the file is damaged.
    """
    try:
        enrolment = decode_json(file.read_bytes(), Enrolment)
        decode_bytes(enrolment.signing_key, _KEY_SIZE)
    except FileNotFoundError:
        return None
    except (OSError, UndecodableError, ProtocolError) as error:
        raise EnrolmentError(
            f"{file} cannot be read as an enrolment.",
            "Run `checkpoint sync enrol` with a new token.",
        ) from error
    return enrolment


def _read(answer: Answer) -> EnrolReply:
    if not answer.is_from_hub:
        raise EnrolmentError(
            f"Something that is no hub answered with status {answer.status}.",
            "Check hub.url; behind a captive portal, log in there first.",
        )
    if answer.status != 200:
        error = read_error(answer)
        raise EnrolmentError(
            f"The hub refused the enrolment: {error.error if error else answer.status}.",
            "Make a new token with `checkpoint hub token`.",
        )
    try:
        return decode_json(answer.body, EnrolReply)
    except UndecodableError as error:
        raise EnrolmentError("The hub's answer is no enrolment.", "Are both up to date?") from error
