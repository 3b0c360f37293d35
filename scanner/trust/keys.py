"""The public face of trust: what verifiers and policy may ask of whatever carries the keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

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
    """

    issuer: str
    key_id: bytes
    algorithm: Algorithm
    public_key: PublicKey
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    kinds: frozenset[PassKind] | None = None
    division: str | None = None


class KeySource(Protocol):
    """What a verifier needs: candidate keys for a claimed issuer and kid."""

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:
        """Every trusted key of `issuer` under `key_id`; empty when there is none."""
        ...

    def knows(self, issuer: str) -> bool:
        """True when at least one key of `issuer` is trusted here."""
        ...


class TrustStore(KeySource, Protocol):
    """A key source with a past: policy weighs its age, each entry records its version."""

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
