"""Signatures in COSE's form, as the library that checks them takes them."""

import pytest

from scanner.domain.passes import Algorithm, SignedMessage
from scanner.issuing.signing import sign
from scanner.trust.algorithms import verifies
from tests.builders import a_key

MESSAGE = b"a message"


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_signature_holds_for_its_message_alone(algorithm: Algorithm) -> None:
    key = a_key("33", algorithm)
    signature = sign(key.private_key, MESSAGE)
    assert verifies(SignedMessage(MESSAGE, signature, algorithm, b""), key.trusted())
    assert not verifies(SignedMessage(MESSAGE + b".", signature, algorithm, b""), key.trusted())
    for short in (b"", signature[:-1], signature + b"\0", bytes(len(signature))):
        assert not verifies(SignedMessage(MESSAGE, short, algorithm, b""), key.trusted())
