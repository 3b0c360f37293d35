"""Keys of ICAO signers out of their certificates."""

from datetime import UTC, datetime

import pytest

from scanner.domain.errors import TrustError
from scanner.domain.passes import VerifiedPass
from scanner.formats.registry import read_pass
from scanner.issuing.vds_nc import certificate, generate_signer, issue_vds_nc
from scanner.trust.foreign_keys import keys_from_certificate
from scanner.trust.key_ring import KeyRing
from tests.builders import a_key

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_the_key_out_of_a_certificate_verifies_the_signers_seals() -> None:
    signer = generate_signer("AUS")
    keys = keys_from_certificate("AUS", certificate(signer))
    assert keys == [signer.trusted()]
    assert isinstance(read_pass(issue_vds_nc(signer, now=NOW), KeyRing(keys), NOW), VerifiedPass)


def test_it_answers_for_the_state_that_the_operator_names_only() -> None:
    signer = generate_signer("AUS")
    keys = keys_from_certificate("NZL", certificate(signer))
    outcome = read_pass(issue_vds_nc(signer, now=NOW), KeyRing(keys), NOW)
    assert not isinstance(outcome, VerifiedPass)


@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"-----BEGIN CERTIFICATE-----", bytes(400)])
def test_what_is_no_certificate_is_refused(der: bytes) -> None:
    with pytest.raises(TrustError):
        keys_from_certificate("AUS", der)


def test_a_key_that_is_not_for_es256_makes_no_certificate() -> None:
    with pytest.raises(TrustError):
        certificate(a_key("AUS"))
