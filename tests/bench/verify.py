"""From QR text to verified pass, beside nothing but the signature check of the same message.

One code of every format and algorithm; the bare check is `cryptography`'s own call with the
message, signature and key of that code, its signature already in DER where the curve needs that.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from scanner.domain.passes import Algorithm, SignedMessage, VerifiedPass
from scanner.formats.checks import Trail
from scanner.formats.registry import READERS, read_pass
from scanner.trust.keys import PublicKey
from tests.builders import NOW
from tests.fuzz.originals import Original, fresh

ROUNDS: Final = 501
PER_ROUND: Final = 10
REACHES: Final = {("eu_dcc", Algorithm.ES256): 0.5, ("health_code", Algorithm.ES256): 0.7,
                  ("health_code", Algorithm.EDDSA): 0.7}  # fmt: skip


def run() -> None:
    """Print codes a second and their ratio to bare checks, taken in turns.

    The last ratio is that of the lowest tenth's limits: as on a machine that does nothing else.
    """
    print(f"{'':26}{'characters':>11}{'whole/s':>10}{'bare/s':>10}{'ratio':>7}{'quiet':>7}")
    for original in one_of_each():
        _report(original)


def one_of_each() -> Iterator[Original]:
    """The first valid code of every format and algorithm."""
    seen = set()
    for original in fresh().all:
        what = (original.format, original.read.evidence.algorithm)
        if what not in seen:
            seen.add(what)
            yield original


def _report(original: Original) -> None:
    text, ring, evidence = original.donor.text, fresh().ring, original.read.evidence
    parsed = READERS[evidence.format].open(text, Trail())
    (key,) = ring.find(parsed.issuer, evidence.key_id)
    verify = bare_check(key.public_key, parsed.signed)
    verify()
    assert isinstance(read_pass(text, ring, NOW), VerifiedPass)
    whole, bare = [], []
    for _ in range(ROUNDS):
        whole.append(_per_call_s(lambda: read_pass(text, ring, NOW)))
        bare.append(_per_call_s(verify))
    ratio = median(b / w for b, w in zip(bare, whole, strict=True))
    quiet = lowest_tenth(bare) / lowest_tenth(whole)
    reach = REACHES.get((evidence.format, evidence.algorithm))
    print(
        f"{evidence.format:18}{evidence.algorithm:8}{len(text):11,}{1 / median(whole):10,.0f}"
        f"{1 / median(bare):10,.0f}{ratio:7.2f}{quiet:7.2f}"
        + (f"  (reach: {reach})" if reach else "")
    )


def bare_check(key: PublicKey, signed: SignedMessage) -> Callable[[], None]:
    """The one call that proves `signed`; raises `InvalidSignature` unless it does."""
    signature, message = signed.signature, signed.message
    if isinstance(key, EllipticCurvePublicKey):
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        der, ecdsa = encode_dss_signature(r, s), ECDSA(SHA256())
        return lambda: key.verify(der, message, ecdsa)
    if isinstance(key, Ed25519PublicKey):
        return lambda: key.verify(signature, message)
    pss, sha256 = PSS(MGF1(SHA256()), salt_length=32), SHA256()
    return lambda: key.verify(signature, message, pss, sha256)


def lowest_tenth(taken: Sequence[float]) -> float:
    """The limit of the lowest tenth: what other work on the machine leaves untouched."""
    return sorted(taken)[len(taken) // 10]


def _per_call_s(call: Callable[[], object]) -> float:
    began = time.thread_time()
    for _ in range(PER_ROUND):
        call()
    return (time.thread_time() - began) / PER_ROUND
