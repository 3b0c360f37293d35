"""What `checkpoint issue code` can make: a table from kind to issuing function.

Another format's kind is a name in `CodeKind` and a row in `FOREIGN_KINDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from scanner.domain.issuers import EU
from scanner.domain.passes import PassKind

if TYPE_CHECKING:
    from scanner.issuing.keys import IssuerKey

_CARD_ISSUER: Final = "https://health.example/cards"


class CodeKind(StrEnum):
    """What `issue code` can make."""

    DYNAMIC = "dynamic"
    PAPER = "paper"
    DEPENDANT = "dependant"
    VISITOR = "visitor"
    NATIONAL = "national"
    EU_VACCINATION = "eu"
    EU_TEST = "eu-test"
    EU_RECOVERY = "eu-recovery"
    SHC_VACCINATION = "shc"
    SHC_TEST = "shc-test"


@dataclass(frozen=True, slots=True)
class ForeignKind:
    """A code of somebody else's format.

    Attributes:
        issuer: whose key signs it, unless the person names another.
        issue: its text by key, time of issue and lifetime.
    """

    issuer: str
    issue: Callable[["IssuerKey", datetime, timedelta], str]


def _eu_dcc(kind: PassKind) -> ForeignKind:
    def issue(key: "IssuerKey", now: datetime, valid_for: timedelta) -> str:
        from scanner.issuing.eu_dcc import issue_eu_dcc

        return issue_eu_dcc(key, now=now, kind=kind, valid_for=valid_for)

    return ForeignKind(EU, issue)


def _smart_health_card(kind: PassKind) -> ForeignKind:
    def issue(key: "IssuerKey", now: datetime, valid_for: timedelta) -> str:
        from scanner.issuing.smart_health_card import issue_smart_health_card

        return issue_smart_health_card(key, now=now, kind=kind, valid_for=valid_for)

    return ForeignKind(_CARD_ISSUER, issue)


FOREIGN_KINDS: Final = {
    CodeKind.EU_VACCINATION: _eu_dcc(PassKind.VACCINATION),
    CodeKind.EU_TEST: _eu_dcc(PassKind.TEST),
    CodeKind.EU_RECOVERY: _eu_dcc(PassKind.RECOVERY),
    CodeKind.SHC_VACCINATION: _smart_health_card(PassKind.VACCINATION),
    CodeKind.SHC_TEST: _smart_health_card(PassKind.TEST),
}
