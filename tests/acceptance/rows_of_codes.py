"""Rows 1 to 8: whose codes, by which key, recognised where and since when."""

from datetime import timedelta

from scanner.domain.passes import (
    Algorithm,
    Colour,
)
from scanner.domain.reasons import GuardReason, Reason
from scanner.trust.bundle.store import Origin
from tests.acceptance.codes import (
    ALIPAY,
    FULLY_COVERED,
    KEYS,
    SECOND_OF_SHANGHAI,
    WECHAT,
    WITHOUT_KEYS,
    code,
    national,
)
from tests.acceptance.rows import (
    BEIJING,
    GUANGXI,
    HAIKOU,
    HANGZHOU,
    LHASA,
    PROMOTED,
    ZHENGZHOU,
    row,
)
from tests.acceptance.steps import (
    ADMIT,
    CHECK,
    REFUSE,
    a_bundle_comes,
    guard,
    shows,
    waits,
)
from tests.builders import a_key

ROWS = (
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
)
