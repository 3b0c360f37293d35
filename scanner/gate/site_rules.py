"""The rules in force: the site's own file in the bundle where there is one, else the gate's."""

from collections.abc import Callable
from datetime import timedelta

from scanner.gate.last_good import LastGood
from scanner.policy.rules import RuleSet
from scanner.trust.bundle.layout import site_rules_path
from scanner.trust.staleness import Limits

RulesReader = Callable[[bytes, str], RuleSet]
"""Reads a rules file, given its bytes and its name; raises SettingsError."""


class SiteRules(LastGood[RuleSet]):
    """What decides here.

    Args:
        local: the rules that the gate's settings name.
        site: the site's id, which names its file in the bundle; None for a site without one.
        read: reads that file.

    Raises:
        ValueError: the id does not fit into a path.
    """

    def __init__(self, local: RuleSet, site: str | None, read: RulesReader) -> None:
        super().__init__(local, None if site is None else site_rules_path(site), read)


def limits_of(rules: RuleSet, settings: Limits) -> Limits:
    """The ages that count: the site's own where its rules name them, else the settings'."""
    own = rules.staleness
    fresh = settings.fresh if own.fresh_hours is None else timedelta(hours=own.fresh_hours)
    degraded = settings.degraded if own.degraded_days is None else timedelta(days=own.degraded_days)
    return Limits(fresh, max(fresh, degraded))
