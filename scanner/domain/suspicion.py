"""When a code looks forged: what is kept of it, so that a person may look into it.

A suspicion decides nothing and accuses nobody: the site's rules say what each reason leads to. Why
these reasons and no others: `docs/forgery.md`.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from scanner.domain.passes import Rejection, VerifiedPass
from scanner.domain.reasons import Reason

SUSPECTED: Final = frozenset(
    {Reason.BAD_SIGNATURE, Reason.UNKNOWN_KEY, Reason.KEY_REVOKED, Reason.WRONG_KEY_USAGE}
)
"""Somebody who holds no key of that issuer, or a wrong one, may have made the code."""


class Suspicion(msgspec.Struct, frozen=True):
    """What an entry keeps of a code that looks forged.

    Attributes:
        digest: the code's identity, SHA-256 of what was signed, as 64 hex digits. Nobody gets from
            it to the code, and the same code has the same digest at every gate.
        claimed_issuer: whose code it says it is, an issuer whose keys are known here; not proven.
    """

    digest: str
    claimed_issuer: str | None


def suspicion_of(shown: VerifiedPass | Rejection) -> Suspicion | None:
    """What to keep of a suspected forgery; None for everything else."""
    if isinstance(shown, VerifiedPass) or shown.identity is None or not is_suspected(shown.reasons):
        return None
    return Suspicion(shown.identity.hex(), shown.claimed_issuer)


def is_suspected(reasons: Iterable[Reason]) -> bool:
    """True when one of the reasons is a suspicion of forgery."""
    return not SUSPECTED.isdisjoint(reasons)
