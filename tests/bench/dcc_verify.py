"""From QR text to verified pass, beside nothing but the signature check inside it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from scanner.domain.issuers import EU
from scanner.domain.passes import Algorithm, VerifiedPass
from scanner.formats.registry import read_pass
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.issuing.keys import IssuerKey
from scanner.trust.key_ring import KeyRing
from tests.builders import NOW, a_code

ROUNDS = 101
PER_ROUND = 50
_MESSAGE = bytes(range(256))


def run() -> None:
    """Print codes a second and their ratio to bare verifications, taken in turns."""
    eu = IssuerKey.generate(EU, Algorithm.ES256)
    now = datetime.now(UTC)
    _report("EU DCC, ES256", issue_eu_dcc(eu, now=now), eu, now)
    for algorithm in (Algorithm.ES256, Algorithm.EDDSA):
        key = IssuerKey.generate("33", algorithm)
        _report(f"health code, {algorithm.value}", a_code(key), key, NOW)


def _report(name: str, text: str, key: IssuerKey, now: datetime) -> None:
    ring, verify = KeyRing([key.trusted()]), _bare_verification(key)
    assert isinstance(read_pass(text, ring, now), VerifiedPass)
    whole, bare = [], []
    for _ in range(ROUNDS):
        whole.append(_per_call_s(lambda: read_pass(text, ring, now)))
        bare.append(_per_call_s(verify))
    ratio = median(b / w for b, w in zip(bare, whole, strict=True))
    print(
        f"{name:20} {len(text)} characters: {1 / median(whole):7,.0f} a second, "
        f"bare verify {1 / median(bare):7,.0f}, ratio {ratio:.2f}"
    )


def _bare_verification(key: IssuerKey) -> Callable[[], None]:
    private_key = key.private_key
    if isinstance(private_key, EllipticCurvePrivateKey):
        ecdsa = ECDSA(SHA256())
        signature, public_key = private_key.sign(_MESSAGE, ecdsa), private_key.public_key()
        return lambda: public_key.verify(signature, _MESSAGE, ecdsa)
    assert isinstance(private_key, Ed25519PrivateKey)
    ed_signature, ed_public_key = private_key.sign(_MESSAGE), private_key.public_key()
    return lambda: ed_public_key.verify(ed_signature, _MESSAGE)


def _per_call_s(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(PER_ROUND):
        call()
    return (time.perf_counter() - began) / PER_ROUND
