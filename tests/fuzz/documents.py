"""What codes of the foreign formats hold: content of their own, not any issuer's of ours.

Encoded and signed by `tests.fuzz.layers`, so that a fault which our issuer shares with our reader
does not go unseen.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from scanner.issuing.keys import IssuerKey


def smart_health_cards(key: IssuerKey, now: datetime) -> list[dict[str, Any]]:
    """A vaccination and a test (SMART Health Cards Framework, vaccination and testing profiles)."""
    day = (now - timedelta(days=30)).date().isoformat()
    doses = [
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": _concept("http://hl7.org/fhir/sid/cvx", "207"),
            "patient": {"reference": "resource:0"},
            "occurrenceDateTime": day,
            "lotNumber": str(number),
        }
        for number in (1, 2)
    ]
    test = {
        "resourceType": "Observation",
        "status": "final",
        "code": _concept("http://loinc.org", "94500-6"),
        "subject": {"reference": "resource:0"},
        "effectiveDateTime": (now - timedelta(hours=6)).isoformat(timespec="seconds"),
        "valueCodeableConcept": _concept("http://snomed.info/sct", "260415000"),
    }
    return [_card(key, now, doses), _card(key, now, [test])]


def _card(key: IssuerKey, now: datetime, facts: list[dict[str, Any]]) -> dict[str, Any]:
    name = {"family": "Anyperson", "given": ["John", "B."]}
    patient = {"resourceType": "Patient", "name": [name], "birthDate": "1951-01-20"}
    entries = [
        {"fullUrl": f"resource:{at}", "resource": resource}
        for at, resource in enumerate([patient, *facts])
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return {
        "iss": key.issuer,
        "nbf": int(now.timestamp()) - 60,
        "exp": int(now.timestamp()) + 86_400,
        "vc": {
            "type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
            "rid": "MKyCxh7p6uQ",
        },
    }


def _concept(system: str, code: str) -> Mapping[str, object]:
    return {"coding": [{"system": system, "code": code}]}


def nz_covid_pass(key: IssuerKey, now: datetime) -> dict[Any, Any]:
    """A pass (NZ COVID Pass Technical Specification, "Data Model")."""
    return {
        1: key.issuer,
        5: int(now.timestamp()) - 60,
        4: int(now.timestamp()) + 86_400,
        7: bytes(range(16)),
        "vc": {
            "@context": [
                "https://www.w3.org/2018/credentials/v1",
                "https://nzcp.covid19.health.nz/contexts/v1",
            ],
            "version": "1.0.0",
            "type": ["VerifiableCredential", "PublicCovidPass"],
            "credentialSubject": {
                "givenName": "Jack",
                "familyName": "Sparrow",
                "dob": "1960-04-16",
            },
        },
    }


def vds_ncs(key: IssuerKey, now: datetime) -> list[dict[str, Any]]:
    """A proof of vaccination and one of testing (ICAO TR "VDS-NC", their data sets)."""
    vaccination = {
        "uvci": "U32870",
        "pid": {"n": "Smith Bill", "dob": "1990-01-02", "sex": "M", "i": "A1234567Z"},
        "ve": [
            {
                "des": "XM68M6",
                "nam": "Comirnaty",
                "dis": "RA01.0",
                "vd": [
                    {"dvc": "2026-03-03", "seq": 1, "ctr": key.issuer, "adm": "A", "lot": "V1"},
                    {"dvc": "2026-03-24", "seq": 2, "ctr": key.issuer, "adm": "A", "lot": "V2"},
                ],
            }
        ],
    }
    test = {
        "utci": "U32871",
        "pid": {"n": "Smith Bill", "dob": "1990-01-02", "dt": "P", "dn": "A1234567Z"},
        "sp": {"spn": "Test centre 1", "ctr": key.issuer, "cd": {"p": "00", "e": "a", "a": "b"}},
        "dat": {
            "sc": (now - timedelta(hours=6)).isoformat(timespec="seconds"),
            "ri": (now - timedelta(hours=2)).isoformat(timespec="seconds"),
        },
        "tr": {"tc": "molecular(PCR)", "r": "negative", "m": "NP"},
    }
    return [
        {"hdr": {"t": kind, "v": 1, "is": key.issuer}, "msg": message}
        for kind, message in (("icao.vacc", vaccination), ("icao.test", test))
    ]
