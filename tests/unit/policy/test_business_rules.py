"""Reading published rules, and what a certificate becomes for them."""

import json
from datetime import UTC, datetime

import pytest
from cbor2 import frozendict

from scanner.domain.errors import RuleError, SettingsError
from scanner.policy.business_rules import (
    MAX_FILE_BYTES,
    MAX_VALUES,
    CertificateType,
    ExternalParameters,
    RuleType,
    certificate_of,
    read_rules,
    read_value_sets,
)
from tests.rule_builders import a_certificate, a_rule, parameters, rule_json


def test_a_rule_is_read_with_what_it_does_not_know_left_aside() -> None:
    rule = a_rule(Region="BY", Hash="unknown here")
    assert (rule.identifier, rule.type, rule.region) == ("VR-DE-0001", RuleType.ACCEPTANCE, "BY")
    assert rule.certificate_type is CertificateType.VACCINATION
    assert rule.valid_from == datetime(2021, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"Identifier": "VR-DE-1"}, "Identifier"),
        ({"Identifier": "VR-DE-0001\n"}, "Identifier"),
        ({"Type": "Wish"}, "Type"),
        ({"Country": "de"}, "Country"),
        ({"Version": "1.0"}, "Version"),
        ({"ValidTo": "2020-01-01T00:00:00Z"}, "ValidTo is before ValidFrom"),
        ({"ValidTo": "2030-01-01T00:00:00"}, "ValidTo"),
        ({"Logic": None}, "Logic"),
        ({"Description": [{"lang": "<b>", "desc": ""}]}, "Description"),
    ],
)
def test_a_faulty_rule_is_refused_by_place(changes: dict[str, object], place: str) -> None:
    with pytest.raises(SettingsError, match=f"The business rules cannot be read: .*{place}"):
        read_rules(json.dumps([rule_json(), rule_json(**changes)]).encode())


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b"[" * 100_000])
def test_what_are_no_rules_is_refused(data: bytes) -> None:
    with pytest.raises(SettingsError, match="The business rules cannot be read"):
        read_rules(data)


def test_sizes_are_capped() -> None:
    with pytest.raises(SettingsError, match="4,194,304 are allowed"):
        read_rules(b" " * (MAX_FILE_BYTES + 1))
    too_many = json.dumps({"codes": ["A"] * (MAX_VALUES + 1)}).encode()
    with pytest.raises(SettingsError, match="The value sets cannot be read"):
        read_value_sets(too_many)
    assert read_value_sets(b'{"codes": ["A", "B"]}') == {"codes": ["A", "B"]}


def test_the_frozen_maps_of_cbor_become_json() -> None:
    certificate = certificate_of(frozendict({"ver": "1.3.0", "t": (frozendict({"tt": "a"}),)}))
    assert certificate.payload == {"ver": "1.3.0", "t": [{"tt": "a"}]}
    assert type(certificate.payload["t"]) is list
    assert certificate.types == {CertificateType.TEST}
    assert certificate.schema_version == (1, 3, 0)


@pytest.mark.parametrize("version", [None, "", "1.3", 1, "1.3.0.0", "1x3x0"])
def test_a_certificate_of_no_known_version_has_none(version: object) -> None:
    assert a_certificate(ver=version).schema_version is None


def _deep(levels: int) -> object:
    value: object = "bottom"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [b"bytes", {1: "a"}, [{"a": {2}}], _deep(16), _deep(100_000)])
def test_what_json_does_not_know_is_refused_and_not_called_null(value: object) -> None:
    with pytest.raises(RuleError, match="the certificate"):
        certificate_of({"ver": "1.3.0", "x": value})


def test_external_parameters_have_the_published_names() -> None:
    external = ExternalParameters(
        now=datetime(2022, 1, 1, 12, tzinfo=UTC),
        country="DE",
        value_sets={"codes": ["A"]},
        issuing_country="FR",
        issued_at=datetime(2021, 1, 1, tzinfo=UTC),
        expires_at=datetime(2023, 1, 1, tzinfo=UTC),
    )
    assert external.as_json() == {
        "validationClock": "2022-01-01T12:00:00.000+00:00",
        "valueSets": {"codes": ["A"]},
        "countryCode": "DE",
        "issuerCountryCode": "FR",
        "region": None,
        "iat": "2021-01-01T00:00:00+00:00",
        "exp": "2023-01-01T00:00:00+00:00",
    }
    assert parameters().as_json()["exp"] is None
