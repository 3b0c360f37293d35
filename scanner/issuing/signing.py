"""COSE_Sign1 (RFC 9052 section 4.4) on the issuer's side."""

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from scanner.formats import cbor, cose
from scanner.issuing.keys import IssuerKey, PrivateKey
from scanner.trust.algorithms import SCHEMES

_P256_BYTES = 32


def sign1(payload: bytes, key: IssuerKey) -> bytes:
    """`payload` as a tagged COSE_Sign1 with algorithm and kid in the protected header."""
    header = {
        cose.ALGORITHM_LABEL: SCHEMES[key.algorithm].cose,
        cose.KEY_ID_LABEL: key.key_id,
    }
    return sign1_under(cbor2.dumps(header), payload, key.private_key)


def sign1_under(protected: bytes, payload: bytes, private_key: PrivateKey) -> bytes:
    """The same under any protected header."""
    signature = sign(private_key, cose.signed_bytes(protected, payload))
    return cbor2.dumps(cbor2.CBORTag(cbor.SIGN1_TAG, [protected, {}, payload, signature]))


def sign(private_key: PrivateKey, message: bytes) -> bytes:
    """A signature in COSE's form by the algorithm of the key."""
    if isinstance(private_key, Ed25519PrivateKey):
        return private_key.sign(message)
    if isinstance(private_key, EllipticCurvePrivateKey):
        r, s = decode_dss_signature(private_key.sign(message, ECDSA(SHA256())))
        return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")
    return private_key.sign(message, PSS(MGF1(SHA256()), salt_length=32), SHA256())
