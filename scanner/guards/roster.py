"""Who may decide at this gate. Pure: the file is `scanner.guards.roster_file`'s business."""

from datetime import datetime
from typing import Annotated, Final, Self

import msgspec
from msgspec.structs import replace

from scanner.domain.decoding import UndecodableError, decode
from scanner.domain.errors import GuardError
from scanner.domain.guards import GuardId, Role
from scanner.guards.pins import is_bearable

MAX_GUARDS: Final = 500
MAX_BYTES: Final = 256 << 10
BADGE_KEY_BYTES: Final = 32


class RosterGuard(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One guard.

    Attributes:
        id: the number on the badge.
        role: what he may do.
        pin: Argon2id in PHC form; without one he can log in by badge only, and is nobody's second
            person.
        badges_from: badges that were made before count no longer.
    """

    id: GuardId
    role: Role
    pin: str | None = None
    badges_from: datetime | None = None

    def __post_init__(self) -> None:
        if self.pin is not None and not is_bearable(self.pin):
            raise ValueError("pin is no Argon2id string that a gate can bear")
        if self.badges_from is not None and self.badges_from.tzinfo is None:
            raise ValueError("badges_from has no time zone")


class BadgeIssuer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose badges count here.

    Attributes:
        site: as the badges name it.
        key: the 32 bytes of its public Ed25519 key (RFC 8032).
    """

    site: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    key: Annotated[bytes, msgspec.Meta(min_length=BADGE_KEY_BYTES, max_length=BADGE_KEY_BYTES)]


class Roster(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Every guard of this gate, by number.

    Attributes:
        guards: no number twice.
        badges: None where guards log in by PIN only.
    """

    guards: Annotated[tuple[RosterGuard, ...], msgspec.Meta(max_length=MAX_GUARDS)] = ()
    badges: BadgeIssuer | None = None

    def __post_init__(self) -> None:
        if len({guard.id for guard in self.guards}) != len(self.guards):
            raise ValueError("two guards with one number")

    def find(self, guard: str) -> RosterGuard | None:
        """The guard with this number."""
        return next((known for known in self.guards if known.id == guard), None)

    def put(self, guard: RosterGuard) -> Self:
        """With this guard in place of whoever had the number."""
        others = (known for known in self.guards if known.id != guard.id)
        return replace(self, guards=tuple(sorted((*others, guard), key=lambda known: known.id)))

    def without(self, guard: str) -> Self:
        """Without the guard of this number."""
        return replace(self, guards=tuple(known for known in self.guards if known.id != guard))


_DECODER: Final = msgspec.json.Decoder(Roster)


def encode_roster(roster: Roster) -> bytes:
    """JSON for people to look at."""
    return msgspec.json.format(msgspec.json.encode(roster), indent=2) + b"\n"


def decode_roster(content: bytes, name: str) -> Roster:
    """Read a roster; `name` is its file's, for the message.

    Raises:
        GuardError: it is none.
    """
    if len(content) > MAX_BYTES:
        raise GuardError(
            f"{name} has {len(content)} bytes; a roster has at most {MAX_BYTES}.",
            "Bring back a copy, or make it anew with `checkpoint guard add`.",
        )
    try:
        return decode(_DECODER, content)
    except UndecodableError as error:
        raise GuardError(
            f"{name} is no roster of guards: {error}.",
            "Bring back a copy, or move it away and make it anew with `checkpoint guard add`.",
        ) from error
