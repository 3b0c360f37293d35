"""Nobody decides on what is not proven."""

from datetime import UTC, datetime

import pytest

from scanner.domain.passes import Algorithm, ParsedPass, SignedMessage
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.rules import RuleSet

UNPROVEN = ParsedPass(
    signed=SignedMessage(b"message", bytes(64), Algorithm.EDDSA, b"key-0001"),
    identity=bytes(32),
    issuer="33",
    content={},
)


def test_an_unverified_pass_cannot_be_decided_on() -> None:
    """Types refuse it, and so does the code.

    If the call below ever type-checked, its comment would be unused, and `make lint` would fail.
    """
    circumstances = Circumstances(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    with pytest.raises(AttributeError):
        evaluate(UNPROVEN, RuleSet(), circumstances)  # type: ignore[arg-type]
