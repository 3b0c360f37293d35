"""One row of the acceptance table, and where and when its people stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from config.rules import SHIPPED
from config.settings import Site
from scanner.domain.direction import GateDirection
from scanner.domain.passes import (
    Holder,
    IdKind,
    LaboratoryTest,
    PassKind,
    VaccineRecord,
)
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask
from scanner.vision.sources.stage import Medium
from tests.acceptance.codes import (
    code,
    paper,
)
from tests.acceptance.steps import (
    CHECK,
    Step,
    Text,
    shows,
)
from tests.builders import a_key

HANGZHOU, HAIKOU, ZHENGZHOU, BEIJING, LHASA = "330106", "460100", "410100", "110105", "540000"
GUANGXI = a_key("45")
TODAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PROMOTED = datetime(2020, 4, 18, 16, 0, tzinfo=UTC)
"""Midnight in Beijing before 19 April 2020."""
POLICIES = SHIPPED.parent
DOOR = Site(division=HANGZHOU, direction=GateDirection.BOTH)
SOMEBODY_ELSE = Holder("李*", IdKind.RESIDENT_CARD, "9876")
FORGER = replace(a_key("33", kinds=frozenset(PassKind)), key_id=a_key("33").key_id)
ONE_CODE = code(issued_at=TODAY, expires_at=TODAY + timedelta(minutes=10), code_id=b"the very same")
ONE_INSIDE = """
layer = "city"
place = "330100"
version = "one"
[capacity]
limit = 1
"""
NEGATIVE = LaboratoryTest("PCR", True, TODAY - timedelta(hours=12), TODAY - timedelta(hours=3))
TWO_DOSES = VaccineRecord(2, (TODAY - timedelta(days=30)).date())
RED_IS_CHECKED = """
layer = "city"
place = "330100"
version = "red-is-checked"
[[rule]]
id = "red"
when = { colour = "red" }
decision = "CHECK"
"""
MILD_RESULTS = """
layer = "city"
place = "330100"
version = "mild"
[results]
key_revoked = "CHECK"
revoked = "CHECK"
[colour]
green = "ADMIT"
"""
HANGZHOU_RULES = "default-1+33:zj-1+330100:hz-1 / mutual-2020-04"
"""Each record names every layer that decided, and the matrix."""


@dataclass(frozen=True)
class Row:
    """One row: where the gate stands, who comes, and what must come of it.

    Attributes:
        number: of the domain's list.
        what: in words.
        site: where the gate stands.
        steps: one after the other.
        at: the gate's time when the first person comes.
        layers: the rules of cities and provinces that the bundle carries, by place.
    """

    number: int
    what: str
    site: Site
    steps: Sequence[Step]
    at: datetime = TODAY
    layers: Mapping[str, str] = field(default_factory=dict)


def row(
    number: int,
    what: str,
    site: Site | str,
    *steps: Step,
    at: datetime = TODAY,
    layers: Mapping[str, str] | None = None,
) -> Row:
    """A row with its steps in a line; a site is named by its division where nothing else counts."""
    where = Site(division=site) if isinstance(site, str) else site
    return Row(number, what, where, steps, at, layers or {})


def shipped(*places: str) -> dict[str, str]:
    """The shipped rules of these places."""
    return {place: (POLICIES / f"{place}.toml").read_text() for place in places}


def shows_paper(text: Text | None = None) -> Step:
    """A paper pass, which is admitted only after a temperature."""
    return shows(
        text or paper(),
        CHECK,
        Reason.TEMPERATURE_NEEDED,
        medium=Medium.PAPER,
        asks=(Ask.TEMPERATURE,),
    )
