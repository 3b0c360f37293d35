"""What the field asks of a gate, row by row: what happens before the lens, and what comes of it.

A row's number is that of the domain's list; a row may stand here several times. `test_table.py`
plays each through a whole gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from config.rules import load_rules
from scanner.domain.passes import Colour, DependantRecord, Holder, IdKind, PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask
from scanner.policy.rules import RuleSet
from scanner.vision.sources.stage import Condition, Medium
from tests.acceptance import codes
from tests.acceptance.codes import (
    ALIPAY,
    FULLY_COVERED,
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
    cannot_be_measured,
    guard,
    guard_may_not,
    is_measured,
    is_recorded_as_gone,
    shows,
    waits,
)
from tests.builders import a_key

HANGZHOU, HAIKOU, ZHENGZHOU, BEIJING, LHASA = "330106", "460100", "410100", "110105", "540000"
TODAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PROMOTED = datetime(2020, 4, 18, 16, 0, tzinfo=UTC)
"""Midnight in Beijing before 19 April 2020."""
SHIPPED = load_rules()


@dataclass(frozen=True)
class Row:
    """One row: where the gate stands, who comes, and what must come of it.

    Attributes:
        number: of the domain's list.
        what: in words.
        division: of the gate.
        steps: one after the other.
        at: the gate's time when the first person comes.
        rules: of the site.
    """

    number: int
    what: str
    division: str
    steps: Sequence[Step]
    at: datetime = TODAY
    rules: RuleSet = SHIPPED


def row(
    number: int,
    what: str,
    division: str,
    *steps: Step,
    at: datetime = TODAY,
    rules: RuleSet = SHIPPED,
) -> Row:
    """A row with its steps in a line."""
    return Row(number, what, division, steps, at, rules)


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
    row(
        8,
        "an issuer without keys here: the guard registers the id",
        HANGZHOU,
        shows(code(WITHOUT_KEYS), CHECK, Reason.UNKNOWN_ISSUER),
        guard(GuardReason.ID_REGISTERED),
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
