"""Foreign codes as `checkpoint issue` makes them: one row a kind, one row a form of issuer.

What a kind needs is imported when it is asked for, so that no command pays for another one's.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.domain.issuers import EU
from scanner.domain.passes import Algorithm, PassKind

if TYPE_CHECKING:
    from scanner.issuing.keys import IssuerKey


def _nz_covid_pass(key: "IssuerKey", now: datetime, lifetime: timedelta) -> str:
    from scanner.issuing.nz_covid_pass import issue_nz_covid_pass

    return issue_nz_covid_pass(key, now=now, valid_for=lifetime)


def _vds_nc_vaccination(key: "IssuerKey", now: datetime, _lifetime: timedelta) -> str:
    from scanner.issuing.vds_nc import issue_vds_nc

    return issue_vds_nc(key, now=now, kind=PassKind.VACCINATION)


def _vds_nc_test(key: "IssuerKey", now: datetime, _lifetime: timedelta) -> str:
    from scanner.issuing.vds_nc import issue_vds_nc

    return issue_vds_nc(key, now=now, kind=PassKind.TEST)


class Foreign(NamedTuple):
    """How one kind of foreign code is issued, and by whom unless an issuer is named."""

    issuer: str
    issue: "Callable[[IssuerKey, datetime, timedelta], str]"


FOREIGN: Final = {
    "nzcp": Foreign("did:web:nzcp.example", _nz_covid_pass),
    "vds-nc": Foreign("UTO", _vds_nc_vaccination),
    "vds-nc-test": Foreign("UTO", _vds_nc_test),
}
"""The kinds of `checkpoint issue code` that are foreign, by their names there."""


def _es256(issuer: str) -> "IssuerKey":
    from scanner.issuing.keys import IssuerKey

    return IssuerKey.generate(issuer, Algorithm.ES256)


def _vds_nc(issuer: str) -> "IssuerKey":
    from scanner.issuing.vds_nc import generate_signer

    return generate_signer(issuer)


_MAKERS: Final = (
    (re.compile(EU), _es256),
    (re.compile(r"did:web:[A-Za-z0-9._%:-]{1,200}"), _es256),
    (re.compile(r"[A-Z]{3}"), _vds_nc),
)
"""Issuers beside the provinces by the form of their name, and how their keys are made."""


def key_maker(issuer: str) -> "Callable[[str], IssuerKey] | None":
    """What makes a new key for `issuer`; None for one that is no foreign issuer."""
    return next((make for name, make in _MAKERS if name.fullmatch(issuer)), None)
