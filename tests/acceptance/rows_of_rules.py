"""Rows 16 to 22: hard lines, layers, carriers, what the screen says, the wire, documents."""

from datetime import timedelta

from config.settings import Site
from scanner.domain.passes import (
    Colour,
    Holder,
    IdKind,
)
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.walk_ins import PersonKind
from scanner.policy.places import Person, SiteType
from scanner.vision.sources.stage import Condition
from tests.acceptance import codes
from tests.acceptance.codes import (
    ALIPAY,
    WECHAT,
    ZHELIBAN,
    code,
)
from tests.acceptance.rows import (
    HANGZHOU,
    HANGZHOU_RULES,
    MILD_RESULTS,
    NEGATIVE,
    RED_IS_CHECKED,
    TWO_DOSES,
    row,
    shipped,
    shows_paper,
)
from tests.acceptance.steps import (
    ADMIT,
    CHECK,
    REFUSE,
    comes,
    everything_reaches_the_hub_once,
    guard,
    guard_may_not,
    is_let_in_at,
    is_measured,
    screen_says,
    shows,
    waits,
)
from tests.faults.sync.proxy import Fault

ROWS = (
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
