"""ICAO VDS-NC: a visible digital seal for non-constrained environments, JSON in a QR code.

Source: ICAO Technical Report "VDS-NC: Visible Digital Seal for non-constrained environments". The
text is `{"data": {"hdr", "msg"}, "sig": {"alg", "cer", "sigvl"}}`, and the signature is over the
canonical form (RFC 8785) of `data`.

A seal carries its signer's certificate. It is **never parsed and proves nothing**: whoever forges a
seal can put his own there. The first 8 bytes of its SHA-256 are the kid, as with EU certificates,
and the key under it comes from the trust list, where it belongs to the state that `hdr.is` names.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import Final, TypeVar

import msgspec

from scanner.domain.passes import (
    Algorithm,
    Holder,
    IdKind,
    LaboratoryTest,
    ParsedPass,
    PassClaims,
    PassFormat,
    PassKind,
    SignedMessage,
    VaccineRecord,
)
from scanner.domain.reasons import Reason
from scanner.formats import base64url, strict_json
from scanner.formats import vds_nc_schema as schema
from scanner.formats.canonical_json import canonical
from scanner.formats.checks import Check, Trail, UnreadableError
from scanner.formats.cwt import Times
from scanner.formats.masking import mask
from scanner.formats.parts import Part
from scanner.formats.reader import Failure, Statement

FORMAT: Final = PassFormat("vds_nc")
MAX_DEPTH: Final = 10
"""A seal needs seven: the text, `data`, `msg`, `ve`, an entry of it, `vd`, a dose."""

_BLANK: Final = r"[ \t\r\n]*"
_BEGINNING: Final = re.compile(
    rf'{_BLANK}\{{{_BLANK}"(?:data"{_BLANK}:{_BLANK}\{{{_BLANK}"(?:hdr|msg)'
    rf'|sig"{_BLANK}:{_BLANK}\{{{_BLANK}"(?:alg|cer|sigvl))"{_BLANK}:'
)
_STATE: Final = re.compile(r"[A-Z]{3}")
_BASE64URL: Final = re.compile(r"([^=]*)={0,2}")
_NOT_IN_A_NUMBER: Final = re.compile(r"[^0-9A-Z]")
_KEY_ID_LENGTH: Final = 8
_SUFFIX_LENGTH: Final = 4
_PASSPORT: Final = "P"
_AHEAD: Final = timedelta(hours=14)
"""Days and times without an offset are local, and no clock is further ahead of UTC."""

_TIMELESS: Final = Times(None, None, None)
_KINDS: Final = {schema.VACCINATION: PassKind.VACCINATION, schema.TEST: PassKind.TEST}

T = TypeVar("T")


class VdsNcReader:
    """Reads seals for proof of vaccination and of testing."""

    format = FORMAT
    title = "ICAO VDS-NC"
    steps = (
        Check.PREFIX, Check.ENVELOPE, Check.KEY, Check.SIGNATURE, Check.TIME, Check.USAGE,
        Check.SCHEMA,
    )  # fmt: skip

    def accepts(self, text: str) -> bool:
        """True when it begins as a seal does: other JSON is no broken seal."""
        return _BEGINNING.match(text) is not None

    def part(self, _text: str) -> Part | None:
        """None: a seal is one code."""
        return None

    def open(self, text: str, trail: Trail) -> ParsedPass:
        """JSON, its parts, and the canonical form of the signed one."""
        trail.prefix = True
        seal = _object(strict_json.read(text, max_depth=MAX_DEPTH))
        data, signature = _object(seal.get("data")), _object(seal.get("sig"))
        issuer = _object(data.get("hdr")).get("is")
        if not isinstance(issuer, str) or not _STATE.fullmatch(issuer):
            raise UnreadableError(Check.ENVELOPE, "issuer is no state's three letters")
        message = canonical(data)
        signed = SignedMessage(
            message=message,
            signature=_base64url(signature.get("sigvl")),
            algorithm=_algorithm(signature.get("alg")),
            key_id=_key_id(signature.get("cer")),
        )
        trail.envelope = True
        return ParsedPass(signed, sha256(message).digest(), issuer, data)

    def interpret(self, parsed: ParsedPass, now: datetime) -> Statement:
        """What a proven seal says about COVID-19; other content is genuine, but of no use here."""
        header = _object(parsed.content["hdr"])
        kind = next((kind for name, kind in _KINDS.items() if name == header.get("t")), None)
        if kind is None:
            return _of_no_use(frozenset(), "another type of seal")
        kinds, version = frozenset((kind,)), header.get("v")
        if type(version) is not int or version != schema.VERSION:
            return Statement(_TIMELESS, kinds, None, "version of the seal is not 1")
        try:
            if kind is PassKind.VACCINATION:
                message = _message(parsed, schema.VaccinationMessage)
                return _vaccination(parsed.issuer, message, now)
            return _test(parsed.issuer, _message(parsed, schema.TestMessage), now)
        except UnreadableError as error:
            return Statement(_TIMELESS, kinds, None, error.detail)


def _object(value: object) -> Mapping[object, object]:
    if not isinstance(value, dict):
        raise UnreadableError(Check.ENVELOPE, "a part of the seal is no JSON object")
    return value


def _base64url(value: object) -> bytes:
    """RFC 4648 section 5, with or without padding; anything that is not its one spelling fails."""
    match = _BASE64URL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise UnreadableError(Check.ENVELOPE, "not base64url")
    return base64url.decode(match[1])


def _algorithm(value: object) -> Algorithm | None:
    """ES256, also as the technical report's own example spells it, "ES 256"; else None."""
    if not isinstance(value, str):
        raise UnreadableError(Check.ENVELOPE, "algorithm is no text")
    return Algorithm.ES256 if value.replace(" ", "").upper() == Algorithm.ES256 else None


def _key_id(certificate: object) -> bytes:
    """Names the key by the certificate's bytes; without one no key is named, and none is found."""
    if certificate is None:
        return b""
    return sha256(_base64url(certificate)).digest()[:_KEY_ID_LENGTH]


def _message(parsed: ParsedPass, shape: type[T]) -> T:
    try:
        return msgspec.convert(parsed.content.get("msg"), shape)
    except msgspec.ValidationError as error:
        raise UnreadableError(Check.SCHEMA, "message of the seal breaks its rules") from error


def _of_no_use(kinds: frozenset[PassKind], detail: str) -> Statement:
    failure = Failure(Check.SCHEMA, Reason.WRONG_SCOPE)
    return Statement(_TIMELESS, kinds, None, detail, (failure,))


def _vaccination(issuer: str, message: schema.VaccinationMessage, now: datetime) -> Statement:
    kinds = frozenset((PassKind.VACCINATION,))
    if not (doses := message.doses):
        return _of_no_use(kinds, "no vaccination against COVID-19")
    days = {schema.moment(dose.dvc).date() for dose in doses}
    # a seal may leave out the doses that came before, or number each vaccine from 1
    count = max(len(days), *(int(dose.seq) for dose in doses))
    claims = PassClaims(
        format=FORMAT,
        kind=PassKind.VACCINATION,
        issuer=issuer,
        colour=None,
        code_id=message.uvci.encode("utf-8"),
        country=issuer,
        holder=_holder(message.pid),
        vaccine=VaccineRecord(count, max(days)),
    )
    newest = datetime.combine(max(days), time.min, UTC)
    return Statement(_TIMELESS, kinds, claims, failures=_not_yet(newest, now))


def _test(issuer: str, message: schema.TestMessage, now: datetime) -> Statement:
    kinds = frozenset((PassKind.TEST,))
    if message.tr.is_for_antibodies:
        return _of_no_use(kinds, "test for antibodies")
    sampled = schema.moment(message.dat.sc)
    reported = None if message.dat.ri is None else schema.moment(message.dat.ri)
    claims = PassClaims(
        format=FORMAT,
        kind=PassKind.TEST,
        issuer=issuer,
        colour=None,
        code_id=message.utci.encode("utf-8"),
        country=issuer,
        holder=_holder(message.pid),
        test=LaboratoryTest(message.tr.tc, message.tr.is_negative, sampled, reported),
    )
    newest = max(sampled, reported or sampled)
    return Statement(_TIMELESS, kinds, claims, failures=_not_yet(newest, now))


def _not_yet(newest: datetime, now: datetime) -> tuple[Failure, ...]:
    """A seal holds no times of its own; what it reports cannot lie in the future, though."""
    if newest - now > _AHEAD:
        return (Failure(Check.TIME, Reason.NOT_YET_VALID),)
    return ()


def _holder(person: schema.Person) -> Holder | None:
    masked = mask(person.n)
    if not masked:
        return None
    is_passport = bool(person.i) or (person.dt or "").startswith(_PASSPORT)
    number = _NOT_IN_A_NUMBER.sub("", (person.i or person.dn or "").upper())
    # of a number so short that its end would be the whole, nothing is shown
    suffix = number[-_SUFFIX_LENGTH:] if len(number) > _SUFFIX_LENGTH else ""
    kind = IdKind.PASSPORT if is_passport and suffix else IdKind.OTHER
    return Holder(masked, kind, suffix)


READER: Final = VdsNcReader()
