"""Codes as people show them, made by the reference issuer for the moment they are shown."""

from datetime import datetime, timedelta
from typing import Any, Final

from scanner.domain.passes import Algorithm, Colour, PassKind
from scanner.formats.base45 import decode
from scanner.issuing.health_code import as_link
from scanner.issuing.keys import IssuerKey
from tests.acceptance.steps import Text
from tests.builders import a_bound_code, a_code, a_key, a_phone, as_health_text

ALIPAY: Final = "https://qr.alipay.example/s7x0?app=health&t=1"
ZHELIBAN: Final = "https://zhe.example/zlb/jkm.html"
WECHAT: Final = "https://mp.weixin.example/a/~~abc~~?wxfrom=5"

FULLY_COVERED: Final = ("33", "46", "51", "50", "31", "11", "12", "14", "42", "53", "52")
CITIES: Final = ("330100", "440100", "440300", "420100", "440403", "510100")
SECOND_OF_SHANGHAI: Final = a_key("31", Algorithm.ES256)
WITHOUT_KEYS: Final = "65"

KEYS: Final = (
    *(a_key(issuer) for issuer in sorted({"00", "13", "41", "43", "44", *FULLY_COVERED})),
    *(a_key(city[:2], division=city) for city in CITIES),
    SECOND_OF_SHANGHAI,
)
"""What the bundle names. Xinjiang's are not in it."""


def code(
    issuer: str = "33",
    colour: Colour = Colour.GREEN,
    *,
    carrier: str | None = None,
    age: timedelta = timedelta(minutes=1),
    key: IssuerKey | None = None,
    **changes: Any,
) -> Text:
    """Of a province (two digits) or of a city's own back end (six).

    Args:
        issuer: whose.
        colour: of the holder.
        carrier: the page of the app that wraps it in a link; None for a bare code.
        age: since the issuer made it.
        key: another one than the issuer's own.
        changes: further claims.
    """
    province, city = issuer[:2], issuer if len(issuer) > len("33") else None
    signer = key or a_key(province, division=city)

    def show(now: datetime) -> str:
        issued_at = now.replace(microsecond=0) - age
        claims = {
            "issuer": province,
            "division": city,
            "colour": colour,
            "issued_at": issued_at,
            "expires_at": issued_at + timedelta(minutes=10),
            "code_id": f"{issuer}{colour}{issued_at}{changes.get('kind')}".encode(),
        }
        text = a_code(signer, **{**claims, **changes})
        return text if carrier is None else as_link(text, carrier)

    return show


def national(colour: Colour = Colour.GREEN, **how: Any) -> Text:
    """The national platform's."""
    return code("00", colour, kind=PassKind.NATIONAL, **how)


def paper(
    kind: PassKind = PassKind.PAPER,
    colour: Colour = Colour.GREEN,
    age: timedelta = timedelta(days=30),
    **changes: Any,
) -> Text:
    """A pass that a community gave out a month ago, for half a year."""

    def show(now: datetime) -> str:
        lasting = {"expires_at": now.replace(microsecond=0) + timedelta(days=150)}
        make = code("33", colour, kind=kind, age=age, **{**lasting, **changes})
        return make(now)

    return show


_ALTERED_ID: Final = b"genuine"


def altered(colour: Colour = Colour.GREEN) -> Text:
    """A genuine code in which one byte of the signed claims was turned."""

    def show(now: datetime) -> str:
        text = code(colour=colour, code_id=_ALTERED_ID)(now)
        message = decode(text.partition(":")[2])
        return as_health_text(message.replace(_ALTERED_ID, _ALTERED_ID.upper()))

    return show


def presented_by_phone(when: timedelta = timedelta(0)) -> Text:
    """A code that the holder's own phone vouched for, so long before it is shown."""

    def show(now: datetime) -> str:
        return (
            a_phone()
            .receives(
                a_bound_code(
                    issued_at=now - timedelta(hours=2), expires_at=now + timedelta(hours=22)
                )
            )
            .presents(now - when)
        )

    return show


def plainly(text: str) -> Text:
    """Whatever somebody holds up instead of a health code."""
    return lambda _: text
