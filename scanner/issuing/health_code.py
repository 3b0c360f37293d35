"""Issuing the provinces' health code; `docs/health-code.md` is its specification."""

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import quote

import cbor2

from scanner.domain.passes import Colour, PassClaims
from scanner.formats import base45, cwt
from scanner.formats.health_code_claims import (
    COLOUR_NUMBERS,
    HEALTH_CLAIM,
    ID_KIND_NUMBERS,
    KIND_NUMBERS,
    PREFIX,
    Claim,
    DependantClaim,
    TestClaim,
    VaccineClaim,
)
from scanner.formats.holder_proof import COSE_KEY
from scanner.issuing.keys import IssuerKey
from scanner.issuing.signing import sign1
from scanner.trust.cose_keys import cose_key
from scanner.trust.keys import PublicKey

_FIRST_DAY = date(1970, 1, 1)
_BASE45_IN_FRAGMENTS = "$*+-./:"


def issue_health_code(
    claims: PassClaims, key: IssuerKey, holder_key: PublicKey | None = None
) -> str:
    """The text for the QR code.

    Args:
        claims: what the code shall say; times are cut to whole seconds. They are not checked: a
            test may issue what no gate accepts, such as another issuer's name.
        key: signs it.
        holder_key: the phone's; the code then counts only within that phone's own signature, as
            `scanner.issuing.phone` makes it.

    Raises:
        KeyError: a kind, colour or id kind that the format has no number for.
        ValueError: a holder's key that is neither Ed25519 nor P-256.
    """
    return PREFIX + base45.encode(sign1(encode_claims(claims, holder_key), key))


def as_link(text: str, page: str) -> str:
    """A health code wrapped in a link to `page`, for carriers that show a page instead of a code.

    Args:
        text: as `issue_health_code` returned it.
        page: an https address without a fragment.
    """
    return f"{page}#{quote(text, safe=_BASE45_IN_FRAGMENTS)}"


def encode_claims(claims: PassClaims, holder_key: PublicKey | None = None) -> bytes:
    """The CWT's payload."""
    confirmation = None if holder_key is None else {COSE_KEY: cose_key(holder_key)}
    token = {
        cwt.ISSUER: claims.issuer,
        cwt.EXPIRES_AT: _seconds(claims.expires_at),
        cwt.NOT_BEFORE: _seconds(claims.not_before),
        cwt.ISSUED_AT: _seconds(claims.issued_at),
        cwt.CODE_ID: claims.code_id,
        cwt.CONFIRMATION: confirmation,
        HEALTH_CLAIM: _given(_health(claims)),
    }
    return cbor2.dumps(_given(token))


def _health(claims: PassClaims) -> dict[int, object]:
    holder, division = claims.holder, claims.division
    return {
        Claim.KIND: KIND_NUMBERS[claims.kind],
        Claim.COLOUR: COLOUR_NUMBERS[claims.colour or Colour.NONE],
        Claim.MASKED_NAME: holder.masked_name if holder else None,
        Claim.ID_KIND: ID_KIND_NUMBERS[holder.id_kind] if holder else None,
        Claim.ID_SUFFIX: holder.id_suffix if holder else None,
        Claim.DIVISION: int(division) if division else None,
        Claim.SCOPE: claims.scope,
        Claim.TEST: _test(claims),
        Claim.VACCINE: _vaccine(claims),
        Claim.REASON_CLASS: claims.reason_class,
        Claim.HARD_LINE: True if claims.hard_line else None,
        Claim.COLOUR_SINCE: _seconds(claims.colour_since),
        Claim.HOUSEHOLD: claims.household,
        Claim.DEPENDANT: _dependant(claims),
        Claim.POLICY_VERSION: claims.policy_version,
    }


def _test(claims: PassClaims) -> dict[int, object] | None:
    if (test := claims.test) is None:
        return None
    return _given(
        {
            TestClaim.KIND: test.kind,
            TestClaim.NEGATIVE: test.negative,
            TestClaim.SAMPLED_AT: _seconds(test.sampled_at),
            TestClaim.REPORTED_AT: _seconds(test.reported_at),
        }
    )


def _vaccine(claims: PassClaims) -> dict[int, object] | None:
    if (vaccine := claims.vaccine) is None:
        return None
    return {
        int(VaccineClaim.DOSES): vaccine.doses,
        int(VaccineClaim.LAST_DAY): (vaccine.last_day - _FIRST_DAY).days,
    }


def _dependant(claims: PassClaims) -> dict[int, object] | None:
    if (dependant := claims.dependant) is None:
        return None
    return {
        int(DependantClaim.RELATION): dependant.relation,
        int(DependantClaim.MASKED_GUARDIAN): dependant.masked_guardian,
    }


def _seconds(when: datetime | None) -> int | None:
    return None if when is None else int(when.timestamp())


def _given(entries: Mapping[int, object]) -> dict[int, object]:
    """Only what has a value, by plain integer."""
    return {int(number): value for number, value in entries.items() if value is not None}
