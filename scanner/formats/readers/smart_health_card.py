"""SMART Health Cards: `shc:/`, digits, JWS, raw DEFLATE, a FHIR bundle (spec.smarthealth.cards).

A card in one code is `shc:/DIGITS`; in several it is `shc:/INDEX/TOTAL/DIGITS`, INDEX from 1, only
where more than one is needed ("Encoding QRs"). The specification's limit of QR version 22 is about
the size of print: what a reader could read is judged by what it says.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import msgspec

from scanner.domain.passes import ParsedPass, PassClaims, PassFormat, PassKind
from scanner.domain.reasons import Reason
from scanner.formats import cwt, jws, strict_json
from scanner.formats.checks import Check, Trail, UnreadableError
from scanner.formats.inflate import inflate
from scanner.formats.parts import Part
from scanner.formats.reader import Failure, Statement
from scanner.formats.smart_health_card_facts import Facts, read_facts

FORMAT: Final = PassFormat("smart_health_card")
PREFIX: Final = "shc:/"
HEALTH_CARD: Final = "https://smarthealth.cards#health-card"
OFFSET: Final = 45
"""Two digits are a character's code less this, so that `-` is 00 and `z` is 77."""

MAX_PARTS: Final = 50
MAX_TEXT: Final = 16 * 1024
"""Room for a JWS of 8,189 characters: seven times what the specification puts into one code."""

MAX_INFLATED: Final = 64 * 1024
"""A JWS of that length carries at most 6 KB; FHIR's JSON deflates to a fourth or a fifth, seldom
to a tenth, so no card comes near this, and a bomb fills no more."""

_PART: Final = re.compile(r"shc:/([1-9][0-9]?)/([1-9][0-9]?)/((?:[0-9]{2})+)", re.ASCII)
_NUMBERED: Final = re.compile(r"[0-9]{0,9}/[0-9]{0,9}/[0-9]*", re.ASCII)
_LARGEST_PAIR: Final = ord("z") - OFFSET
_FOREIGN: Final = 0xFF
_CHARACTERS: Final = bytes(
    {int(f"{pair}", 16): pair + OFFSET for pair in range(_LARGEST_PAIR + 1)}.get(byte, _FOREIGN)
    for byte in range(256)
)
"""A character by the byte whose two hexadecimal digits are its pair."""

_ISSUER: Final = re.compile(r"https://[!-~]{0,239}[!-.0-~]")
_REVOCATION_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,24}")
_WRONG_SCOPE: Final = (Failure(Check.SCHEMA, Reason.WRONG_SCOPE),)


class _Bundle(msgspec.Struct, frozen=True, rename="camel"):
    resource_type: str
    type: str = ""
    entry: tuple[Mapping[str, object], ...] = ()


class _Subject(msgspec.Struct, frozen=True, rename="camel"):
    fhir_bundle: _Bundle


class _Credential(msgspec.Struct, frozen=True, rename="camel"):
    type: tuple[str, ...]
    credential_subject: _Subject
    rid: object = None


class SmartHealthCardReader:
    """Reads `shc:/` cards, whole or put together from their parts."""

    format = FORMAT
    title = "SMART Health Card"
    steps = tuple(check for check in Check if check is not Check.HOLDER)
    max_text = MAX_TEXT

    def accepts(self, text: str) -> bool:
        """True for the prefix; a part of a card and a damaged one are this format's too."""
        return text.startswith(PREFIX)

    def part(self, text: str) -> Part | None:
        """The share of a card in several codes, if its index and total can be true.

        One that is larger than its share of `MAX_TEXT` is none, so that whatever is put together
        is short enough to be looked at.
        """
        match = _PART.fullmatch(text)
        if match is None:
            return None
        index, total, body = int(match[1]), int(match[2]), match[3]
        if not 1 < total <= MAX_PARTS or index > total or len(body) > _most_digits(total):
            return None
        return Part(PREFIX, index, total, body)

    def open(self, text: str, trail: Trail) -> ParsedPass:
        """Digits, JWS, DEFLATE and the JSON claims with their issuer."""
        trail.prefix = True
        compact = decode_digits(text[len(PREFIX) :])
        trail.encoding = True
        envelope = jws.parse(compact)
        if not envelope.is_deflated:
            raise UnreadableError(Check.COMPRESSION, "payload is not said to be deflated")
        trail.compressed = envelope.payload
        payload = inflate(envelope.payload, MAX_INFLATED, raw=True)
        trail.compression = True
        content = strict_json.read(payload)
        if not isinstance(content, dict):
            raise UnreadableError(Check.ENVELOPE, "payload is no object of claims")
        issuer = content.get("iss")
        if not isinstance(issuer, str) or not _ISSUER.fullmatch(issuer):
            raise UnreadableError(Check.ENVELOPE, "issuer is no https address without final slash")
        trail.envelope = True
        return ParsedPass(envelope.signed, jws.identity(envelope), issuer, content)

    def interpret(self, parsed: ParsedPass, _now: datetime) -> Statement:
        """Times, and what a proven card says about COVID-19."""
        try:
            times = _read_times(parsed.content)
        except UnreadableError as error:
            return Statement(None, frozenset(), None, error.detail)
        try:
            credential = msgspec.convert(parsed.content.get("vc"), _Credential)
            facts = read_facts(_resources(credential))
        except (ValueError, msgspec.ValidationError):
            return Statement(times, frozenset(), None, "content breaks the format's rules")
        kinds = frozenset(_kinds(facts))
        if not kinds:
            detail = "a genuine card about something else than COVID-19"
            return Statement(times, kinds, None, detail, _WRONG_SCOPE)
        claims = _claims(parsed.issuer, times, facts, _revocation_id(credential.rid))
        return Statement(times, kinds, claims)


def decode_digits(digits: str) -> str:
    """The JWS that pairs of digits stand for ("Encoding QRs").

    Raises:
        UnreadableError: no digits, an odd count, a pair above 77, or numbers of a part.
    """
    if _NUMBERED.fullmatch(digits):
        raise UnreadableError(Check.ENCODING, "one part of a card alone, or numbered wrongly")
    if not (digits.isascii() and digits.isdigit() and len(digits) % 2 == 0):
        raise UnreadableError(Check.ENCODING, "not pairs of digits")
    characters = bytes.fromhex(digits).translate(_CHARACTERS)
    if _FOREIGN in characters:
        raise UnreadableError(Check.ENCODING, "pair of digits above 77")
    return characters.decode("ascii")


def encode_digits(compact: str) -> str:
    """A JWS, or a part of one, as pairs of digits."""
    return "".join(f"{ord(character) - OFFSET:02}" for character in compact)


def _most_digits(total: int) -> int:
    return (MAX_TEXT - len(PREFIX)) // total


def _read_times(content: Mapping[object, object]) -> cwt.Times:
    """`nbf` is when a card was issued; JWT and CWT mean the same by their claims (RFC 8392)."""
    issued = content.get("nbf")
    claims: dict[object, object] = {cwt.NOT_BEFORE: issued, cwt.ISSUED_AT: issued}
    if "exp" in content:
        claims[cwt.EXPIRES_AT] = content["exp"]
    return cwt.read_times(claims, strict=False)


def _resources(credential: _Credential) -> Iterator[Mapping[str, object]]:
    """The bundle's resources; none of a bundle that is no collection, such as a patient summary.

    Raises:
        ValueError: no health card, no bundle, or an entry without resource.
    """
    bundle = credential.credential_subject.fhir_bundle
    if HEALTH_CARD not in credential.type or bundle.resource_type != "Bundle":
        raise ValueError("no health card")
    for entry in bundle.entry:
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            raise ValueError("entry without resource")
        if bundle.type == "collection" or resource.get("resourceType") == "Patient":
            yield resource


def _kinds(facts: Facts) -> Iterator[PassKind]:
    if facts.vaccine is not None:
        yield PassKind.VACCINATION
    if facts.test is not None:
        yield PassKind.TEST


def _claims(issuer: str, times: cwt.Times, facts: Facts, code_id: bytes | None) -> PassClaims:
    """The card in our own shape; it has no colour, and no id to compare but the name."""
    return PassClaims(
        format=FORMAT,
        kind=PassKind.TEST if facts.vaccine is None else PassKind.VACCINATION,
        issuer=issuer,
        colour=None,
        issued_at=times.issued_at,
        not_before=times.not_before,
        expires_at=times.expires_at,
        code_id=code_id,
        holder=facts.holder,
        test=facts.test,
        vaccine=facts.vaccine,
    )


def _revocation_id(rid: object) -> bytes | None:
    """`rid` ("Revocation"), under which an issuer takes single cards back."""
    if isinstance(rid, str) and _REVOCATION_ID.fullmatch(rid):
        return rid.encode()
    return None


READER: Final = SmartHealthCardReader()
