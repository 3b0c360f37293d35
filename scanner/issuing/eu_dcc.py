"""Issuing EU certificates that look real, under a test key: for demo, tests and pilots."""

import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import cbor2

from scanner.domain.passes import PassKind
from scanner.formats import base45, cwt
from scanner.formats.eu_dcc_schema import NOT_DETECTED
from scanner.formats.readers.eu_dcc import EU_DCC_V1, HCERT_CLAIM, KIND_GROUPS, PREFIX
from scanner.issuing.keys import IssuerKey
from scanner.issuing.signing import sign1

_GROUPS: Final = {kind: group for group, kind in KIND_GROUPS.items()}
_COVID_19: Final = "840539006"
_DETECTED: Final = "260373001"
_NUCLEIC_ACID_TEST: Final = "LP6464-4"


def issue_eu_dcc(
    key: IssuerKey,
    *,
    now: datetime,
    kind: PassKind = PassKind.VACCINATION,
    country: str = "AT",
    surname: str = "Musterfrau-Gößinger",
    forename: str = "Gabriele",
    born: str = "1998-02-26",
    valid_for: timedelta = timedelta(days=180),
    negative: bool = True,
) -> str:
    """The text for the QR code of a vaccination, test or recovery certificate.

    Args:
        key: signs it; gates look it up under the issuer `EU`.
        now: when it is issued; the medical event lies a plausible time before.
        kind: vaccination, test or recovery.
        country: ISO 3166 code that stands as its issuer.
        surname: of the holder, in Latin letters.
        forename: likewise.
        born: date of birth, ISO 8601.
        valid_for: until the token expires.
        negative: the result, for a test.

    Raises:
        KeyError: EU certificates have no such kind.
    """
    group = _GROUPS[kind]
    document = {
        "ver": "1.3.0",
        "nam": {
            "fn": surname,
            "fnt": _standardised(surname),
            "gn": forename,
            "gnt": _standardised(forename),
        },
        "dob": born,
        group: [_common(country, now) | _entry(kind, now, valid_for, negative=negative)],
    }
    return encode_eu_dcc(document, key, country=country, now=now, valid_for=valid_for)


def encode_eu_dcc(
    document: Mapping[str, object],
    key: IssuerKey,
    *,
    country: str,
    now: datetime,
    valid_for: timedelta,
) -> str:
    """Any certificate content, valid or not, as a signed `HC1:` text."""
    payload = cbor2.dumps(
        {
            cwt.ISSUER: country,
            cwt.EXPIRES_AT: int((now + valid_for).timestamp()),
            cwt.ISSUED_AT: int(now.timestamp()),
            HCERT_CLAIM: {EU_DCC_V1: document},
        }
    )
    return PREFIX + base45.encode(zlib.compress(sign1(payload, key), 9))


def _common(country: str, now: datetime) -> dict[str, object]:
    return {
        "tg": _COVID_19,
        "co": country,
        "is": "Ministry of Health",
        "ci": f"URN:UVCI:01:{country}:{int(now.timestamp()):X}#T",
    }


def _entry(
    kind: PassKind, now: datetime, valid_for: timedelta, *, negative: bool
) -> dict[str, object]:
    if kind is PassKind.VACCINATION:
        return {
            "vp": "1119349007",
            "mp": "EU/1/20/1528",
            "ma": "ORG-100030215",
            "dn": 2,
            "sd": 2,
            "dt": _day(now - timedelta(days=30)),
        }
    if kind is PassKind.TEST:
        return {
            "tt": _NUCLEIC_ACID_TEST,
            "nm": "PCR",
            "sc": (now - timedelta(hours=6)).isoformat(timespec="seconds"),
            "tr": NOT_DETECTED if negative else _DETECTED,
            "tc": "Test centre 1",
        }
    return {
        "fr": _day(now - timedelta(days=40)),
        "df": _day(now - timedelta(days=29)),
        "du": _day(now + valid_for),
    }


def _day(when: datetime) -> str:
    return when.date().isoformat()


def _standardised(name: str) -> str:
    """As in a passport's machine-readable zone (ICAO 9303), for the letters of our test names."""
    plain = name.upper().translate({ord("Ä"): "AE", ord("Ö"): "OE", ord("Ü"): "UE", ord("ß"): "SS"})
    return "".join(char if "A" <= char <= "Z" else "<" for char in plain)
