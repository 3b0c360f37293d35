"""Published EU business rules, the certificate and the external that they look at. Typed.

A country publishes what it asks of a certificate as data (Regulation (EU) 2021/953 and the eHealth
Network's "EU DCC Validation Rules"): acceptance rules of the country that is entered, invalidation
rules of the country that issued. `scanner.policy.rule_book` applies them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, TypeVar

import msgspec

from scanner.domain.decoding import TypedDecoder, UndecodableError, decode
from scanner.domain.errors import RuleError, SettingsError

MAX_FILE_BYTES: Final = 4 << 20
MAX_RULES: Final = 2_000
MAX_VALUES: Final = 5_000
"""How many values a value set may have; the longest published one has 250."""

MAX_DEPTH: Final = 16
"""How deep a certificate may be nested; its schema has four levels."""

REMEDY: Final = "Fetch them again from their publisher."

_VERSION: Final = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})", re.ASCII)

Version = tuple[int, int, int]
VersionText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}\Z")]
CountryCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}\Z")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
ValueSets = dict[str, list[str]]
"""The codes that count, by the name of their set."""


class RuleType(StrEnum):
    """Whose rule it is: of the country that is entered, or of the one that issued."""

    ACCEPTANCE = "Acceptance"
    INVALIDATION = "Invalidation"


class CertificateType(StrEnum):
    """What kind of certificate a rule is about."""

    GENERAL = "General"
    VACCINATION = "Vaccination"
    TEST = "Test"
    RECOVERY = "Recovery"


GROUPS: Final = {
    "v": CertificateType.VACCINATION,
    "t": CertificateType.TEST,
    "r": CertificateType.RECOVERY,
}
"""By the certificate's own key."""


class Description(msgspec.Struct, frozen=True):
    """What a rule asks for, in one language (BCP 47 tag)."""

    lang: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{2,3}(-[0-9A-Za-z]{1,8}){0,3}\Z")]
    desc: Annotated[str, msgspec.Meta(max_length=2_000)]


class BusinessRule(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """One rule as it is published; members unknown to us are left aside.

    Attributes:
        schema_version: of the certificates that it was written for, at least.
        region: of the country, where only a part of it asks for this.
        logic: CertLogic, not looked at yet.
    """

    identifier: Annotated[str, msgspec.Meta(pattern=r"^(GR|VR|TR|RR|IR)-[A-Z]{2}-[0-9]{4}\Z")]
    type: RuleType
    country: CountryCode
    region: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    version: VersionText
    schema_version: VersionText
    engine: Annotated[str, msgspec.Meta(max_length=40)]
    engine_version: VersionText
    certificate_type: CertificateType
    description: Annotated[tuple[Description, ...], msgspec.Meta(max_length=100)] = ()
    valid_from: Moment
    valid_to: Moment
    affected_fields: Annotated[tuple[str, ...], msgspec.Meta(max_length=100)] = ()
    logic: object

    def __post_init__(self) -> None:
        if self.valid_to < self.valid_from:
            raise ValueError("ValidTo is before ValidFrom")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A *verified* certificate as rules see it: the whole of it, so it is kept by nobody.

    Attributes:
        payload: the certificate as JSON.
        types: the kinds of entries that it has.
        schema_version: its own; None where it names none.
    """

    payload: dict[str, object]
    types: frozenset[CertificateType]
    schema_version: Version | None


@dataclass(frozen=True, slots=True)
class ExternalParameters:
    """What rules may know beside the certificate (`external`).

    Attributes:
        now: aware UTC, the validation clock.
        country: that is entered, ISO 3166.
        value_sets: the codes that count.
        issuing_country: of the certificate, ISO 3166; None where nobody says.
        region: of `country`, where its rules differ.
        issued_at: of the certificate's token.
        expires_at: of the certificate's token.
    """

    now: datetime
    country: str
    value_sets: ValueSets
    issuing_country: str | None = None
    region: str | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """The `external` object, under the names that published rules use."""
        return {
            "validationClock": self.now.isoformat(timespec="milliseconds"),
            "valueSets": self.value_sets,
            "countryCode": self.country,
            "issuerCountryCode": self.issuing_country,
            "region": self.region,
            "iat": self.issued_at.isoformat() if self.issued_at else None,
            "exp": self.expires_at.isoformat() if self.expires_at else None,
        }


def read_rules(data: bytes) -> tuple[BusinessRule, ...]:
    """A JSON array of rules; whoever hands them in has verified their signature.

    Raises:
        SettingsError: too large, or not such an array; it names the place.
    """
    return _read(data, _RULES, "business rules")


def read_value_sets(data: bytes) -> ValueSets:
    """A JSON object of arrays of codes, by the name of the set; signed like the rules.

    Raises:
        SettingsError: too large, or not such an object; it names the place.
    """
    return _read(data, _VALUE_SETS, "value sets")


def certificate_of(document: Mapping[object, object]) -> Certificate:
    """A verified certificate, taken over into JSON's own kinds.

    Args:
        document: the hcert map, its signature proven; as CBOR has it.

    Raises:
        RuleError: it holds something that JSON does not know, or is nested too deeply. To call
            that null would let rules pass that look for it.
    """
    payload = _plain(document, MAX_DEPTH)
    if not isinstance(payload, dict):
        raise RuleError("", "the certificate is no map", "a map with texts for keys")
    types = frozenset(kind for group, kind in GROUPS.items() if payload.get(group))
    version = payload.get("ver")
    schema_version = version_of(version) if isinstance(version, str) else None
    return Certificate(payload, types, schema_version)


def version_of(text: str) -> Version | None:
    """Three numbers; None for anything else."""
    match = _VERSION.fullmatch(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


_T = TypeVar("_T")
_Rules = Annotated[tuple[BusinessRule, ...], msgspec.Meta(max_length=MAX_RULES)]
_RULES: Final[TypedDecoder[tuple[BusinessRule, ...]]] = msgspec.json.Decoder(_Rules)
_VALUE_SETS: Final[TypedDecoder[dict[str, list[str]]]] = msgspec.json.Decoder(
    dict[str, Annotated[list[str], msgspec.Meta(max_length=MAX_VALUES)]]
)


def _read(data: bytes, decoder: TypedDecoder[_T], what: str) -> _T:
    if len(data) > MAX_FILE_BYTES:
        found = f"The {what} are {len(data):,} bytes long; {MAX_FILE_BYTES:,} are allowed."
        raise SettingsError(found, REMEDY)
    try:
        return decode(decoder, data)
    except UndecodableError as error:
        raise SettingsError(f"The {what} cannot be read: {error}.", REMEDY) from error


def _plain(value: object, levels: int) -> object:
    """Maps and arrays of CBOR, which may be frozen ones, as dict and list."""
    if value is None or isinstance(value, str | int | float):
        return value
    if levels == 0:
        raise RuleError("", "the certificate is nested too deeply", f"{MAX_DEPTH} levels at most")
    if isinstance(value, list | tuple):
        return [_plain(item, levels - 1) for item in value]
    if not isinstance(value, Mapping):
        found = "the certificate holds something that JSON does not know"
        raise RuleError("", found, "maps, arrays, texts, numbers, true, false and null")
    plain = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise RuleError("", "the certificate has a key that is no text", "texts for keys")
        plain[key] = _plain(item, levels - 1)
    return plain
