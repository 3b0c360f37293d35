"""One metadata file: parsed from hostile bytes, and its threshold of signatures checked."""

import re
from datetime import UTC, datetime
from typing import Final, TypeVar

from securesystemslib.exceptions import VerificationError
from tuf.api.metadata import (
    Key,
    Metadata,
    Root,
    Signed,
    Snapshot,
    Targets,
    Timestamp,
    VerificationResult,
)
from tuf.api.serialization import DeserializationError, SerializationError

from scanner.domain.errors import TrustError
from scanner.trust.bundle.repository import RoleState
from scanner.trust.evidence import END_OF_USE

ISSUED_AT: Final = "issued_at"
"""Our own field in the signed part: TUF knows when metadata expire, not when they were made."""

OWNER: Final = "owner"
"""Our own field beside a key: whose it is, for the people who read who signed."""

TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
KEPT: Final = "The bundle in force stays."
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_NAME_LENGTH: Final = 80
_SCHEMES: Final = frozenset({"ed25519", "ecdsa-sha2-nistp256"})
"""What keys of roles are made for: the library knows more, some of which ask the network."""

Kind = TypeVar("Kind", Root, Timestamp, Snapshot, Targets)


def verified(
    data: bytes, kind: type[Kind], role: str, delegator: Root | Targets | None
) -> tuple[Kind, RoleState]:
    """Metadata of the right type whose threshold of signatures holds.

    Args:
        data: the file's bytes, already capped.
        kind: the type that it must be.
        role: whose metadata it must be.
        delegator: says who signs for `role`. None for the pinned root, which answers for itself;
            every later root is held against its predecessor and against itself.

    Raises:
        TrustError: it is not well-formed, of another type, or not signed as it must be.
    """
    metadata = _parse(data, kind, role)
    signed = metadata.signed
    if isinstance(signed, Root):
        result = _signatures(metadata, role, signed)
        if delegator is not None:
            _signatures(metadata, role, delegator)
    elif delegator is not None:
        result = _signatures(metadata, role, delegator)
    else:
        raise TypeError("Only a root answers for itself.")
    return signed, RoleState(
        name=role,
        version=signed.version,
        issued_at=_issued_at(signed, role),
        expires_at=signed.expires.replace(tzinfo=UTC),
        signers=tuple(sorted(_owner(key) for key in result.signed.values())),
    )


def _parse(data: bytes, kind: type[Kind], role: str) -> "Metadata[Kind]":
    try:
        metadata: Metadata[Kind] = Metadata.from_bytes(data)
    except (DeserializationError, RecursionError) as error:
        raise TrustError(f"The metadata of {role} are not well-formed.", KEPT) from error
    if not isinstance(metadata.signed, kind):
        raise TrustError(f"The metadata of {role} are of another type.", KEPT)
    return metadata


def _signatures(
    metadata: "Metadata[Kind]", role: str, delegator: Root | Targets
) -> VerificationResult:
    try:
        result = delegator.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    except (VerificationError, SerializationError, ValueError, RecursionError) as error:
        raise TrustError(f"The signatures of {role} cannot be checked.", KEPT) from error
    if (held := _different_keys(result)) < result.threshold:
        raise TrustError(
            f"{role} carries {held} of the {result.threshold} signatures it needs.", KEPT
        )
    return result


def _different_keys(result: VerificationResult) -> int:
    """One key under two ids is one: specification 4.1 leaves the ids to whoever lists them."""
    keys = result.signed.values()
    return len({key.keyval.get("public") for key in keys if key.scheme in _SCHEMES})


def _issued_at(signed: Signed, role: str) -> datetime | None:
    value = signed.unrecognized_fields.get(ISSUED_AT)
    if value is None:
        return None
    try:
        if isinstance(value, str) and _TIME.fullmatch(value):
            issued_at = datetime.fromisoformat(value)
            # The clock counts on from a signature: behind the year 9999 there is nothing.
            if issued_at <= END_OF_USE:
                return issued_at
    except ValueError:
        pass
    raise TrustError(f"{role} does not say properly when it was signed.", KEPT)


def _owner(key: Key) -> str:
    name = key.unrecognized_fields.get(OWNER)
    if isinstance(name, str) and name.isprintable() and 0 < len(name) <= _NAME_LENGTH:
        return name
    return key.keyid[:8]
