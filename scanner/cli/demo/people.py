"""Who comes to the demo's gate, what each one shows, and what the gate ought to decide."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from scanner.domain.issuers import EU
from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    DependantRecord,
    Holder,
    IdKind,
    PassClaims,
    PassKind,
)
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.vision.sources.stage import Condition, Medium

# One province signs by each algorithm, so that all three cross the demo's lens.
TRUSTED_ISSUERS: Final = {
    "00": Algorithm.EDDSA,
    "11": Algorithm.ES256,
    "31": Algorithm.ES256,
    "33": Algorithm.EDDSA,
    "42": Algorithm.PS256,
    "44": Algorithm.EDDSA,
    "46": Algorithm.EDDSA,
    EU: Algorithm.ES256,
}
STRANGER: Final = "65"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person in the queue.

    Attributes:
        who: for the report.
        text: what the QR code says.
        medium, condition: how it is shown.
        expected: the machine's final decision.
        reasons: its reasons, the worst first; those of the last verdict.
        readings_c: what the thermometer says, one after the other, when it is asked for.
        guard: what the guard does after the machine's verdict, if anything.
        guard_reason: and why.
    """

    who: str
    text: str = field(repr=False)
    medium: Medium = Medium.PHONE
    condition: Condition = Condition.CLEAN
    expected: Decision = Decision.ADMIT
    reasons: tuple[Reason, ...] = (Reason.OK,)
    readings_c: tuple[float, ...] = ()
    guard: GuardDecision | None = None
    guard_reason: GuardReason = GuardReason.ID_REGISTERED


def make_keys() -> dict[str, IssuerKey]:
    """A key for every issuer that the demo's gate trusts."""
    return {
        issuer: IssuerKey.generate(issuer, algorithm)
        for issuer, algorithm in TRUSTED_ISSUERS.items()
    }


def make_people(keys: Mapping[str, IssuerKey], now: datetime) -> list[Person]:
    """Twelve people; every code is issued at `now` by the reference issuer."""
    kit = _Issuing(keys, now)
    forger = replace(IssuerKey.generate("33"), key_id=keys["33"].key_id)
    stranger = IssuerKey.generate(STRANGER)
    yesterday = now - timedelta(days=1)
    return [
        Person(who="green code, Zhejiang", text=kit.health("33", "张*三", "1234")),
        Person(
            who="green code, national platform, dimmed phone",
            text=kit.health("00", "李*", "5678", kind=PassKind.NATIONAL),
            condition=Condition.DIM,
        ),
        Person(
            who="yellow code, Shanghai",
            text=kit.health("31", "王*明", "9012", colour=Colour.YELLOW),
            expected=Decision.CHECK,
            reasons=(Reason.COLOUR_YELLOW,),
        ),
        Person(
            who="red code, Hubei",
            text=kit.health("42", "赵*", "3456", colour=Colour.RED),
            expected=Decision.REFUSE,
            reasons=(Reason.COLOUR_RED,),
        ),
        Person(
            who="green code of yesterday, Zhejiang",
            text=kit.health("33", "钱*", "7890", issued_at=yesterday),
            expected=Decision.CHECK,
            reasons=(Reason.EXPIRED, Reason.CODE_TOO_OLD),
        ),
        Person(
            who="forged code that names Zhejiang's key",
            text=issue_health_code(kit.claims("33", "孙*", "1122"), forger),
            expected=Decision.REFUSE,
            reasons=(Reason.BAD_SIGNATURE,),
        ),
        Person(
            who="green code of an unknown issuer; the guard registers the id",
            text=issue_health_code(kit.claims(STRANGER, "周*", "3344"), stranger),
            expected=Decision.CHECK,
            reasons=(Reason.UNKNOWN_ISSUER,),
            guard=GuardDecision.ADMITTED_BY_GUARD,
        ),
        Person(
            who="elder with a paper pass, Hainan, 36.5 °C",
            text=kit.health("46", "吴*英", "5566", kind=PassKind.PAPER),
            medium=Medium.PAPER,
            readings_c=(36.5,),
        ),
        Person(
            who="child's code on a guardian's phone, Guangdong, 38.2 then 36.9 °C",
            text=kit.health("44", "郑*宝", "7788", kind=PassKind.DEPENDANT),
            condition=Condition.TILTED,
            readings_c=(38.2, 36.9),
        ),
        Person(
            who="EU certificate, genuine, not recognised at this site",
            text=issue_eu_dcc(keys[EU], now=now),
            medium=Medium.PAPER,
            expected=Decision.CHECK,
            reasons=(Reason.NOT_RECOGNISED,),
        ),
        Person(
            who="payment code",
            text=f"https://qr.example.com/pay/{secrets.token_hex(8)}",
            expected=Decision.CHECK,
            reasons=(Reason.NOT_A_HEALTH_CODE,),
        ),
        Person(
            who="visitor's pass on paper, Beijing",
            text=kit.health("11", "冯*", "9900", kind=PassKind.VISITOR),
            medium=Medium.PAPER,
            condition=Condition.FAR,
        ),
    ]


_VALID_FOR: Final = {
    PassKind.DYNAMIC: timedelta(minutes=10),
    PassKind.NATIONAL: timedelta(minutes=10),
    PassKind.VISITOR: timedelta(hours=12),
    PassKind.PAPER: timedelta(days=180),
    PassKind.DEPENDANT: timedelta(days=180),
}


@dataclass(frozen=True, slots=True)
class _Issuing:
    keys: Mapping[str, IssuerKey]
    now: datetime

    def health(
        self,
        issuer: str,
        name: str,
        suffix: str,
        *,
        kind: PassKind = PassKind.DYNAMIC,
        colour: Colour = Colour.GREEN,
        issued_at: datetime | None = None,
    ) -> str:
        claims = self.claims(issuer, name, suffix, kind, colour, issued_at)
        return issue_health_code(claims, self.keys[issuer])

    def claims(
        self,
        issuer: str,
        name: str,
        suffix: str,
        kind: PassKind = PassKind.DYNAMIC,
        colour: Colour = Colour.GREEN,
        issued_at: datetime | None = None,
    ) -> PassClaims:
        issued = issued_at or self.now
        return PassClaims(
            format=HEALTH_CODE,
            kind=kind,
            issuer=issuer,
            colour=colour,
            issued_at=issued,
            expires_at=issued + _VALID_FOR[kind],
            code_id=secrets.token_bytes(8),
            holder=Holder(name, IdKind.RESIDENT_CARD, suffix),
            dependant=DependantRecord("parent", "郑*") if kind is PassKind.DEPENDANT else None,
        )
