"""Rows 9 to 15: in and out, whose name it is, what is forged, what is asked."""

from datetime import timedelta

from config.settings import Site
from scanner.domain.direction import Direction, GateDirection
from scanner.domain.passes import (
    Colour,
    DependantRecord,
    PassKind,
)
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask
from scanner.domain.walk_ins import PersonKind
from scanner.vision.sources.stage import Medium
from tests.acceptance import codes
from tests.acceptance.codes import (
    code,
    paper,
)
from tests.acceptance.rows import (
    DOOR,
    FORGER,
    HAIKOU,
    HANGZHOU,
    ONE_CODE,
    ONE_INSIDE,
    SOMEBODY_ELSE,
    row,
    shipped,
    shows_paper,
)
from tests.acceptance.steps import (
    ADMIT,
    CHECK,
    REFUSE,
    are_inside,
    cannot_be_measured,
    card_never_says,
    comes,
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

ROWS = (
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
)
