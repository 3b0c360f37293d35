"""The NZ COVID Pass: `NZCP:/1/`, Base32, COSE_Sign1, CWT with a verifiable credential.

Source: New Zealand Ministry of Health, "NZ COVID Pass - Technical Specification v1"
(https://nzcp.covid19.health.nz/). A pass says only that its holder is cleared until it expires: no
vaccine, no test. Its issuer is a DID (`did:web:nzcp.identity.health.nz`; the specification's
examples have `did:web:nzcp.covid19.health.nz`), and its kid what follows the `#` of a method there.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from scanner.domain.passes import (
    Algorithm,
    Holder,
    IdKind,
    ParsedPass,
    PassClaims,
    PassFormat,
    PassKind,
)
from scanner.domain.reasons import Reason
from scanner.formats import base32, cbor, cose, cwt
from scanner.formats.checks import Check, Trail, UnreadableError
from scanner.formats.masking import mask
from scanner.formats.parts import Part
from scanner.formats.reader import Failure, Statement

FORMAT: Final = PassFormat("nz_covid_pass")
PREFIX: Final = "NZCP:/"
VERSION: Final = "1"
CREDENTIAL_CLAIM: Final = "vc"
CREDENTIAL_CONTEXT: Final = "https://www.w3.org/2018/credentials/v1"
CREDENTIAL: Final = "VerifiableCredential"
PUBLIC_COVID_PASS: Final = "PublicCovidPass"
CODE_ID_BYTES: Final = 16
"""A UUID, whose text form is the credential's id."""

_ISSUER: Final = re.compile(r"did:web:[A-Za-z0-9._%:-]{1,200}")

Name = Annotated[str, msgspec.Meta(max_length=100)]


class _Subject(msgspec.Struct, frozen=True, rename="camel"):
    """Who holds the pass."""

    given_name: Name
    dob: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    family_name: Name | UnsetType = UNSET

    def __post_init__(self) -> None:
        date.fromisoformat(self.dob)


class _Credential(msgspec.Struct, frozen=True, rename="camel"):
    """The `vc` claim, as far as it is the same for every type of pass."""

    version: Annotated[str, msgspec.Meta(pattern=r"^1\.0\.[0-9]{1,3}\Z")]
    type: Annotated[tuple[str, ...], msgspec.Meta(min_length=2)]
    credential_subject: object
    context: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = msgspec.field(name="@context")

    def __post_init__(self) -> None:
        if self.context[0] != CREDENTIAL_CONTEXT or self.type[0] != CREDENTIAL:
            raise ValueError("not a verifiable credential")


class NzCovidPassReader:
    """Reads `NZCP:/1/` passes."""

    format = FORMAT
    title = "NZ COVID Pass"
    steps = (
        Check.PREFIX, Check.ENCODING, Check.ENVELOPE, Check.KEY, Check.SIGNATURE, Check.TIME,
        Check.USAGE, Check.SCHEMA,
    )  # fmt: skip

    def accepts(self, text: str) -> bool:
        """True for the prefix, whatever version follows it."""
        return text.startswith(PREFIX)

    def part(self, _text: str) -> Part | None:
        """None: a pass is one code."""
        return None

    def open(self, text: str, trail: Trail) -> ParsedPass:
        """Base32, COSE_Sign1 and the claims map."""
        version, _, encoded = text[len(PREFIX) :].partition("/")
        if version != VERSION:
            raise UnreadableError(Check.PREFIX, "version of the pass is not 1")
        trail.prefix = True
        trail.cose = base32.decode(encoded)
        trail.encoding = True
        envelope = cose.parse(trail.cose, strict=True)
        if envelope.algorithm is not Algorithm.ES256:
            raise UnreadableError(Check.ENVELOPE, "algorithm is not ES256")
        content = cbor.read(envelope.payload, strict=True)
        if not cbor.is_map(content):
            raise UnreadableError(Check.ENVELOPE, "payload is no map of claims")
        issuer = content.get(cwt.ISSUER)
        if not isinstance(issuer, str) or not _ISSUER.fullmatch(issuer):
            raise UnreadableError(Check.ENVELOPE, "issuer is no did:web identifier")
        signed = msgspec.structs.replace(envelope.signed, key_id=_key_id(envelope))
        trail.envelope = True
        return ParsedPass(signed, cose.identity(envelope), issuer, content)

    def interpret(self, parsed: ParsedPass, _now: datetime) -> Statement:
        """Times and credential of a proven pass."""
        times, kinds = None, frozenset((PassKind.CLEARANCE,))
        try:
            times = cwt.read_times(parsed.content, strict=True)
            credential = _credential(parsed.content)
            if PUBLIC_COVID_PASS not in credential.type:
                failure = Failure(Check.SCHEMA, Reason.WRONG_SCOPE)
                return Statement(times, kinds, None, "another type of pass", (failure,))
            return Statement(times, kinds, _claims(parsed, times, credential))
        except UnreadableError as error:
            return Statement(times, kinds, None, error.detail)


def _key_id(envelope: cose.Sign1) -> bytes:
    """The kid of the protected header: text by the specification, bytes in its examples."""
    if envelope.key_id:
        return envelope.key_id
    header = cbor.read(envelope.protected, strict=True)
    kid = header.get(cose.KEY_ID_LABEL) if cbor.is_map(header) else None
    if not isinstance(kid, str) or not kid:
        raise UnreadableError(Check.ENVELOPE, "kid is missing")
    return kid.encode("utf-8")


def _credential(content: Mapping[object, object]) -> _Credential:
    try:
        return msgspec.convert(content.get(CREDENTIAL_CLAIM), _Credential)
    except msgspec.ValidationError as error:
        raise UnreadableError(Check.SCHEMA, "vc is no credential of version 1.0") from error


def _claims(parsed: ParsedPass, times: cwt.Times, credential: _Credential) -> PassClaims:
    """The pass in our own shape: no colour, and no id to compare but the name."""
    if times.not_before is None or times.expires_at is None:
        raise UnreadableError(Check.SCHEMA, "nbf or exp is missing")
    code_id = parsed.content.get(cwt.CODE_ID)
    if not isinstance(code_id, bytes) or len(code_id) != CODE_ID_BYTES:
        raise UnreadableError(Check.SCHEMA, "cti is no UUID")
    try:
        subject = msgspec.convert(credential.credential_subject, _Subject)
    except msgspec.ValidationError as error:
        raise UnreadableError(Check.SCHEMA, "subject of the pass breaks its rules") from error
    return PassClaims(
        format=FORMAT,
        kind=PassKind.CLEARANCE,
        issuer=parsed.issuer,
        colour=None,
        # the specification maps nbf to the credential's date of issue
        issued_at=times.issued_at or times.not_before,
        not_before=times.not_before,
        expires_at=times.expires_at,
        code_id=code_id,
        holder=_holder(subject),
    )


def _holder(subject: _Subject) -> Holder | None:
    masked = mask(f"{subject.given_name} {subject.family_name or ''}".strip())
    return Holder(masked, IdKind.OTHER, "") if masked else None


READER: Final = NzCovidPassReader()
