"""What an ICAO VDS-NC says about vaccinations and tests, as far as a gate needs it.

Source: ICAO Technical Report "VDS-NC: Visible Digital Seal for non-constrained environments", its
data sets for proof of vaccination (`icao.vacc`) and proof of testing (`icao.test`). Members that
are not named here are not read; null counts as absent.
"""

import re
from datetime import date, datetime
from typing import Annotated, Final

import msgspec

from scanner.formats.iso8601 import read_moment

VACCINATION: Final = "icao.vacc"
TEST: Final = "icao.test"
VERSION: Final = 1

COVID_19: Final = "RA01"
"""COVID-19 in ICD-11; `RA01.0` and `RA01.1` are below it."""
SARS_COV_2: Final = "XN109"
"""The virus itself, which some issuers name instead of the disease."""
COVID_19_VACCINES: Final = frozenset(
    (
        "XM68M6", "XM1NL1", "XM5DF6", "XM9QW8", "XM0CX4", "XM5JC5", "XM3CT4", "XM1J92", "XM6AT1",
        "XM0GQ8",
    )
)  # fmt: skip
"""COVID-19 vaccines and their kinds (inactivated, RNA based and so on) in ICD-11's extensions."""

_NEGATIVE: Final = ("negative", "normal")
_ANTIBODY: Final = "antibody"
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)

CodeId = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Name = Annotated[str, msgspec.Meta(max_length=100)]
Word = Annotated[str, msgspec.Meta(max_length=40)]
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
Sequence = (
    Annotated[int, msgspec.Meta(ge=1, le=99)]
    | Annotated[str, msgspec.Meta(pattern=r"^0?[1-9][0-9]?\Z")]
)


class Person(msgspec.Struct, frozen=True):
    """The holder: name, number of the travel document, or type and number of another one."""

    n: Name
    i: Word | None = None
    dt: Word | None = None
    dn: Word | None = None


class Dose(msgspec.Struct, frozen=True):
    """One dose: its day and its number in the course."""

    dvc: Day
    seq: Sequence

    def __post_init__(self) -> None:
        date.fromisoformat(self.dvc)


class Vaccination(msgspec.Struct, frozen=True):
    """The doses of one vaccine: its kind, the disease, the doses."""

    des: Word
    vd: Annotated[tuple[Dose, ...], msgspec.Meta(min_length=1)]
    dis: Word | None = None

    @property
    def is_against_covid(self) -> bool:
        """True when the disease or, failing that, the vaccine says so."""
        disease = self.dis or ""
        if disease in (COVID_19, SARS_COV_2) or disease.startswith(f"{COVID_19}."):
            return True
        return self.des in COVID_19_VACCINES


class VaccinationMessage(msgspec.Struct, frozen=True):
    """`msg` of `icao.vacc`."""

    uvci: CodeId
    pid: Person
    ve: Annotated[tuple[Vaccination, ...], msgspec.Meta(min_length=1)]

    def __post_init__(self) -> None:
        _check_printable(self.uvci)

    @property
    def doses(self) -> list[Dose]:
        """Every dose against COVID-19."""
        return [dose for entry in self.ve if entry.is_against_covid for dose in entry.vd]


class Moments(msgspec.Struct, frozen=True):
    """When the sample was taken and when the result was issued."""

    sc: Word
    ri: Word | None = None

    def __post_init__(self) -> None:
        moment(self.sc)
        if self.ri is not None:
            moment(self.ri)


class Result(msgspec.Struct, frozen=True):
    """Which test it was, and its result."""

    tc: Word
    r: Word

    def __post_init__(self) -> None:
        _check_printable(self.tc)

    @property
    def is_negative(self) -> bool:
        """True for the two words that mean it; everything else is no clean result."""
        return self.r.strip().casefold() in _NEGATIVE

    @property
    def is_for_antibodies(self) -> bool:
        """True when it looked for a past infection, so that "negative" clears nobody."""
        return _ANTIBODY in self.tc.casefold()


class TestMessage(msgspec.Struct, frozen=True):
    """`msg` of `icao.test`."""

    utci: CodeId
    pid: Person
    dat: Moments
    tr: Result

    def __post_init__(self) -> None:
        _check_printable(self.utci)


def moment(text: str) -> datetime:
    """An ISO 8601 date-time or date; without an offset it counts as UTC.

    Raises:
        ValueError: neither of them, or outside the years 1 to 9999.
    """
    if not _MOMENT.fullmatch(text):
        raise ValueError("not a date-time")
    return read_moment(text)


def _check_printable(text: str) -> None:
    if not text.isprintable():
        raise ValueError("unprintable characters")
