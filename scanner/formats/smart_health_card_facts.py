"""What the FHIR bundle of a SMART Health Card says about its holder and COVID-19.

Only what a decision needs is read (FHIR R4: Patient, Immunization, Observation); lot numbers, birth
dates, addresses and every other disease stay behind.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Final, TypeVar

import msgspec

from scanner.domain.passes import Holder, IdKind, LaboratoryTest, VaccineRecord
from scanner.formats import smart_health_card_codes as codes
from scanner.formats.iso8601 import read_moment
from scanner.formats.masking import is_chinese, mask

T = TypeVar("T")

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_REPORTED: Final = frozenset(("final", "amended", "corrected"))


class Coding(msgspec.Struct, frozen=True):
    """One code of one system."""

    system: str = ""
    code: str = ""


class Concept(msgspec.Struct, frozen=True):
    """The same thing in several systems (FHIR CodeableConcept)."""

    coding: tuple[Coding, ...] = ()

    def within(self, system: str) -> tuple[str, ...]:
        """Its codes in one system."""
        return tuple(coding.code for coding in self.coding if coding.system == system)


class HumanName(msgspec.Struct, frozen=True):
    """A name in parts, or as a text only."""

    use: str = ""
    text: str = ""
    family: str = ""
    given: tuple[str, ...] = ()


class Patient(msgspec.Struct, frozen=True):
    """The holder."""

    name: tuple[HumanName, ...] = ()


class Immunization(msgspec.Struct, frozen=True, rename="camel"):
    """One dose."""

    status: str
    vaccine_code: Concept
    occurrence_date_time: str = ""


class Observation(msgspec.Struct, frozen=True, rename="camel"):
    """One laboratory result."""

    status: str
    code: Concept
    value_codeable_concept: Concept | None = None
    effective_date_time: str | None = None


class Facts(msgspec.Struct, frozen=True):
    """What counts of a card; None where it says nothing."""

    holder: Holder | None
    vaccine: VaccineRecord | None
    test: LaboratoryTest | None


def read_facts(resources: Iterable[Mapping[str, object]]) -> Facts:
    """The facts of a bundle's resources; those of another type are left alone.

    Raises:
        ValueError: not exactly one patient, a type that is no text, or a COVID-19 fact whose day
            cannot be read.
        msgspec.ValidationError: a resource that breaks FHIR's shape.
    """
    by_type: dict[str, list[Mapping[str, object]]] = {}
    for resource in resources:
        name = resource.get("resourceType")
        if not isinstance(name, str):
            raise ValueError("resource without a type")
        by_type.setdefault(name, []).append(resource)
    patients = _read(by_type.get("Patient", []), Patient)
    if len(patients) != 1:
        raise ValueError("not exactly one patient")
    return Facts(
        holder=_holder(patients[0].name),
        vaccine=_vaccine(_read(by_type.get("Immunization", []), Immunization)),
        test=_latest(_tests(_read(by_type.get("Observation", []), Observation))),
    )


def _read(resources: Iterable[Mapping[str, object]], kind: type[T]) -> list[T]:
    return [msgspec.convert(resource, kind) for resource in resources]


def _vaccine(immunizations: Iterable[Immunization]) -> VaccineRecord | None:
    """One record of all doses; what is told twice for one day is one dose."""
    days = {
        _day(given.occurrence_date_time)
        for given in immunizations
        if given.status == "completed"
        and not codes.COVID_VACCINES.isdisjoint(given.vaccine_code.within(codes.CVX))
    }
    return VaccineRecord(len(days), max(days)) if days else None


def _tests(observations: Iterable[Observation]) -> Iterator[LaboratoryTest]:
    for observation in observations:
        loinc = observation.code.within(codes.LOINC)
        kind = next((codes.TEST_KINDS[code] for code in loinc if code in codes.TEST_KINDS), None)
        value = observation.value_codeable_concept
        results = value.within(codes.SNOMED) if value else ()
        if kind is None or not results or observation.status not in _REPORTED:
            continue
        effective = observation.effective_date_time
        yield LaboratoryTest(
            kind=kind,
            negative=codes.NEGATIVE_RESULTS.issuperset(results),
            sampled_at=None if effective is None else _moment(effective),
            reported_at=None,
        )


def _latest(tests: Iterable[LaboratoryTest]) -> LaboratoryTest | None:
    """The newest test; of several at one time one that is not negative."""
    return max(
        tests, key=lambda test: (test.sampled_at or _EARLIEST, not test.negative), default=None
    )


def _day(text: str) -> date:
    """The day of a FHIR dateTime, as it was called where it was written."""
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    if _MOMENT.fullmatch(text):
        return datetime.fromisoformat(text).date()
    raise ValueError("not a FHIR dateTime with a day")


def _moment(text: str) -> datetime:
    """A FHIR dateTime; a day alone counts from its beginning, so that a test is never younger."""
    if not _MOMENT.fullmatch(text):
        day = _day(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return read_moment(text)


def _holder(names: tuple[HumanName, ...]) -> Holder | None:
    """The holder by the official name, else the first one, masked."""
    name = next((name for name in names if name.use == "official"), names[0] if names else None)
    if name is None:
        return None
    given = " ".join(name.given)
    ordered = (name.family, given) if is_chinese(name.family) else (given, name.family)
    masked = mask(" ".join(ordered).strip() or name.text)
    return Holder(masked, IdKind.OTHER, "") if masked else None
