"""The EU Digital COVID Certificate: `HC1:`, Base45, zlib, COSE_Sign1, CWT with the hcert claim.

Its trust list is flat: every certificate is looked up under the one issuer `EU`, whatever country
its `iss` names. Foreign issuers are read with the tolerance that the published test certificates
need; whatever they sign is theirs to answer for.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from itertools import compress, product
from typing import Final

import msgspec

from scanner.domain.issuers import EU
from scanner.domain.passes import (
    EU_DCC,
    Holder,
    IdKind,
    LaboratoryTest,
    ParsedPass,
    PassClaims,
    PassKind,
    RecoveryRecord,
    VaccineRecord,
)
from scanner.formats import base45, cbor, cose, cwt
from scanner.formats import eu_dcc_schema as schema
from scanner.formats.checks import Check, Trail, UnreadableError
from scanner.formats.inflate import inflate
from scanner.formats.iso8601 import read_moment
from scanner.formats.masking import mask
from scanner.formats.parts import Part
from scanner.formats.reader import Statement

FORMAT: Final = EU_DCC
PREFIX: Final = "HC1:"
HCERT_CLAIM: Final = -260
EU_DCC_V1: Final = 1
MAX_INFLATED: Final = 16 * 1024
"""Larger than any certificate, far smaller than what a bomb would like to fill."""

KIND_GROUPS: Final = {"v": PassKind.VACCINATION, "t": PassKind.TEST, "r": PassKind.RECOVERY}
_KINDS: Final = {
    present: frozenset(compress(KIND_GROUPS.values(), present))
    for present in product((False, True), repeat=len(KIND_GROUPS))
}
"""Of every combination of groups, since each code is asked."""

UNKNOWN_TEST: Final = "unknown"

_COUNTRY: Final = re.compile(r"[A-Z]{2,3}")
_TEST_TYPE: Final = re.compile(r"[0-9A-Za-z-]{1,32}")
"""LOINC codes; the schema takes any text, which no screen should."""


class EuDccReader:
    """Reads `HC1:` certificates."""

    format = FORMAT
    title = "EU Digital COVID Certificate"
    steps = tuple(check for check in Check if check not in (Check.HOLDER, Check.REVOCATION))

    def accepts(self, text: str) -> bool:
        """True for the prefix."""
        return text.startswith(PREFIX)

    def part(self, _text: str) -> Part | None:
        """None: a certificate is one code."""
        return None

    def open(self, text: str, trail: Trail) -> ParsedPass:
        """Base45, zlib, COSE_Sign1, and the claims with the hcert map."""
        trail.prefix = True
        trail.compressed = base45.decode(text[len(PREFIX) :])
        trail.encoding = True
        trail.cose = inflate(trail.compressed, MAX_INFLATED)
        trail.compression = True
        envelope = cose.parse(trail.cose, strict=False)
        content = cbor.read(envelope.payload, strict=False)
        if not cbor.is_map(content):
            raise UnreadableError(Check.ENVELOPE, "payload is no map of claims")
        trail.document = _document(content)
        trail.envelope = True
        return ParsedPass(envelope.signed, cose.identity(envelope), EU, content)

    def interpret(self, parsed: ParsedPass, _now: datetime) -> Statement:
        """Times, groups and the schema, each on its own."""
        document = _document(parsed.content)
        kinds = _KINDS[bool(document.get("v")), bool(document.get("t")), bool(document.get("r"))]
        try:
            times = cwt.read_times(parsed.content, strict=False)
        except UnreadableError as error:
            return Statement(None, kinds, None, error.detail)
        try:
            claims = _claims(msgspec.convert(document, schema.Certificate), times)
        except (msgspec.ValidationError, ValueError):  # the second for a day or a time
            return Statement(times, kinds, None, "content breaks schema 1.3.3")
        return Statement(times, kinds, claims)


def _document(content: Mapping[object, object]) -> Mapping[object, object]:
    """The certificate within the hcert claim."""
    hcert = content.get(HCERT_CLAIM)
    document = hcert.get(EU_DCC_V1) if cbor.is_map(hcert) else None
    if not cbor.is_map(document):
        raise UnreadableError(Check.ENVELOPE, "no certificate in the hcert claim")
    return document


def _claims(certificate: schema.Certificate, times: cwt.Times) -> PassClaims:
    """The certificate in our own shape; it has no colour, and no id to compare but the name.

    Raises:
        ValueError: a day or a time that is none.
    """
    entry = certificate.entry
    kind, test, vaccine, recovery = PassKind.RECOVERY, None, None, None
    not_before, expires_at = times.not_before, times.expires_at
    if isinstance(entry, schema.Vaccination):
        kind = PassKind.VACCINATION
        vaccine = VaccineRecord(int(entry.dn), schema.day(entry.dt))
    elif isinstance(entry, schema.Test):
        kind = PassKind.TEST
        negative = entry.tr == schema.NOT_DETECTED
        test_type = entry.tt if _TEST_TYPE.fullmatch(entry.tt) else UNKNOWN_TEST
        test = LaboratoryTest(test_type, negative, read_moment(entry.sc), reported_at=None)
    else:
        recovery = RecoveryRecord(schema.day(entry.fr))
        not_before = read_moment(entry.df)
        ends = datetime.combine(schema.day(entry.du), time.max, UTC)
        expires_at = min(ends, expires_at) if expires_at else ends
    return PassClaims(
        format=FORMAT,
        kind=kind,
        issuer=EU,
        colour=None,
        issued_at=times.issued_at,
        not_before=not_before,
        expires_at=expires_at,
        code_id=entry.ci.encode("utf-8", "replace"),
        country=entry.co if _COUNTRY.fullmatch(entry.co) else None,
        holder=_holder(certificate.nam),
        test=test,
        vaccine=vaccine,
        recovery=recovery,
    )


def _holder(name: schema.PersonName) -> Holder | None:
    forename = name.gn or name.gnt or ""
    surname = name.fn or name.fnt or ""
    masked = mask(f"{forename} {surname}")
    return Holder(masked, IdKind.OTHER, "") if masked else None


READER: Final = EuDccReader()
