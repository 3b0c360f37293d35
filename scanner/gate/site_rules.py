"""The rules in force: the site's own file in the bundle where there is one, else the gate's."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from scanner.domain.errors import SettingsError
from scanner.log import EventLog
from scanner.policy.rules import RuleSet
from scanner.trust.bundle.layout import site_rules_path
from scanner.trust.staleness import Limits

RulesReader = Callable[[bytes, str], RuleSet]
"""Reads a rules file, given its bytes and its name; raises SettingsError."""

_log = EventLog(__name__)


class SiteRules:
    """What decides here.

    Args:
        local: the rules that the gate's settings name.
        site: the site's id, which names its file in the bundle; None for a site without one.
        read: reads that file.

    Raises:
        ValueError: the id does not fit into a path.
    """

    def __init__(self, local: RuleSet, site: str | None, read: RulesReader) -> None:
        self._local = local
        self._path = None if site is None else site_rules_path(site)
        self._read = read
        self._seen: bytes | None = None
        self.in_force = local
        self.is_healthy = True

    def take(self, files: Mapping[str, bytes]) -> bool:
        """Look what a new bundle says; a file that is no rule set leaves the last good rules.

        Args:
            files: the bundle's, verified, by path.

        Returns:
            True when other rules are now in force.
        """
        data = None if self._path is None else files.get(self._path)
        if data == self._seen:
            return False
        self._seen = data
        try:
            rules = self._local if data is None else self._read(data, self._path or "")
        except SettingsError as error:
            self.is_healthy = False
            _log.error("site_rules_refused", found=error.found, remedy=error.remedy)
            return False
        self.is_healthy = True
        self.in_force, before = rules, self.in_force
        _log.info("rules_in_force", version=rules.version, by_bundle=data is not None)
        return rules != before


def limits_of(rules: RuleSet, settings: Limits) -> Limits:
    """The ages that count: the site's own where its rules name them, else the settings'."""
    own = rules.staleness
    fresh = settings.fresh if own.fresh_hours is None else timedelta(hours=own.fresh_hours)
    degraded = settings.degraded if own.degraded_days is None else timedelta(days=own.degraded_days)
    return Limits(fresh, max(fresh, degraded))
