"""The EU certificate's content, as JSON Schema 1.3.3 of the eHealth Network has it.

Value sets (vaccines, tests, diseases) are rules of the site, not of the schema. Unknown fields are
allowed there and here. Dates and times are texts here: whoever reads them out checks them, once.
"""

from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

Text80 = Annotated[str, msgspec.Meta(max_length=80)]
Standardised = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[A-Z<]*$")]
Country = Annotated[str, msgspec.Meta(pattern=r"[A-Z]{1,10}")]
Doses = Annotated[float, msgspec.Meta(ge=1, le=99, multiple_of=1)]
"""A positive integer; JSON Schema, and some issuers' encoders, know no difference to 1.0.

The schema sets no upper bound. Ours is far above any course, and keeps a count on the screen.
"""

NOT_DETECTED: Final = "260415000"
"""The test result that counts as negative (SNOMED CT)."""


class PersonName(msgspec.Struct, frozen=True):
    """Surname and forename, as written and as in a passport's machine-readable zone."""

    fn: Text80 | UnsetType = UNSET
    fnt: Standardised | UnsetType = UNSET
    gn: Text80 | UnsetType = UNSET
    gnt: Standardised | UnsetType = UNSET


class Vaccination(msgspec.Struct, frozen=True):
    """One dose: disease, vaccine, product, maker, number of total, day, country, issuer, id."""

    tg: str
    vp: str
    mp: str
    ma: str
    dn: Doses
    sd: Doses
    dt: str
    co: Country
    issuer: Text80 = msgspec.field(name="is")
    ci: Text80


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """One laboratory test: disease, type, name, device, time of sampling, result, place."""

    tg: str
    tt: str
    nm: Text80 | UnsetType = UNSET
    ma: str | UnsetType = UNSET
    sc: str
    tr: str
    tc: Text80 | UnsetType = UNSET
    co: Country
    issuer: Text80 = msgspec.field(name="is")
    ci: Text80


class Recovery(msgspec.Struct, frozen=True):
    """One recovery: disease, day of the first positive test, country, issuer, from, until, id."""

    tg: str
    fr: str
    co: Country
    issuer: Text80 = msgspec.field(name="is")
    df: str
    du: str
    ci: Text80


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """The whole content: a name, a date of birth and exactly one entry of one kind."""

    ver: Annotated[str, msgspec.Meta(pattern=r"^\d+.\d+.\d+$")]
    nam: PersonName
    dob: Annotated[str, msgspec.Meta(pattern=r"^(?:(?:19|20)\d\d(?:-\d\d){0,2})?$")]
    v: tuple[Vaccination] | UnsetType = UNSET
    t: tuple[Test] | UnsetType = UNSET
    r: tuple[Recovery] | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.v is UNSET) + (self.t is UNSET) + (self.r is UNSET) != 2:
            raise ValueError("exactly one of v, t and r is required")
        if self.nam.fnt is UNSET and self.nam.gnt is UNSET:
            raise ValueError("one standardised name is required")

    @property
    def entry(self) -> Vaccination | Test | Recovery:
        """The one entry."""
        (entry,) = [group[0] for group in (self.v, self.t, self.r) if group]
        return entry


def day(text: str) -> date:
    """An ISO 8601 date; a time behind it, as some issuers write, is left off.

    Raises:
        ValueError: not a date.
    """
    return datetime.fromisoformat(text).date()
