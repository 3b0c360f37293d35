"""What `checkpoint issue` can make: one row a kind of code, one row a form of issuer.

Another format's kind is a name in `CodeKind` and a row in `FOREIGN_KINDS`. What a kind needs is
imported when it is asked for, so that no command pays for another one's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from scanner.domain.issuers import EU
from scanner.domain.passes import Algorithm, PassKind

if TYPE_CHECKING:
    from scanner.issuing.keys import IssuerKey

_CARD_ISSUER: Final = "https://health.example/cards"
_PASS_ISSUER: Final = "did:web:nzcp.example"
_SEAL_ISSUER: Final = "UTO"


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
    NZ_COVID_PASS = "nzcp"
    VDS_NC_VACCINATION = "vds-nc"
    VDS_NC_TEST = "vds-nc-test"


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


def _nz_covid_pass(key: "IssuerKey", now: datetime, valid_for: timedelta) -> str:
    from scanner.issuing.nz_covid_pass import issue_nz_covid_pass

    return issue_nz_covid_pass(key, now=now, valid_for=valid_for)


def _vds_nc(kind: PassKind) -> ForeignKind:
    def issue(key: "IssuerKey", now: datetime, _valid_for: timedelta) -> str:
        from scanner.issuing.vds_nc import issue_vds_nc

        return issue_vds_nc(key, now=now, kind=kind)

    return ForeignKind(_SEAL_ISSUER, issue)


FOREIGN_KINDS: Final = {
    CodeKind.EU_VACCINATION: _eu_dcc(PassKind.VACCINATION),
    CodeKind.EU_TEST: _eu_dcc(PassKind.TEST),
    CodeKind.EU_RECOVERY: _eu_dcc(PassKind.RECOVERY),
    CodeKind.SHC_VACCINATION: _smart_health_card(PassKind.VACCINATION),
    CodeKind.SHC_TEST: _smart_health_card(PassKind.TEST),
    CodeKind.NZ_COVID_PASS: ForeignKind(_PASS_ISSUER, _nz_covid_pass),
    CodeKind.VDS_NC_VACCINATION: _vds_nc(PassKind.VACCINATION),
    CodeKind.VDS_NC_TEST: _vds_nc(PassKind.TEST),
}


def _es256_key(issuer: str) -> "IssuerKey":
    from scanner.issuing.keys import IssuerKey

    return IssuerKey.generate(issuer, Algorithm.ES256)


def _card_key(issuer: str) -> "IssuerKey":
    from scanner.issuing.smart_health_card import new_key

    return new_key(issuer)


def _seal_key(issuer: str) -> "IssuerKey":
    from scanner.issuing.vds_nc import generate_signer

    return generate_signer(issuer)


_MAKERS: Final = (
    (re.compile(EU), _es256_key),
    (re.compile(r"https://[!-~]{1,200}[!-.0-~]"), _card_key),
    (re.compile(r"did:web:[A-Za-z0-9._%:-]{1,200}"), _es256_key),
    (re.compile(r"[A-Z]{3}"), _seal_key),
)
"""Issuers beside the provinces by the form of their name, and how their keys are made."""


def key_maker(issuer: str) -> Callable[[str], "IssuerKey"] | None:
    """What makes a new key for `issuer`; None for one that is no foreign issuer."""
    return next((make for name, make in _MAKERS if name.fullmatch(issuer)), None)
