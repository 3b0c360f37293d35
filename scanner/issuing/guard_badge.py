"""Making guards' badges, on the supervisor's side; `scanner.formats.guard_badge` reads them."""

from datetime import datetime
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from scanner.domain.errors import GuardError
from scanner.domain.guards import Role
from scanner.domain.passes import Algorithm
from scanner.formats import base45, cose, cwt
from scanner.formats.guard_badge import PREFIX, ROLE_CLAIM, ROLE_NUMBERS, SUBJECT
from scanner.issuing.keys import save_private_key
from scanner.issuing.signing import sign1_under
from scanner.trust.algorithms import SCHEMES


def issue_badge(
    key: Ed25519PrivateKey,
    *,
    site: str,
    guard: str,
    role: Role,
    issued_at: datetime,
    expires_at: datetime,
) -> str:
    """The text for the badge's QR code; times are cut to whole seconds. Nothing is checked."""
    claims = {
        cwt.ISSUER: site,
        SUBJECT: guard,
        cwt.EXPIRES_AT: int(expires_at.timestamp()),
        cwt.ISSUED_AT: int(issued_at.timestamp()),
        ROLE_CLAIM: ROLE_NUMBERS[role],
    }
    protected = cbor2.dumps({cose.ALGORITHM_LABEL: SCHEMES[Algorithm.EDDSA].cose})
    return PREFIX + base45.encode(sign1_under(protected, cbor2.dumps(claims), key))


def load_badge_key(path: Path) -> Ed25519PrivateKey:
    """The site's badge key from its PEM file.

    Raises:
        GuardError: there is none, or it is another kind of key.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise GuardError(
            f"There is no badge key at {path}.",
            "Make one with `checkpoint guard badge-key`, or name the site's with --key.",
        ) from error
    except OSError as error:
        raise GuardError(f"The badge key {path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError) as error:
        raise _no_badge_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_badge_key(path)
    return key


def make_badge_key(path: Path) -> Ed25519PrivateKey:
    """A new badge key, as a PEM file that only its owner can read.

    Raises:
        GuardError: there is a file already, or none can be written.
    """
    key = Ed25519PrivateKey.generate()
    try:
        save_private_key(key, path)
    except OSError as error:
        raise GuardError(f"The badge key {path} cannot be written: {error.strerror}.") from error
    return key


def _no_badge_key(path: Path) -> GuardError:
    return GuardError(f"{path} holds no Ed25519 private key in PEM form.", "Name the right file.")
