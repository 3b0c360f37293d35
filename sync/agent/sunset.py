"""Brings a gate's last certificate to its hub."""

from datetime import timedelta

import msgspec

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import ProtocolError
from scanner.ledger.checkpoint import verify_cosignature
from scanner.ledger.note import NoteError
from sync.agent.answers import HubIdentity, read_error
from sync.agent.client import HubClient, UnreachableError
from sync.protocol import ErrorCode, SunsetReply, SunsetRequest


def deliver(client: HubClient, hub: HubIdentity, certificate: str) -> str:
    """The certificate as the hub keeps it. Repeating this is harmless.

    Raises:
        ProtocolError: the hub does not answer, does not take it, or did not sign it.
    """
    body = msgspec.json.encode(SunsetRequest(certificate))
    try:
        answer = client.sunset(body, timedelta(0))
        error = read_error(answer) if answer.is_from_hub else None
        if error is not None and error.error is ErrorCode.CLOCK:
            answer = client.sunset(body, answer.offset_to(error.server_time))
            error = read_error(answer)
    except UnreachableError as unreachable:
        raise ProtocolError(f"The hub does not answer ({unreachable}).") from unreachable
    if not answer.is_from_hub or answer.status != 200:
        why = error.error if error is not None else answer.status
        raise ProtocolError(f"The hub did not take the certificate: {why}.")
    try:
        kept = decode_json(answer.body, SunsetReply).certificate
        verify_cosignature(kept, hub.name, hub.key)
    except (UndecodableError, NoteError) as broken:
        raise ProtocolError("What the hub answered is not signed by it.") from broken
    return kept
