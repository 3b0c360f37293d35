"""The public face of trust: what verifiers and policy may ask of whatever carries the keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from scanner.domain.passes import Algorithm, PassKind
from scanner.trust.staleness import Staleness

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """One public key that may sign for one issuer.

    Attributes:
        issuer: code of the issuer; a key never answers for another one.
        key_id: the kid under which codes name it; several keys may share one.
        algorithm: the only algorithm that this key verifies.
        public_key: loaded and checked for its algorithm (P-256, Ed25519, RSA >= 2048).
        valid_from, valid_until: when the key may be used to verify; None is unbounded.
        kinds: the pass kinds it may sign; None is every kind.
        division: six digits when the key belongs to one city's back end, else None.
        revoked_at: when it was taken back, in somebody else's hands perhaps. Whatever it signed is
            refused from the moment that a gate learns of it, also what claims to be older: a thief
            writes any date.
    """

    issuer: str
    key_id: bytes
    algorithm: Algorithm
    public_key: PublicKey
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    kinds: frozenset[PassKind] | None = None
    division: str | None = None
    revoked_at: datetime | None = None


class KeySource(Protocol):
    """What a verifier needs: candidate keys for a claimed issuer and kid."""

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:
        """Every key of `issuer` under `key_id`, revoked ones first; empty when there is none."""
        ...

    def knows(self, issuer: str) -> bool:
        """True when at least one key of `issuer` is trusted here."""
        ...


class Revoked(Enum):
    """Whether a code's issuer took it back."""

    NO_LIST = "no_list"
    """Nobody told us anything about this issuer's codes."""
    NO = "no"
    YES = "yes"
    PROBABLY = "probably"
    """A filter says so, which is wrong once in 65,536 times, and no list is here to confirm it."""


class Revocations(Protocol):
    """What a verifier asks about a code that it has proven."""

    def check(self, issuer: str, code_id: bytes | None, identity: bytes) -> Revoked:
        """Whether the issuer took a code back.

        Args:
            issuer: whose list is asked; no other counts.
            code_id: the issuer's own id of the code, None when it gave none.
            identity: the digest of what was signed; counts only without a code id.
        """
        ...


class NoRevocations:
    """Where no lists are: nothing is known of any code."""

    def check(self, issuer: str, code_id: bytes | None, identity: bytes) -> Revoked:  # noqa: ARG002
        """No list."""
        return Revoked.NO_LIST


NO_REVOCATIONS: Final = NoRevocations()


class TrustStore(KeySource, Protocol):
    """A key source with a past: policy weighs its age, each entry records its version."""

    @property
    def revocations(self) -> Revocations:
        """The codes that were taken back, as of the same version."""
        ...

    @property
    def version(self) -> str:
        """Names this set of keys in the ledger."""
        ...

    @property
    def issued_at(self) -> datetime:
        """When the publisher signed it; also a floor for the clock."""
        ...

    def age(self, now: datetime) -> timedelta:
        """Time since the publisher signed it; never negative."""
        ...

    def staleness(self, now: datetime) -> Staleness:
        """The age of the whole as fresh, ageing or degraded."""
        ...

    def issuer_staleness(self, issuer: str, now: datetime) -> Staleness:
        """Of one issuer's keys, by what the issuer itself has signed."""
        ...

    def revocation_staleness(self, issuer: str, now: datetime) -> Staleness:
        """Of one issuer's revoked codes; fresh where it has published none."""
        ...
