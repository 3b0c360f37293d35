"""Business rules and a certificate for tests: every argument is what the test is about."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from scanner.policy.business_rules import (
    BusinessRule,
    Certificate,
    ExternalParameters,
    certificate_of,
    read_rules,
)

CLOCK: Final = datetime(2022, 1, 1, 12, 0, tzinfo=UTC)


def rule_json(**changes: object) -> dict[str, Any]:
    """A published rule as JSON has it, with some members changed (None leaves one out)."""
    rule: dict[str, object] = {
        "Identifier": "VR-DE-0001",
        "Type": "Acceptance",
        "Country": "DE",
        "Version": "1.0.0",
        "SchemaVersion": "1.0.0",
        "Engine": "CERTLOGIC",
        "EngineVersion": "1.0.0",
        "CertificateType": "Vaccination",
        "Description": [{"lang": "en", "desc": "Two doses."}, {"lang": "de", "desc": "Zwei."}],
        "ValidFrom": "2021-07-01T00:00:00Z",
        "ValidTo": "2030-06-01T00:00:00Z",
        "AffectedFields": ["v.0.dn"],
        "Logic": {">=": [{"var": "payload.v.0.dn"}, 2]},
    }
    return {name: value for name, value in (rule | changes).items() if value is not None}


def a_rule(**changes: object) -> BusinessRule:
    """The same, read."""
    (rule,) = read_rules(json.dumps([rule_json(**changes)]).encode())
    return rule


def a_certificate(**changes: object) -> Certificate:
    """Two doses of a vaccine; members changed as told (None leaves one out)."""
    document: dict[object, object] = {
        "ver": "1.3.0",
        "dob": "1964-08-12",
        "nam": {"fn": "Muster", "fnt": "MUSTER"},
        "v": [{"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "dn": 2, "sd": 2,
               "ma": "ORG-100030215", "dt": "2021-11-01", "co": "DE", "is": "RKI",
               "ci": "URN:UVCI:01:DE:187/37512422923"}],
    }  # fmt: skip
    changed = document | dict(changes.items())
    return certificate_of({key: value for key, value in changed.items() if value is not None})


def parameters(country: str = "DE", **changes: Any) -> ExternalParameters:
    """A visit to `country` at `CLOCK`."""
    return replace(ExternalParameters(CLOCK, country, {}), **changes)
