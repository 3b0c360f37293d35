"""Issuing ICAO VDS-NC seals that look real, under a test key: for demo, tests and pilots.

Gates name a signer's key by its certificate, so that a key for seals needs one. It is self-signed
and the same bytes whenever it is asked for, which spares the issuer a file to keep.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm, PassKind
from scanner.formats import vds_nc_schema as schema
from scanner.formats.canonical_json import canonical
from scanner.issuing.keys import IssuerKey, spki
from scanner.issuing.signing import sign

_HEALTH_SIGNER: Final = x509.ObjectIdentifier("2.23.136.1.1.14.2")
"""ICAO's extended key usage of those who sign seals for health proofs."""

_KEY_ID_LENGTH: Final = 8
_MADE: Final = datetime(2020, 1, 1, tzinfo=UTC)
_ENDS: Final = datetime(2049, 12, 31, tzinfo=UTC)
_TYPES: Final = {PassKind.VACCINATION: schema.VACCINATION, PassKind.TEST: schema.TEST}


def generate_signer(issuer: str) -> IssuerKey:
    """A new key for the state `issuer`, three letters, under the kid that its seals lead to."""
    key = IssuerKey.generate(issuer, Algorithm.ES256)
    return replace(key, key_id=sha256(certificate(key)).digest()[:_KEY_ID_LENGTH])


def certificate(key: IssuerKey) -> bytes:
    """The signer's self-signed certificate, DER; always the same for the same key.

    Raises:
        TrustError: seals are signed with ES256 keys only.
    """
    private_key = key.private_key
    if not isinstance(private_key, EllipticCurvePrivateKey):
        raise TrustError(f"The key of {key.issuer} is for {key.algorithm}; seals need ES256.")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{key.issuer} test signer")])
    serial = int.from_bytes(sha256(spki(private_key.public_key())).digest()[:8], "big")
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(serial | 1)
        .not_valid_before(_MADE)
        .not_valid_after(_ENDS)
        .add_extension(x509.ExtendedKeyUsage([_HEALTH_SIGNER]), critical=False)
        .sign(private_key, SHA256(), ecdsa_deterministic=True)
    )
    return made.public_bytes(Encoding.DER)


def issue_vds_nc(
    key: IssuerKey,
    *,
    now: datetime,
    kind: PassKind = PassKind.VACCINATION,
    name: str = "Smith Bill",
    passport: str = "A1234567Z",
    born: str = "1990-01-02",
    doses: int = 2,
    negative: bool = True,
) -> str:
    """The text for the QR code of a seal.

    Args:
        key: signs it, as `generate_signer` makes it; its issuer stands as the issuing state.
        now: the last dose lies 30 days before it, the sample of a test six hours.
        kind: vaccination or test.
        name: of the holder.
        passport: the whole number of the travel document.
        born: date of birth, ISO 8601.
        doses: so many, three weeks apart.
        negative: the result, for a test.

    Raises:
        KeyError: seals have no such kind.
        TrustError: the key is not for ES256.
    """
    header = {"t": _TYPES[kind], "v": schema.VERSION, "is": key.issuer}
    code_id = f"U{int(now.timestamp()) % 10**9:09}"
    if kind is PassKind.VACCINATION:
        person = {"n": name, "dob": born, "i": passport}
        entry = _vaccination(key.issuer, now - timedelta(days=30), doses)
        message: dict[str, object] = {"uvci": code_id, "pid": person, "ve": [entry]}
    else:
        message = {
            "utci": code_id,
            "pid": {"n": name, "dob": born, "dt": "P", "dn": passport},
            "sp": {"spn": "Test centre 1", "ctr": key.issuer},
            "dat": {"sc": _moment(now, 6), "ri": _moment(now, 2)},
            "tr": {"tc": "molecular(PCR)", "r": "negative" if negative else "positive"},
        }
    return encode_vds_nc({"hdr": header, "msg": message}, key)


def encode_vds_nc(data: Mapping[str, object], key: IssuerKey) -> str:
    """Any content, valid or not, as the text of a signed seal.

    Raises:
        UnreadableError: the content has no canonical form.
        TrustError: the key is not for ES256.
    """
    seal = {
        "data": data,
        "sig": {
            "alg": "ES256",
            "cer": _base64url(certificate(key)),
            "sigvl": _base64url(sign(key.private_key, canonical(data))),
        },
    }
    return json.dumps(seal, ensure_ascii=False, separators=(",", ":"))


def _vaccination(country: str, last: datetime, doses: int) -> dict[str, object]:
    days = (last - timedelta(weeks=3 * (doses - number)) for number in range(1, doses + 1))
    given = [
        {
            "dvc": day.date().isoformat(),
            "seq": number,
            "ctr": country,
            "adm": "Centre 1",
            "lot": f"VC{number:05}",
        }
        for number, day in enumerate(days, 1)
    ]
    return {"des": "XM68M6", "nam": "Comirnaty", "dis": "RA01.0", "vd": given}


def _moment(now: datetime, hours_ago: int) -> str:
    return (now - timedelta(hours=hours_ago)).isoformat(timespec="seconds")


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")
