"""What the field asks of a gate, row by row: what happens before the lens, and what comes of it.

A row's number is that of the domain's list; a row may stand here several times. `test_table.py`
plays each through a whole gate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from config.rules import SHIPPED
from config.settings import Site
from scanner.domain.direction import Direction, GateDirection
from scanner.domain.passes import (
    Algorithm,
    Colour,
    DependantRecord,
    Holder,
    IdKind,
    LaboratoryTest,
    PassKind,
    VaccineRecord,
)
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask
from scanner.domain.walk_ins import PersonKind
from scanner.policy.places import Person, SiteType
from scanner.trust.bundle.store import Origin
from scanner.vision.sources.stage import Condition, Medium
from tests.acceptance import codes
from tests.acceptance.codes import (
    ALIPAY,
    FULLY_COVERED,
    KEYS,
    SECOND_OF_SHANGHAI,
    WECHAT,
    WITHOUT_KEYS,
    ZHELIBAN,
    code,
    national,
    paper,
)
from tests.acceptance.steps import (
    ADMIT,
    CHECK,
    REFUSE,
    Step,
    Text,
    a_bundle_comes,
    are_inside,
    cannot_be_measured,
    card_never_says,
    comes,
    everything_reaches_the_hub_once,
    guard,
    guard_may_not,
    is_compared,
    is_let_in_at,
    is_measured,
    is_recorded_as_gone,
    is_turned,
    screen_says,
    shows,
    waits,
)
from tests.builders import a_key
from tests.faults.sync.proxy import Fault

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


TABLE = (
    row(
        1,
        "national code, from Alipay",
        HANGZHOU,
        shows(national(carrier=ALIPAY), ADMIT, issuer="00"),
    ),
    row(
        1, "national code, from WeChat", LHASA, shows(national(carrier=WECHAT), ADMIT, issuer="00")
    ),
    row(
        1,
        "one code by two carriers is one verdict",
        HANGZHOU,
        shows(national(carrier=ALIPAY), ADMIT),
        waits(minutes=1),
        shows(national(carrier=WECHAT), ADMIT),
    ),
    row(1, "a red national code", HANGZHOU, shows(national(Colour.RED), REFUSE, Reason.COLOUR_RED)),
    row(2, "Zhejiang's code at a host that lists it", HAIKOU, shows(code("33"), ADMIT)),
    row(
        2,
        "Zhejiang's code at a host that does not",
        "440100",
        shows(code("33"), CHECK, Reason.NOT_RECOGNISED),
    ),
    *(
        row(3, f"issuer {issuer} at home", issuer, shows(code(issuer), ADMIT, issuer=issuer))
        for issuer in FULLY_COVERED
    ),
    row(
        3,
        "Hangzhou's own back end",
        HANGZHOU,
        shows(code("330100"), ADMIT, issuer="33", division="330100"),
    ),
    *(
        row(
            4,
            f"the city {city} at home",
            city,
            shows(code(city), ADMIT, issuer=city[:2], division=city),
        )
        for city in ("440100", "440300", "420100")
    ),
    row(4, "Yunnan at home", "53", shows(code("53"), ADMIT, issuer="53")),
    row(
        4,
        "Shanghai's two back ends with two keys",
        "310000",
        shows(code("31"), ADMIT),
        waits(minutes=1),
        shows(code("31", key=SECOND_OF_SHANGHAI), ADMIT, issuer="31"),
    ),
    row(
        4,
        "Guangzhou's back end signs for Shenzhen",
        "440300",
        shows(code("440300", key=a_key("44", division="440100")), REFUSE, Reason.WRONG_KEY_USAGE),
    ),
    row(5, "a Hainan code in Hangzhou", HANGZHOU, shows(code("46"), ADMIT, issuer="46")),
    row(5, "a Henan code in Hangzhou", HANGZHOU, shows(code("41"), ADMIT, issuer="41")),
    row(
        5,
        "Hainan in Henan is not listed",
        ZHENGZHOU,
        shows(code("46"), CHECK, Reason.NOT_RECOGNISED),
    ),
    row(
        5,
        "Hunan is not Henan",
        HANGZHOU,
        shows(code("43"), CHECK, Reason.NOT_RECOGNISED),
        guard(GuardReason.ID_REGISTERED),
    ),
    row(
        6,
        "Tianjin in Beijing, the evening before",
        BEIJING,
        shows(code("12"), CHECK, Reason.NOT_RECOGNISED),
        at=PROMOTED - timedelta(hours=1),
    ),
    row(
        6,
        "Tianjin in Beijing, from that day on",
        BEIJING,
        shows(code("12"), ADMIT),
        at=PROMOTED + timedelta(minutes=5),
    ),
    row(
        6,
        "the day begins while the gate runs",
        BEIJING,
        shows(code("13"), CHECK, Reason.NOT_RECOGNISED),
        waits(minutes=10),
        shows(code("13"), ADMIT),
        at=PROMOTED - timedelta(minutes=5),
    ),
    *(
        row(
            7,
            f"Guangxi joins by {way}, and no software changes",
            "450100",
            shows(code("45", key=GUANGXI), CHECK, Reason.UNKNOWN_ISSUER),
            a_bundle_comes((*KEYS, GUANGXI), way),
            waits(minutes=1),
            shows(code("45", key=GUANGXI), ADMIT, issuer="45"),
        )
        for way in (Origin.HUB, Origin.STICK)
    ),
    row(
        8,
        "a new key of a known issuer",
        HANGZHOU,
        shows(code(key=a_key("33", Algorithm.PS256)), CHECK, Reason.UNKNOWN_KEY),
    ),
    row(
        8,
        "an issuer without keys here: the guard registers the id",
        HANGZHOU,
        shows(code(WITHOUT_KEYS), CHECK, Reason.UNKNOWN_ISSUER),
        guard(GuardReason.ID_REGISTERED),
    ),
    row(
        9,
        "in and out of an office, and how long inside",
        DOOR,
        shows(code(), ADMIT, direction=Direction.IN, occupancy=0),
        waits(minutes=30),
        is_turned(Direction.OUT),
        shows(code(), ADMIT, direction=Direction.OUT, occupancy=1, dwell_s=30 * 60),
    ),
    row(
        9,
        "somebody leaves who never came in",
        DOOR,
        are_inside(0),
        is_turned(Direction.OUT),
        shows(code(), ADMIT, Reason.EXIT_WITHOUT_ENTRY, direction=Direction.OUT, dwell_s=None),
    ),
    row(
        9,
        "a full house",
        DOOR,
        shows(code(), ADMIT),
        shows(code(holder=SOMEBODY_ELSE), CHECK, Reason.OVER_CAPACITY, occupancy=1),
        layers={"330100": ONE_INSIDE},
    ),
    row(
        10,
        "a visitor's name and document are compared",
        HANGZHOU,
        shows(
            paper(PassKind.VISITOR, age=timedelta(hours=1)),
            CHECK,
            Reason.SITE_RULE,
            medium=Medium.PAPER,
            asks=(Ask.ID_COMPARE,),
        ),
        is_compared(ADMIT, Reason.SITE_RULE),
        layers=shipped("33", "330100"),
    ),
    row(
        10,
        "a borrowed phone: the name is another one's",
        HANGZHOU,
        shows(code(), ADMIT),
        screen_says(
            "张*三  …123X",
            "Compare: Resident card · Zhejiang · phone code · made 60 seconds ago",
            "9 minutes left",
        ),
        guard(GuardReason.ID_MISMATCH, admits=False),
    ),
    row(
        11,
        "why somebody is red is the guard's to read and nobody's to keep",
        HANGZHOU,
        shows(code(colour=Colour.RED, reason_class="close contact"), REFUSE, Reason.COLOUR_RED),
        screen_says(
            "张*三  …123X",
            "Compare: Resident card · Zhejiang · phone code · issuer's reason: close contact"
            " · made 60 seconds ago",
            "9 minutes left",
            "• Red code  红码",
        ),
        card_never_says("close contact", "contact", "张", "三", "123X"),
    ),
    row(
        12,
        "forged: another key signed in Zhejiang's name",
        HANGZHOU,
        shows(code(key=FORGER), REFUSE, Reason.BAD_SIGNATURE, issuer=None, claimed_issuer="33"),
        guard(GuardReason.ID_MISMATCH, admits=False),
    ),
    row(
        12,
        "altered: one byte of a genuine code was turned",
        HANGZHOU,
        shows(codes.altered(), REFUSE, Reason.BAD_SIGNATURE, claimed_issuer="33"),
    ),
    row(
        12,
        "replayed: a code that has just come in comes once more",
        Site(division=HANGZHOU, direction=GateDirection.IN),
        shows(ONE_CODE, ADMIT, digest=None),
        waits(seconds=60),
        shows(ONE_CODE, CHECK, Reason.REPLAYED, digest=None, claimed_issuer=None),
    ),
    row(
        12,
        "a picture of a phone's code, a minute later",
        HANGZHOU,
        shows(codes.presented_by_phone(), ADMIT),
        waits(minutes=1),
        shows(
            codes.presented_by_phone(timedelta(seconds=90)), CHECK, Reason.SCREENSHOT, digest=None
        ),
    ),
    row(
        12,
        "expired is no forgery",
        HANGZHOU,
        shows(
            code(age=timedelta(hours=1)),
            CHECK,
            Reason.EXPIRED,
            Reason.CODE_TOO_OLD,
            digest=None,
        ),
    ),
    row(
        13,
        "a code of yesterday is asked to be refreshed, and the fresh one admits",
        HANGZHOU,
        shows(code(age=timedelta(days=1)), CHECK, Reason.EXPIRED, Reason.CODE_TOO_OLD),
        shows(code(), ADMIT),
    ),
    row(
        13,
        "red at nine, green at ten past, and the red one never again",
        HANGZHOU,
        shows(code(colour=Colour.RED), REFUSE, Reason.COLOUR_RED),
        waits(minutes=10),
        shows(code(), ADMIT),
        shows(
            code(colour=Colour.YELLOW, age=timedelta(minutes=3)),
            CHECK,
            Reason.SUPERSEDED,
            Reason.COLOUR_YELLOW,
        ),
    ),
    *(
        row(
            14,
            f"no code, no phone: {person.value.replace('_', ' ')}",
            HAIKOU,
            comes(person, number),
            waits(seconds=30),
            is_let_in_at(36.9, reason),
        )
        for person, number, reason in (
            (PersonKind.ELDER, None, GuardReason.ELDER_WITHOUT_PHONE),
            (PersonKind.CHILD, None, GuardReason.CHILD_WITH_GUARDIAN),
            (PersonKind.RESIDENT_CARD, "11010519491231002X", GuardReason.ID_REGISTERED),
            (PersonKind.TYPED_NUMBER, "HN460100123", GuardReason.ID_REGISTERED),
        )
    ),
    row(
        14,
        "an elder without a code has a fever",
        HAIKOU,
        comes(PersonKind.ELDER),
        is_measured(38.5, CHECK, Reason.TEMPERATURE_HIGH, Reason.NO_CODE),
        is_measured(38.4, CHECK, Reason.TEMPERATURE_HIGH, Reason.NO_CODE),
        guard(GuardReason.TEMPERATURE_CONFIRMED, admits=False),
    ),
    row(
        14,
        "an elder without a code is never measured",
        HAIKOU,
        comes(PersonKind.ELDER),
        guard_may_not(GuardReason.ELDER_WITHOUT_PHONE),
        waits(minutes=3),
        is_recorded_as_gone(),
    ),
    row(
        14,
        "an elder's paper pass waits for a temperature",
        HANGZHOU,
        shows_paper(),
        is_measured(36.9, ADMIT),
    ),
    row(
        14,
        "a child's pass without a reading stays pending, and is recorded as gone",
        HANGZHOU,
        shows_paper(paper(PassKind.DEPENDANT, dependant=DependantRecord("parent", "张*"))),
        waits(minutes=1),
        guard_may_not(GuardReason.PAPER_PASS),
        waits(minutes=2),
        is_recorded_as_gone(),
    ),
    *(
        row(
            15,
            f"{celsius} °C",
            HANGZHOU,
            shows_paper(),
            is_measured(celsius, decision, *reasons),
        )
        for celsius, decision, *reasons in (
            (36.9, ADMIT),
            (37.2, ADMIT),
            (37.3, CHECK, Reason.TEMPERATURE_HIGH),
            (38.5, CHECK, Reason.TEMPERATURE_HIGH),
            (33.0, CHECK, Reason.TEMPERATURE_IMPLAUSIBLE),
        )
    ),
    row(
        15,
        "a high reading is repeated, and a second high one stays",
        HANGZHOU,
        shows(
            paper(), CHECK, Reason.TEMPERATURE_NEEDED, medium=Medium.PAPER, asks=(Ask.TEMPERATURE,)
        ),
        is_measured(37.3, CHECK, Reason.TEMPERATURE_HIGH),
        is_measured(38.5, CHECK, Reason.TEMPERATURE_HIGH),
        cannot_be_measured(36.9),
        guard(GuardReason.TEMPERATURE_CONFIRMED, admits=False),
    ),
    row(
        15,
        "nobody is measured who need not be",
        HANGZHOU,
        shows(code(), ADMIT),
        cannot_be_measured(36.9),
    ),
    *(
        row(
            16,
            f"red in a city whose rules {what}",
            HANGZHOU,
            shows(code(colour=Colour.RED), REFUSE, Reason.COLOUR_RED, *more),
            guard_may_not(GuardReason.ID_REGISTERED),
            layers={"330100": rules},
        )
        for what, rules, *more in (
            ("would check it only", RED_IS_CHECKED, Reason.SITE_RULE),
            ("are milder about results", MILD_RESULTS),
        )
    ),
    row(
        16,
        "an issuer's hard line is red whatever its colour",
        HANGZHOU,
        shows(code(hard_line=True), REFUSE, Reason.HARD_LINE),
    ),
    row(
        17,
        "yellow in Hangzhou",
        Site(division="330106", type=SiteType.COMPOUND, person=Person.RESIDENT),
        shows(code("330100", Colour.YELLOW), CHECK, Reason.COLOUR_YELLOW, policy=HANGZHOU_RULES),
        layers=shipped("33", "330100", "440403"),
    ),
    row(
        17,
        "yellow in Zhuhai's Doumen, at home",
        Site(division="440403", type=SiteType.COMPOUND, person=Person.RESIDENT),
        shows(code("440403", Colour.YELLOW), CHECK, Reason.COLOUR_YELLOW),
        layers=shipped("33", "330100", "440403"),
    ),
    row(
        17,
        "yellow in Zhuhai's Doumen, at an office",
        Site(division="440403", type=SiteType.OFFICE),
        shows(code("440403", Colour.YELLOW), REFUSE, Reason.COLOUR_YELLOW),
        layers=shipped("33", "330100", "440403"),
    ),
    row(
        17,
        "a venue in Shanghai wants a test of two days",
        Site(division="310000", type=SiteType.VENUE),
        shows(code("31"), REFUSE, Reason.TEST_MISSING),
        waits(minutes=1),
        shows(code("31", test=NEGATIVE), ADMIT),
        layers=shipped("31"),
    ),
    row(
        17,
        "nobody who comes home in Chengdu is barred for want of one",
        Site(division="510100", type=SiteType.COMPOUND, person=Person.RESIDENT),
        shows(code("510100"), CHECK, Reason.TEST_MISSING),
        guard(GuardReason.RESIDENT_WITHOUT_TEST),
        layers=shipped("510100"),
    ),
    *(
        row(18, f"scanned with {app}", HANGZHOU, shows(code(carrier=page), ADMIT))
        for app, page in (("Alipay", ALIPAY), ("Zheliban", ZHELIBAN), ("WeChat", WECHAT))
    ),
    row(
        18,
        "dim, tilted, far, in glare",
        HANGZHOU,
        *(
            shows(code(age=timedelta(seconds=10 * number)), ADMIT, condition=condition)
            for number, condition in reversed(list(enumerate(Condition)))
        ),
    ),
    row(
        19,
        "the report shows colour, test, vaccine, expiry, and nothing else",
        HANGZHOU,
        shows(code(test=NEGATIVE, vaccine=TWO_DOSES, scope="翠苑", household="H-7"), ADMIT),
        screen_says(
            "张*三  …123X",
            "Compare: Resident card · Zhejiang · phone code · made 60 seconds ago",
            "test negative 12 hr ago · vaccine ×2 30 days ago · 9 minutes left",
        ),
    ),
    row(
        20,
        "a payment code, a venue's page, a web link: kindly, and forgotten",
        HANGZHOU,
        shows(
            codes.plainly("https://qr.alipay.com/fkx07120vzhsliuln927l74"),
            CHECK,
            Reason.NOT_A_HEALTH_CODE,
            format=None,
            subject=None,
            sealed=None,
        ),
        waits(minutes=1),
        shows(codes.plainly("https://news.example/today"), CHECK, Reason.NOT_A_HEALTH_CODE),
    ),
    *(
        row(
            21,
            f"the wire breaks ({fault.name.lower().replace('_', ' ')}), the gate goes on",
            HANGZHOU,
            shows(code(), ADMIT),
            shows(code(colour=Colour.YELLOW), CHECK, Reason.COLOUR_YELLOW),
            shows_paper(),
            is_measured(36.9, ADMIT),
            everything_reaches_the_hub_once("hub", fault),
        )
        for fault in (Fault.CUT_REQUEST, Fault.LOSE_ANSWER, Fault.CUT_ANSWER)
    ),
    *(
        row(
            22,
            f"the number of a {person.value.replace('_', ' ')}, typed",
            HANGZHOU,
            comes(person, number),
            is_let_in_at(36.6, GuardReason.ID_REGISTERED),
        )
        for person, number in (
            (PersonKind.PASSPORT, "E12345678"),
            (PersonKind.HONG_KONG_MACAU_PERMIT, "H12345678"),
            (PersonKind.TAIWAN_PERMIT, "12345678"),
        )
    ),
    *(
        row(
            22,
            f"a holder with a {kind.value.replace('_', ' ')}",
            HANGZHOU,
            shows(code(holder=Holder(name, kind, suffix)), ADMIT),
        )
        for kind, name, suffix in (
            (IdKind.PASSPORT, "J*** S***", "77AB"),
            (IdKind.HONG_KONG_MACAU_PERMIT, "陈*文", "0123"),
            (IdKind.TAIWAN_PERMIT, "林*", "4567"),
            (IdKind.OTHER, "A***", "Z9Z9"),
        )
    ),
)
