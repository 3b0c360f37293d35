"""Issuing NZ COVID Passes that look real, under a test key: for demo, tests and pilots."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import cbor2

from scanner.formats import base32, cwt
from scanner.formats.readers.nz_covid_pass import (
    CREDENTIAL,
    CREDENTIAL_CLAIM,
    CREDENTIAL_CONTEXT,
    PREFIX,
    PUBLIC_COVID_PASS,
    VERSION,
)
from scanner.issuing.keys import IssuerKey
from scanner.issuing.signing import sign1

_VOCABULARY: Final = "https://nzcp.covid19.health.nz/contexts/v1"


def issue_nz_covid_pass(
    key: IssuerKey,
    *,
    now: datetime,
    given_name: str = "Jack",
    family_name: str | None = "Sparrow",
    born: str = "1960-04-16",
    valid_for: timedelta = timedelta(days=180),
    code_id: uuid.UUID | None = None,
) -> str:
    """The text for the QR code of a pass.

    Args:
        key: signs it; an ES256 key whose issuer is a `did:web` identifier.
        now: from when it is valid.
        given_name: of the holder.
        family_name: likewise; optional.
        born: date of birth, ISO 8601.
        valid_for: until it expires.
        code_id: a new one without it.
    """
    subject = {"givenName": given_name, "dob": born}
    if family_name is not None:
        subject["familyName"] = family_name
    credential = {
        "@context": [CREDENTIAL_CONTEXT, _VOCABULARY],
        "version": "1.0.0",
        "type": [CREDENTIAL, PUBLIC_COVID_PASS],
        "credentialSubject": subject,
    }
    token: dict[int | str, object] = {
        cwt.ISSUER: key.issuer,
        cwt.NOT_BEFORE: int(now.timestamp()),
        cwt.EXPIRES_AT: int((now + valid_for).timestamp()),
        CREDENTIAL_CLAIM: credential,
        cwt.CODE_ID: (code_id or uuid.uuid4()).bytes,
    }
    return encode_nz_covid_pass(token, key)


def encode_nz_covid_pass(token: Mapping[Any, object], key: IssuerKey) -> str:
    """Any claims, valid or not, as a signed `NZCP:/1/` text."""
    return as_text(sign1(cbor2.dumps(token), key))


def as_text(message: bytes, version: str = VERSION) -> str:
    """A COSE_Sign1 as the text of a pass."""
    return f"{PREFIX}{version}/{base32.encode(message)}"
