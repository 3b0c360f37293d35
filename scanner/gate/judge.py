"""What a presentation is judged by: rules, keys and their age, and newer codes seen here."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from scanner.domain.passes import Rejection, VerifiedPass
from scanner.domain.verdicts import Verdict
from scanner.domain.walk_ins import Attendee
from scanner.formats.registry import read_pass
from scanner.gate.instant import Instant
from scanner.gate.newest import KEY_BYTES, NewestCodes
from scanner.gate.records import TrustState
from scanner.gate.visits import Shown
from scanner.policy.asking import NOTHING_TOLD, Asking, Told, ask
from scanner.policy.evaluate import Circumstances, evaluate, policy_version
from scanner.policy.places import NOWHERE
from scanner.policy.recognition import ANYWHERE
from scanner.policy.rules import RuleSet
from scanner.policy.walk_in import evaluate_walk_in
from scanner.trust.keys import TrustStore
from scanner.trust.staleness import Staleness


class Judge:
    """Reads and judges by what is in force at that moment.

    Attributes:
        rules: the site's rule set; may be replaced between two scans, as the others may.
        host: whose codes are recognised where the gate stands.
        place: what lies behind the gate, which way it leads, who mostly comes.
        occupancy: counts the people inside; None while nobody counts them.
        trust: the keys to verify with.
    """

    def __init__(self, rules: RuleSet, trust: TrustStore) -> None:
        self.rules = rules
        self.host = ANYWHERE
        self.place = NOWHERE
        self.occupancy: Callable[[], int | None] = lambda: None
        self.trust = trust
        self._newest = NewestCodes(secrets.token_bytes(KEY_BYTES))

    def read(self, text: str, at: datetime) -> VerifiedPass | Rejection:
        """What a whole text turns out to be, by the keys of now and the time `at`."""
        return read_pass(text, self.trust, at, self.trust.revocations)

    def note(self, shown: VerifiedPass | Rejection, instant: Instant) -> None:
        """Remember that this code was shown, so that an older one of the same person stands out."""
        self._newest.note(shown, instant.at, instant.mono_s)

    def verdict(
        self,
        shown: Shown,
        instant: Instant,
        told: Told = NOTHING_TOLD,
    ) -> Verdict:
        """The machine's verdict on what was shown and answered so far.

        Args:
            shown: what the code turned out to be, or who came without one.
            instant: now.
            told: what was answered about this person so far.
        """
        if isinstance(shown, Attendee):
            return evaluate_walk_in(shown, self.rules, told.readings_c, self.policy)
        issuer = shown.claims.issuer if isinstance(shown, VerifiedPass) else None
        trust, now = self.trust, instant.at
        circumstances = Circumstances(
            now=now,
            keys=trust.staleness(now),
            issuer_keys=trust.issuer_staleness(issuer, now) if issuer else Staleness.FRESH,
            revocation=trust.revocation_staleness(issuer, now) if issuer else Staleness.FRESH,
            clock_is_sure=instant.is_sure,
            told=told,
            superseded=self._newest.supersedes(shown),
            clock_error=instant.error or timedelta(0),
            place=self.place,
            occupancy=self.occupancy(),
        )
        return evaluate(shown, self.rules, circumstances, self.host)

    def ask(self, verdict: Verdict, told: Told, instant: Instant) -> Asking:
        """Put the verdict's questions to guard and thermometer."""
        return ask(verdict.asks, told, self.rules.temperature, instant.mono_s)

    @property
    def policy(self) -> str:
        """What an entry names as having decided."""
        return policy_version(self.rules, self.host)

    def trust_state(self, now: datetime) -> TrustState:
        """What an entry keeps of the keys."""
        return TrustState(self.trust.version, int(self.trust.age(now).total_seconds()))
