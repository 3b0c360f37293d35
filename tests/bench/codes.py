"""Codes that benches show to a gate."""

from datetime import UTC, datetime, timedelta

from scanner.domain.passes import HEALTH_CODE, Colour, Holder, IdKind, PassClaims, PassKind
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey


def a_green_code(key: IssuerKey, number: int) -> str:
    """A dynamic code that is green for the next ten minutes; `number` makes it somebody's own."""
    now = datetime.now(UTC).replace(microsecond=0)
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer=key.issuer,
        colour=Colour.GREEN,
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
        code_id=number.to_bytes(8, "big"),
        holder=Holder("张*三", IdKind.RESIDENT_CARD, "207X"),
    )
    return issue_health_code(claims, key)
