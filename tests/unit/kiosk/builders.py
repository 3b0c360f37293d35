"""Verdicts as the gate would send them."""

from datetime import UTC, datetime

import msgspec

from scanner.domain.passes import HEALTH_CODE, Colour, IdKind, PassKind
from scanner.domain.verdicts import Decision
from scanner.gate.messages import VerdictShown

NOW = datetime(2026, 11, 23, 0, 41, 7, tzinfo=UTC)

_GREEN = VerdictShown(
    visit=7,
    at=NOW,
    decision=Decision.ADMIT,
    reasons=(),
    asks=(),
    final=True,
    recorded=True,
    shown_for_s=3,
    frame_to_verdict_ms=9,
    format=HEALTH_CODE,
    kind=PassKind.DYNAMIC,
    colour=Colour.GREEN,
    issuer="33",
    masked_name="张*三",
    id_kind=IdKind.RESIDENT_CARD,
    id_suffix="301X",
    code_age_s=42,
)


def a_verdict(**changes: object) -> VerdictShown:
    """A green code of Zhejiang, with changes."""
    return msgspec.structs.replace(_GREEN, **changes)
