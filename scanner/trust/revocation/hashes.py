"""What a revocation list names: 64 bits of a digest of the issuer and its own id of one code.

Nothing else can be named. A name, a document's number or a household is no argument of these two
functions, and a list has no room beside their results.
"""

from hashlib import sha256
from typing import Final, NewType

RevokedHash = NewType("RevokedHash", int)
"""0 to 2^64 - 1: the first eight bytes of a SHA-256 as a little-endian number."""

HASH_BYTES: Final = 8
_CODE: Final = b"checkpoint revoked code v1\n"
_PASS: Final = b"checkpoint revoked pass v1\n"


def code_hash(issuer: str, code_id: bytes) -> RevokedHash:
    """Names a code by the id that its issuer gave it, in that issuer's own name space.

    Args:
        issuer: as in `PassClaims.issuer`.
        code_id: as in `PassClaims.code_id`.
    """
    return _hash(_CODE, issuer, code_id)


def pass_hash(issuer: str, identity: bytes) -> RevokedHash:
    """Names a code to which its issuer gave no id, by the digest of what was signed.

    Args:
        issuer: as in `PassClaims.issuer`.
        identity: 32 bytes, as in `VerifiedPass.identity`.
    """
    return _hash(_PASS, issuer, identity)


def revoked_hash(issuer: str, code_id: bytes | None, identity: bytes) -> RevokedHash:
    """The one hash under which a code can be revoked: of its id if it has one."""
    return code_hash(issuer, code_id) if code_id else pass_hash(issuer, identity)


def _hash(domain: bytes, issuer: str, name: bytes) -> RevokedHash:
    """The issuer's length stands before it, so that no two pairs run into the same bytes."""
    encoded = issuer.encode()
    framed = domain + len(encoded).to_bytes(2, "big") + encoded + name
    return RevokedHash(int.from_bytes(sha256(framed).digest()[:HASH_BYTES], "little"))
