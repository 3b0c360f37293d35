"""An issuer's key as people are shown it, by `show` and before they sign."""

from datetime import datetime

import msgspec

from scanner.trust.bundle.issuer_keys import KeyRecord


class ShownKey(msgspec.Struct, frozen=True):
    """An issuer's key; `kid` in hexadecimal, no `kinds` for every kind."""

    kid: str
    algorithm: str
    valid_from: datetime | None
    valid_until: datetime | None
    kinds: tuple[str, ...]
    division: str | None
    revoked_at: datetime | None


def shown_key(key: KeyRecord) -> ShownKey:
    """What of a key is shown: all but its bytes."""
    return ShownKey(
        kid=key.kid.hex(),
        algorithm=str(key.algorithm),
        valid_from=key.valid_from,
        valid_until=key.valid_until,
        kinds=tuple(map(str, key.kinds or ())),
        division=key.division,
        revoked_at=key.revoked_at,
    )


def in_words(key: ShownKey) -> str:
    """A key in one line."""
    parts = [key.kid, key.algorithm]
    if key.valid_from or key.valid_until:
        parts.append(f"valid {_day(key.valid_from)} to {_day(key.valid_until)}")
    parts.append("for " + ", ".join(key.kinds) if key.kinds else "for every kind")
    if key.division:
        parts.append(f"of division {key.division}")
    if key.revoked_at:
        parts.append(f"REVOKED {key.revoked_at:%Y-%m-%d %H:%M}")
    return ", ".join(parts)


def _day(moment: datetime | None) -> str:
    return "ever" if moment is None else f"{moment:%Y-%m-%d}"
