"""SMART Health Cards for tests: any claims, signed by one key."""

from functools import cache
from typing import Any, Final

from scanner.domain.passes import (
    Rejection,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.formats import smart_health_card_codes as codes
from scanner.formats.checks import Check
from scanner.formats.readers.smart_health_card import (
    encode_digits,
)
from scanner.formats.registry import inspect_pass, read_pass, recognises
from scanner.issuing.keys import IssuerKey
from scanner.issuing.smart_health_card import (
    encode_credential,
    new_key,
    sign_card,
)
from scanner.trust.key_ring import KeyRing
from tests.builders import NOW, a_ring

ISSUER: Final = "https://health.example/cards"
PATIENT: Final = {
    "resourceType": "Patient",
    "name": [{"family": "Anyperson", "given": ["John", "B."]}],
    "birthDate": "1951-01-20",
}


@cache
def key_of(issuer: str = ISSUER) -> IssuerKey:
    """A key of `issuer`; the same one every time."""
    return new_key(issuer)


def a_dose(day: str = "2026-01-01", cvx: str = "207", **changes: object) -> dict[str, object]:
    """One vaccination."""
    return {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": codes.CVX, "code": cvx}]},
        "occurrenceDateTime": day,
        "lotNumber": "0000001",
    } | changes


def a_result(
    result: str = codes.NOT_DETECTED,
    loinc: str = "94500-6",
    at: str | None = "2026-11-23T06:00:00+00:00",
    **changes: object,
) -> dict[str, object]:
    """One laboratory result."""
    told = {} if at is None else {"effectiveDateTime": at}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": codes.LOINC, "code": loinc}]},
        "valueCodeableConcept": {"coding": [{"system": codes.SNOMED, "code": result}]},
        **told,
        **changes,
    }


def a_claims(*resources: dict[str, Any], **changes: object) -> dict[str, object]:
    """The claims of a card with these resources and its holder."""
    credential = encode_credential([PATIENT, *resources])
    return {"iss": ISSUER, "nbf": NOW.timestamp(), "vc": credential} | changes


def a_card(claims: object = None, **how: Any) -> str:
    """Any claims, signed and encoded; two doses without any."""
    if claims is None:
        claims = a_claims(a_dose(), a_dose("2026-01-29"))
    return "shc:/" + encode_digits(sign_card(claims, key_of(), **how))  # type: ignore[arg-type]


def accepted(text: str) -> VerifiedPass:
    """The pass that it is."""
    outcome = read_pass(text, a_ring(key_of()), NOW)
    assert isinstance(outcome, VerifiedPass), outcome
    return outcome


def refused(text: str, keys: KeyRing | None = None) -> tuple[Check | None, tuple[Reason, ...]]:
    """The step that failed, and the reasons."""
    inspection = inspect_pass(text, keys or a_ring(key_of()), NOW)
    assert isinstance(inspection.outcome, Rejection), inspection.outcome
    assert recognises(text)
    return inspection.failed, inspection.outcome.reasons
