"""Suspicions as the page shows them: forgeries, a line a code; travel, a line a pair of gates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from scanner.domain.issuers import ISSUERS
from sync.hub.store.base import SuspicionRow, TravelRow

SHOWN_FOR: Final = timedelta(days=14)
MOST: Final = 500
DIGEST_SHOWN: Final = 16
_PLACES_SHOWN: Final = 4
_ROUND_FROM_KM: Final = 10


@dataclass(frozen=True, slots=True)
class Suspected:
    """One code that looked forged, wherever it was shown.

    Attributes:
        digest: the first 16 hex digits.
        times: how often it was shown.
        places: gates and sites, the newest first; at most four, and how many more.
        gates: how many different gates saw it: more than one and it goes around.
        first, last: when, by the gates' own clocks.
    """

    digest: str
    issuer: str
    reasons: str
    times: int
    places: tuple[str, ...]
    gates: int
    first: datetime
    last: datetime


def group(rows: Iterable[SuspicionRow]) -> list[Suspected]:
    """Rows, the newest first, as one line a digest; the one that was shown last stands first."""
    codes: dict[str, list[SuspicionRow]] = {}
    for row in rows:
        codes.setdefault(row.digest, []).append(row)
    return [_suspected(shown) for shown in codes.values()]


@dataclass(frozen=True, slots=True)
class Travelled:
    """Two gates that one person cannot have been at.

    Attributes:
        first, second: gate and site; the one that was earlier first.
        first_at, second_at: when, by the gates' own clocks.
        distance_km: straight; one decimal below 10 km.
    """

    first: str
    first_at: datetime
    second: str
    second_at: datetime
    distance_km: str


def view_travel(row: TravelRow) -> Travelled:
    """What a supervisor is told of impossible travel: where and when, nothing of whom."""
    km = row.distance_m / 1000
    return Travelled(
        first=f"{row.first_gate}, {row.first_site}",
        first_at=row.first_at,
        second=f"{row.second_gate}, {row.second_site}",
        second_at=row.second_at,
        distance_km=f"{km:.1f}" if km < _ROUND_FROM_KM else f"{km:,.0f}",
    )


def _suspected(shown: list[SuspicionRow]) -> Suspected:
    newest = shown[0]
    gates = {row.device_id: f"{row.gate}, {row.site}" for row in shown}
    places = list(gates.values())
    more = len(places) - _PLACES_SHOWN
    issuer = ISSUERS.get(newest.claimed_issuer)
    return Suspected(
        digest=newest.digest[:DIGEST_SHOWN],
        issuer=f"{issuer.english} {issuer.chinese}" if issuer else newest.claimed_issuer,
        reasons=", ".join(reason.replace("_", " ") for reason in newest.reasons),
        times=len(shown),
        places=(*places[:_PLACES_SHOWN], *([f"and {more} more"] if more > 0 else [])),
        gates=len(gates),
        first=min(row.at for row in shown),
        last=max(row.at for row in shown),
    )
