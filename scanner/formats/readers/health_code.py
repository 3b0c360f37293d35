"""The provinces' health code: CWT in COSE_Sign1, Base45, `JKM1:`. See `docs/health-code.md`.

A code that is bound to a phone comes wrapped in the phone's own signature: `holder_proof`.

Our own format, so everything about it is strict: one encoding, whole seconds, no surprises.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Annotated, Final

import msgspec

from scanner.domain.issuers import NATIONAL
from scanner.domain.passes import (
    HEALTH_CODE,
    DependantRecord,
    Holder,
    LaboratoryTest,
    ParsedPass,
    PassClaims,
    PassKind,
    VaccineRecord,
)
from scanner.domain.reasons import Reason
from scanner.formats import base45, cbor, cose, cwt, holder_proof
from scanner.formats import health_code_claims as table
from scanner.formats.checks import Check, Trail, UnreadableError
from scanner.formats.masking import mask
from scanner.formats.parts import Part
from scanner.formats.reader import Failure, Statement

_ISSUER: Final = re.compile(r"[0-9]{2}", re.ASCII)
_URL_SCHEME: Final = "https://"
_FRAGMENT: Final = "#" + table.PREFIX
_ESCAPE: Final = re.compile(r"%(.{0,2})", re.DOTALL)
_UNESCAPED: Final = {"20": " ", "25": "%"}
_FIRST_DAY: Final = date(1970, 1, 1)

_KINDS: Final = {number: kind for kind, number in table.KIND_NUMBERS.items()}
_COLOURS: Final = {number: colour for colour, number in table.COLOUR_NUMBERS.items()}
_ID_KINDS: Final = {number: kind for kind, number in table.ID_KIND_NUMBERS.items()}

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=table.MAX_NAME)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=table.MAX_WORD)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
Days = Annotated[int, msgspec.Meta(ge=0, le=2_932_896)]
"""Days since 1970-01-01, to the end of the year 9999."""


class _Map(msgspec.Struct, frozen=True):
    """A map with integer keys; unknown numbers are an issuer's extension and pass unread."""


class _Test(_Map, frozen=True):
    kind: Word
    negative: bool
    sampled_at: Seconds | None = None
    reported_at: Seconds | None = None


class _Vaccine(_Map, frozen=True):
    doses: Annotated[int, msgspec.Meta(ge=1, le=table.MAX_DOSES)]
    last_day: Days


class _Dependant(_Map, frozen=True):
    relation: Word
    masked_guardian: Name


class _Health(_Map, frozen=True):
    kind: int
    colour: int
    masked_name: Name | None = None
    id_kind: int | None = None
    id_suffix: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z]{4}\Z")] | None = None
    division: Annotated[int, msgspec.Meta(ge=110_000, le=999_999)] | None = None
    scope: Annotated[str, msgspec.Meta(min_length=1, max_length=table.MAX_SCOPE)] | None = None
    test: _Test | None = None
    vaccine: _Vaccine | None = None
    reason_class: Word | None = None
    hard_line: bool = False
    colour_since: Seconds | None = None
    household: Word | None = None
    dependant: _Dependant | None = None
    policy_version: Word | None = None


class HealthCodeReader:
    """Reads `JKM1:` codes, bare or as the fragment of a link."""

    format = HEALTH_CODE
    title = "Health code"
    steps = (
        Check.PREFIX, Check.ENCODING, Check.ENVELOPE, Check.KEY, Check.SIGNATURE, Check.HOLDER,
        Check.TIME, Check.USAGE, Check.SCHEMA,
    )  # fmt: skip

    def accepts(self, text: str) -> bool:
        """True for the prefix, also behind the `#` of an https link."""
        return text.startswith(table.PREFIX) or (
            text[: len(_URL_SCHEME)].lower() == _URL_SCHEME and _FRAGMENT in text
        )

    def part(self, _text: str) -> Part | None:
        """None: a health code is one code."""
        return None

    def open(self, text: str, trail: Trail) -> ParsedPass:
        """Base45, the phone's COSE_Sign1 if there is one, the issuer's, and the claims map."""
        encoded = _carried(text)
        trail.prefix = True
        trail.cose = base45.decode(encoded)
        trail.encoding = True
        envelope = cose.parse(trail.cose, strict=True)
        content = cbor.read(envelope.payload, strict=True)
        presentation = None
        if isinstance(content, list | tuple):
            presentation, envelope = holder_proof.unwrap(envelope, content)
            content = cbor.read(envelope.payload, strict=True)
        if not cbor.is_map(content):
            raise UnreadableError(Check.ENVELOPE, "payload is no map of claims")
        issuer = content.get(cwt.ISSUER)
        if not isinstance(issuer, str) or not _ISSUER.fullmatch(issuer):
            raise UnreadableError(Check.ENVELOPE, "issuer is not two digits")
        is_bound = cwt.CONFIRMATION in content
        if presentation is not None and not is_bound:
            raise UnreadableError(Check.ENVELOPE, "signed by a phone that the issuer does not name")
        trail.envelope = True
        identity = cose.identity(envelope)
        return ParsedPass(envelope.signed, identity, issuer, content, is_bound, presentation)

    def interpret(self, parsed: ParsedPass, now: datetime) -> Statement:
        """Times, the holder's proof and the health claims of a proven code."""
        times, detail = None, ""
        failures: tuple[Failure, ...] = ()
        try:
            times = cwt.read_times(parsed.content, strict=True)
            key = holder_proof.read_key(parsed.content)
            failures = holder_proof.failures(key, parsed.presentation, now)
            claims = _read_claims(parsed, times, key)
        except UnreadableError as error:
            claims, detail = None, error.detail
            if failures:
                failures += (Failure(error.check, Reason.MALFORMED),)
        kinds = frozenset() if claims is None else frozenset((claims.kind,))
        return Statement(times, kinds, claims, detail, failures)


def _carried(text: str) -> str:
    """The Base45 text behind the prefix; a link escapes its blanks and percent signs."""
    if text.startswith(table.PREFIX):
        return text[len(table.PREFIX) :]
    fragment = text[text.index(_FRAGMENT) + len(_FRAGMENT) :]
    return _ESCAPE.sub(_unescape, fragment)


def _unescape(escape: re.Match[str]) -> str:
    character = _UNESCAPED.get(escape[1])
    if character is None:
        raise UnreadableError(Check.ENCODING, "escape in the link that Base45 does not need")
    return character


def _read_claims(
    parsed: ParsedPass, times: cwt.Times, holder_key: holder_proof.HolderKey | None
) -> PassClaims:
    content = parsed.content
    if times.issued_at is None or times.expires_at is None:
        raise UnreadableError(Check.SCHEMA, "iat or exp is missing")
    code_id = content.get(cwt.CODE_ID)
    if code_id is not None and not (
        isinstance(code_id, bytes) and 0 < len(code_id) <= table.MAX_CODE_ID
    ):
        raise UnreadableError(Check.SCHEMA, "cti is no short byte string")
    health = _read_health(content.get(table.HEALTH_CLAIM))
    kind, colour = _KINDS.get(health.kind), _COLOURS.get(health.colour)
    if kind is None or colour is None:
        raise UnreadableError(Check.SCHEMA, "kind or colour has an unknown number")
    if kind is PassKind.NATIONAL and parsed.issuer != NATIONAL:
        raise UnreadableError(Check.SCHEMA, "national pass from a province")
    if holder_key is not None and kind is PassKind.PAPER:
        raise UnreadableError(Check.SCHEMA, "paper pass with a phone's key")
    return PassClaims(
        format=HEALTH_CODE,
        kind=kind,
        issuer=parsed.issuer,
        colour=colour,
        issued_at=times.issued_at,
        not_before=times.not_before,
        expires_at=times.expires_at,
        code_id=code_id,
        holder=_holder(health),
        division=_division(health, parsed.issuer),
        scope=health.scope,
        test=_test(health.test),
        vaccine=_vaccine(health.vaccine),
        reason_class=health.reason_class,
        hard_line=health.hard_line,
        colour_since=_moment(health.colour_since),
        household=health.household,
        dependant=_dependant(health.dependant),
        policy_version=health.policy_version,
        holder_key=holder_key.thumbprint if holder_key else None,
        presented_at=parsed.presentation.at if parsed.presentation else None,
    )


def _read_health(value: object) -> _Health:
    """The health claim as a struct; everything that it holds is checked here.

    Raises:
        UnreadableError: a number, a type or a text that the document does not allow.
    """
    try:
        return msgspec.convert(_named(value, _NAMES), _Health)
    except msgspec.ValidationError as error:
        raise UnreadableError(Check.SCHEMA, "a health claim breaks its rule") from error


_Names = Mapping[int, tuple[str, "_Names | None"]]
"""A claim's number: its name, and the names within where it is a map itself."""


def _names(numbers: type[IntEnum], nested: Mapping[IntEnum, type[IntEnum]]) -> "_Names":
    """Written out once: an enum's members are slow to ask, and every code asks for many."""
    return {
        int(claim): (
            claim.name.lower(),
            _names(nested[claim], {}) if claim in nested else None,
        )
        for claim in numbers
    }


_NAMES: Final = _names(
    table.Claim,
    {
        table.Claim.TEST: table.TestClaim,
        table.Claim.VACCINE: table.VaccineClaim,
        table.Claim.DEPENDANT: table.DependantClaim,
    },
)


def _named(value: object, names: _Names) -> dict[str, object]:
    """A map by number as a map by name, one level of maps below it included."""
    if not cbor.is_map(value):
        raise UnreadableError(Check.SCHEMA, "health claims are no map")
    named: dict[str, object] = {}
    for key, item in value.items():
        if type(key) is not int:
            raise UnreadableError(Check.SCHEMA, "a health claim's key is no integer")
        known = names.get(key)
        if known is None:
            continue
        name, within = known
        if item is None or isinstance(item, float):
            raise UnreadableError(Check.SCHEMA, "a health claim is null or a fraction")
        if isinstance(item, str) and not item.isprintable():
            raise UnreadableError(Check.SCHEMA, "a health claim holds unprintable characters")
        named[name] = _named(item, within) if within else item
    return named


def _holder(health: _Health) -> Holder | None:
    parts = (health.masked_name, health.id_kind, health.id_suffix)
    if parts == (None, None, None):
        return None
    id_kind = _ID_KINDS.get(health.id_kind) if health.id_kind is not None else None
    if health.masked_name is None or id_kind is None or health.id_suffix is None:
        raise UnreadableError(Check.SCHEMA, "name, id kind and id suffix belong together")
    return Holder(mask(health.masked_name), id_kind, health.id_suffix)


def _division(health: _Health, issuer: str) -> str | None:
    if health.division is None:
        return None
    division = str(health.division)
    if issuer not in (NATIONAL, division[:2]):
        raise UnreadableError(Check.SCHEMA, "division lies outside the issuer's province")
    return division


def _test(test: _Test | None) -> LaboratoryTest | None:
    if test is None:
        return None
    return LaboratoryTest(
        test.kind, test.negative, _moment(test.sampled_at), _moment(test.reported_at)
    )


def _vaccine(vaccine: _Vaccine | None) -> VaccineRecord | None:
    if vaccine is None:
        return None
    return VaccineRecord(vaccine.doses, _FIRST_DAY + timedelta(days=vaccine.last_day))


def _dependant(dependant: _Dependant | None) -> DependantRecord | None:
    if dependant is None:
        return None
    return DependantRecord(dependant.relation, mask(dependant.masked_guardian))


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


READER: Final = HealthCodeReader()
