"""The keys and rules that decide now, and how others take their place while the gate runs."""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from scanner.gate.foreign_rules import ForeignRules
from scanner.gate.instant import Instant
from scanner.gate.messages import StickTold, TrustChanged
from scanner.gate.options import GateOptions
from scanner.gate.site_recognition import SiteRecognition
from scanner.gate.site_rules import SiteRules, limits_of
from scanner.gate.sticks import StickWatch
from scanner.gate.trust_news import trust_changed
from scanner.gate.trust_watch import TrustWatch
from scanner.peripherals.mounts import MountWatch
from scanner.policy.recognition import HostRecognition
from scanner.policy.rules import RuleSet
from scanner.trust.bundle.in_force import BundleVersion
from scanner.trust.bundle.store import BundleStore
from scanner.trust.keys import TrustStore

_AHEAD: Final = timedelta(days=1)


class Renewal(Struct, frozen=True):
    """What is different now that another bundle is in force.

    Attributes:
        event: what the kiosk is told of the bundle.
        rules_are_others: other rules came with it.
    """

    event: TrustChanged | None
    rules_are_others: bool


class InForce:
    """Follows the store of bundles and the sticks; between two scans the next one takes over.

    Args:
        options: where the store and the root metadata lie, and the gate's own rules.
        floor: the newest bundle that the ledger names.
    """

    def __init__(self, options: GateOptions, floor: BundleVersion | None) -> None:
        self.keys = TrustWatch(
            options.trust_folder, options.trust_root, options.trust_limits, floor
        )
        self.site_rules = SiteRules(
            options.rules, options.division, options.site_id, options.read_rules
        )
        self.site_recognition = SiteRecognition(
            options.recognition, options.division, options.read_recognition
        )
        self.foreign_rules = ForeignRules()
        self._limits = options.trust_limits
        self._bundles = BundleStore(options.trust_folder)
        self._latest: datetime | None = None  # the stick's thread reads it; no clock is shared
        self._sticks = (
            StickWatch(
                MountWatch(options.stick_folders),
                self._bundles,
                options.trust_root,
                lambda: self._latest,
            )
            if options.stick_folders
            else None
        )
        self._weigh()

    @property
    def store(self) -> TrustStore:
        """The keys to verify with."""
        return self.keys.store

    @property
    def rules(self) -> RuleSet:
        """Of every layer that the bundle carries for this gate; without one the gate's own."""
        return self.site_rules.in_force

    @property
    def host(self) -> HostRecognition:
        """Whose codes are recognised here: by the bundle's matrix, else by the gate's own."""
        return self.site_recognition.host

    def sticks(self) -> AbstractContextManager[object]:
        """Looks at sticks within it, where this gate takes any."""
        return self._sticks or nullcontext()

    def stick_news(self, instant: Instant) -> list[StickTold]:
        """What became of sticks since the last call, and what time it is for those to come."""
        self._latest = instant.at + _AHEAD if instant.is_sure else None
        states = self._sticks.taken() if self._sticks else []
        return [StickTold(state=state) for state in states]

    def renew(self) -> Renewal | None:
        """Put in force what has come, whichever way; None when nothing has."""
        before = self.keys.repository
        if not self.keys.refresh():
            return None
        rules_are_others, after = self._weigh(), self.keys.repository
        if after is None:
            return Renewal(None, rules_are_others)
        return Renewal(trust_changed(before, after, self._bundles.origin()), rules_are_others)

    def _weigh(self) -> bool:
        """Take the bundle's rules and what they count as old; True when they are others."""
        is_other = self.site_rules.take(self.keys.files)
        self.site_recognition.take(self.keys.files)
        self.foreign_rules.take(self.keys.files, asked=bool(self.rules.foreign.countries))
        self.keys.weigh_by(limits_of(self.rules, self._limits))
        return is_other
