"""A bundle as verifiers and policy ask it: keys, and how old what is known of them has become."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from scanner.trust.bundle import layout
from scanner.trust.bundle.bundle import Bundle
from scanner.trust.bundle.in_force import BundleVersion
from scanner.trust.bundle.repository import RoleState
from scanner.trust.keys import Revocations, TrustedKey
from scanner.trust.staleness import (
    Limits,
    Staleness,
    Term,
    Terms,
    age_since,
    bundle_level,
    issuer_level,
    revocation_level,
    steady,
    tightened,
    worst,
)


class Lamps:
    """What was last said of each thing that ages, so that nothing flickers at its limit.

    One for the life of the gate: a hub that comes and goes may bring, again and again, bundles that
    lie on either side of a limit by minutes.
    """

    def __init__(self) -> None:
        self._shown: dict[str, Staleness] = {}

    def show(self, name: str, level: Callable[[Limits], Staleness], limits: Limits) -> Staleness:
        """The level of `name` now."""
        now = steady(level(limits), self._shown.get(name), level(tightened(limits)))
        self._shown[name] = now
        return now


class AgedBundle:
    """A `TrustStore` over a bundle.

    Args:
        bundle: verified.
        limits: what is fresh, what is degraded.
        lamps: shared by all bundles of one gate.
        floor: a version that was in force here before; an older bundle counts as degraded.
        unlisted: issuers whose list of revoked codes is gone; for them it counts as degraded.
    """

    def __init__(
        self,
        bundle: Bundle,
        limits: Limits,
        lamps: Lamps,
        floor: BundleVersion | None = None,
        unlisted: frozenset[str] = frozenset(),
    ) -> None:
        self.bundle = bundle
        self.number = BundleVersion.of(bundle)
        self.is_rolled_back = floor is not None and self.number < floor
        self.version = self.number.below(floor)
        self.terms = terms_of(bundle)
        self._floor = floor
        self._unlisted = unlisted
        self._limits = limits
        self._lamps = lamps

    @property
    def issued_at(self) -> datetime:
        """When the hub last vouched that nothing newer exists."""
        return self.terms.vouched_at

    @property
    def revocations(self) -> Revocations:
        """The codes that were taken back, as of the same bundle."""
        return self.bundle.revocations

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:
        """Every trusted key of `issuer` under `key_id`; empty when there is none."""
        return self.bundle.find(issuer, key_id)

    def knows(self, issuer: str) -> bool:
        """True when at least one key of `issuer` is trusted here."""
        return self.bundle.knows(issuer)

    def age(self, now: datetime) -> timedelta:
        """Time since the hub signed the timestamp; never negative."""
        return age_since(self.issued_at, now)

    def staleness(self, now: datetime) -> Staleness:
        """Of the whole bundle; an older one than this gate has had is degraded, however new."""
        level = self._lamps.show(
            "bundle", lambda limits: bundle_level(self.terms, now, limits), self._limits
        )
        return Staleness.DEGRADED if self.is_rolled_back else level

    def issuer_staleness(self, issuer: str, now: datetime) -> Staleness:
        """Of one issuer's keys, by the end that the issuer itself has set."""
        term = self.terms.issuers.get(issuer)
        return self._lamps.show(
            f"keys {issuer}", lambda limits: issuer_level(term, now, limits), self._limits
        )

    def revocation_staleness(self, issuer: str, now: datetime) -> Staleness:
        """Of one issuer's revoked codes; a list that is gone is degraded, whoever let it go."""
        if issuer in self._unlisted:
            return Staleness.DEGRADED
        return self._lamps.show(
            f"revocation {issuer}",
            lambda limits: revocation_level(self.terms, issuer, now, limits),
            self._limits,
        )

    def worst_issuer(self, now: datetime) -> Staleness:
        """The worst that can be said of any issuer's keys or revocations."""
        return worst(
            *(self.issuer_staleness(issuer, now) for issuer in self.terms.issuers),
            *(
                self.revocation_staleness(issuer, now)
                for issuer in (*self.terms.revocations, *self._unlisted)
            ),
        )

    def under(self, limits: Limits) -> "AgedBundle":
        """The same bundle, weighed by other limits."""
        return AgedBundle(self.bundle, limits, self._lamps, self._floor, self._unlisted)


def terms_of(bundle: Bundle) -> Terms:
    """Everything in a bundle that ends some day."""
    repository = bundle.repository
    issuers: dict[str, Term] = {}
    revocations: dict[str, Term] = {}
    roles = {path: target.role for path, target in repository.files.items()}
    signers = {path.rpartition("/")[0]: role for path, role in roles.items()}
    for keys in bundle.issuers:
        issuer = keys.issuer
        role = repository.roles.get(roles.get(layout.keys_path(issuer), ""))
        if role is not None:
            issuers[issuer] = _term(role)
        signer = signers.get(layout.revocation_folder(issuer))
        if signer is not None:
            revocations[issuer] = _term(repository.roles.get(signer, repository.targets))
    return Terms(
        timestamp=_term(repository.timestamp),
        central=tuple(map(_term, (repository.root, repository.snapshot, repository.targets))),
        issuers=issuers,
        revocations=revocations,
    )


def _term(role: RoleState) -> Term:
    return Term(role.issued_at, role.expires_at)
