"""Keys from certificates: kid, algorithm and usage."""

from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.issuers import EU
from scanner.domain.passes import Algorithm, PassKind
from scanner.trust.certificates import key_from_certificate
from scanner.trust.keys import PublicKey
from tests.builders import NOW, a_key

CA = generate_private_key(SECP256R1())
NAME = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "AT")])
CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"


def a_certificate(public_key: PublicKey, *usages: str) -> bytes:
    """A certificate over `public_key` with these extended key usages."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(public_key)
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    if usages:
        oids = [x509.ObjectIdentifier(usage) for usage in usages]
        builder = builder.add_extension(x509.ExtendedKeyUsage(oids), critical=False)
    return builder.sign(CA, SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_kind_of_key_is_the_algorithm(algorithm: Algorithm) -> None:
    der = a_certificate(a_key(EU, algorithm).trusted().public_key)
    key = key_from_certificate(der)
    assert key is not None
    assert key.algorithm is algorithm
    assert key.issuer == EU
    assert key.key_id == sha256(der).digest()[:8]


@pytest.mark.parametrize(
    ("usages", "kinds"),
    [
        ((), None),
        ((CLIENT_AUTH,), None),
        (("1.3.6.1.4.1.1847.2021.1.1",), {PassKind.TEST}),
        (("1.3.6.1.4.1.1847.2021.1.2",), {PassKind.VACCINATION}),
        (("1.3.6.1.4.1.1847.2021.1.3",), {PassKind.RECOVERY}),
        (("1.3.6.1.4.1.0.1847.2021.1.1",), {PassKind.TEST}),
        (("1.3.6.1.4.1.0.1847.2021.1.2", CLIENT_AUTH), {PassKind.VACCINATION}),
        (
            ("1.3.6.1.4.1.0.1847.2021.1.3", "1.3.6.1.4.1.1847.2021.1.1"),
            {PassKind.RECOVERY, PassKind.TEST},
        ),
    ],
)
def test_usages_limit_the_kinds(usages: tuple[str, ...], kinds: set[PassKind] | None) -> None:
    key = key_from_certificate(a_certificate(a_key().trusted().public_key, *usages))
    assert key is not None
    assert key.kinds == kinds


def test_a_key_that_no_code_may_be_signed_with_is_none() -> None:
    der = a_certificate(generate_private_key(SECP384R1()).public_key())
    assert key_from_certificate(der) is None


PLAIN = a_certificate(a_key().trusted().public_key, "1.3.6.1.4.1.1847.2021.1.1")


@given(st.data())
def test_a_damaged_certificate_never_raises(data: st.DataObject) -> None:
    der = bytearray(PLAIN)
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    key_from_certificate(bytes(der[: data.draw(st.integers(0, len(der)))]))
