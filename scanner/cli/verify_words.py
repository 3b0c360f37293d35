"""The outcome of a verification in words for a person."""

from collections.abc import Iterator
from typing import Final

from scanner.cli.printable import printable
from scanner.domain.foreign import ForeignKind
from scanner.domain.issuers import issuer_names
from scanner.domain.passes import PassClaims, Rejection
from scanner.domain.reasons import Reason
from scanner.formats.checks import Check, Inspection

_CHECKS: Final = {
    Check.PREFIX: "the text begins as such a code does",
    Check.ENCODING: "its characters decode to bytes",
    Check.COMPRESSION: "the bytes decompress within limits",
    Check.ENVELOPE: "they are a signed message with claims",
    Check.KEY: "a trusted key of the issuer has the id that it names",
    Check.SIGNATURE: "that key made the signature",
    Check.HOLDER: "the holder's own phone vouches for it now",
    Check.TIME: "it is in force at this time",
    Check.USAGE: "the key may sign this kind of pass",
    Check.SCHEMA: "the claims obey the format's rules",
    Check.REVOCATION: "its issuer has not taken it back",
}
_REASONS: Final = {
    Reason.NOT_A_HEALTH_CODE: "this is not a health code",
    Reason.MALFORMED: "it is damaged, or was never a valid code",
    Reason.UNKNOWN_ISSUER: "no key of its issuer is trusted here",
    Reason.UNKNOWN_KEY: "its issuer is known, but not under this key",
    Reason.BAD_SIGNATURE: "the signature is wrong: altered or forged",
    Reason.WRONG_KEY_USAGE: "the key was not given to sign such passes",
    Reason.KEY_REVOKED: "its issuer took the key back that signed it",
    Reason.HOLDER_UNPROVEN: "the holder's phone did not sign it: a copy",
    Reason.SCREENSHOT: "the holder's phone signed it too long ago: a screenshot, perhaps",
    Reason.WRONG_SCOPE: "it is about something else",
    Reason.EXPIRED: "it has expired",
    Reason.NOT_YET_VALID: "it is not valid yet",
    Reason.REVOKED: "its issuer took it back",
    Reason.PROBABLY_REVOKED: "its issuer has probably taken it back",
}
_FOREIGN: Final = {
    ForeignKind.PAYMENT: "a payment code",
    ForeignKind.VENUE: "a venue code",
    ForeignKind.TRAVEL_CARD: "a travel card",
    ForeignKind.BOARDING_PASS: "a boarding pass",
    ForeignKind.OTHER_PASS: "a pass of a kind or version that nothing here reads",
    ForeignKind.CONTACT: "a contact card",
    ForeignKind.WIFI: "a Wi-Fi code",
    ForeignKind.EVENT: "a calendar entry",
    ForeignKind.PHONE: "a phone number",
    ForeignKind.EMAIL: "an email address",
    ForeignKind.PLACE: "a place on a map",
    ForeignKind.APP_LINK: "an app link",
    ForeignKind.WEB_LINK: "a web link",
    ForeignKind.NUMBER: "a number",
    ForeignKind.TEXT: "plain text",
}


def explain(inspection: Inspection) -> Iterator[str]:
    """The lines to print: what it is, each check, the result, and what is proven."""
    yield inspection.title or "No health code"
    for check in inspection.steps:
        ended = {True: "ok", False: "FAILED", None: "not reached"}
        yield f"  {ended[inspection.trail.checks.get(check)]:11}  {check:11}  {_CHECKS[check]}"
    outcome = inspection.outcome
    if isinstance(outcome, Rejection):
        reasons = "; ".join(_REASONS.get(reason, reason.value) for reason in outcome.reasons)
        if outcome.foreign is not None:
            reasons += f" but {_FOREIGN[outcome.foreign]}"
        detail = f" ({outcome.detail})" if outcome.detail else ""
        yield f"Not a valid pass: {reasons}{detail}."
        claims = outcome.proven
    else:
        yield "A genuine pass in force. Whether it opens a gate is for the site's rules."
        claims = outcome.claims
    if claims is not None:
        yield "It says:"
        facts = ((name, printable(value)) for name, value in _facts(claims) if value)
        yield from (f"  {name:11}  {value}" for name, value in facts)


def _facts(claims: PassClaims) -> Iterator[tuple[str, str]]:
    english, chinese = issuer_names(claims.issuer)
    known = english != claims.issuer
    yield "issuer", f"{english} {chinese} ({claims.issuer})" if known else claims.issuer
    yield "country", claims.country or ""
    yield "kind", claims.kind.value
    if claims.colour:
        yield "colour", claims.colour.value + (", hard line" if claims.hard_line else "")
    if holder := claims.holder:
        kind = holder.id_kind.value.replace("_", " ")
        document = f", {kind} {holder.id_suffix}" if holder.id_suffix else ""
        yield "holder", holder.masked_name + document
    if dependant := claims.dependant:
        yield "dependant", f"{dependant.relation} {dependant.masked_guardian}"
    yield "division", claims.division or ""
    yield "scope", claims.scope or ""
    if test := claims.test:
        result = "negative" if test.negative else "not negative"
        sampled = f", sampled {test.sampled_at:%Y-%m-%d %H:%M} UTC" if test.sampled_at else ""
        yield "test", f"{test.kind}, {result}{sampled}"
    if vaccine := claims.vaccine:
        yield "vaccine", f"dose {vaccine.doses} on {vaccine.last_day}"
    if recovery := claims.recovery:
        yield "recovery", f"first positive on {recovery.first_positive}"
    yield "reason", claims.reason_class or ""
    for name, when in (
        ("issued", claims.issued_at),
        ("valid from", claims.not_before),
        ("expires", claims.expires_at),
        ("vouched for", claims.presented_at),
    ):
        yield name, f"{when:%Y-%m-%d %H:%M:%S} UTC" if when else ""
