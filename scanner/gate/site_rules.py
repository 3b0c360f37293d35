"""The rules in force: those of every layer that the bundle carries for this gate, joined."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from msgspec.structs import replace

from scanner.gate.last_good import LastGood
from scanner.policy.joining import join
from scanner.policy.layers import Layer, LayerFile, Level
from scanner.policy.recognition import area
from scanner.policy.rules import RuleSet
from scanner.trust.bundle.layout import rules_path, site_rules_path
from scanner.trust.staleness import Limits

RulesReader = Callable[[bytes, str, Level, str | None], Layer]
"""Reads a layer, given its bytes, its name, its level and its place; raises SettingsError."""


class SiteRules:
    """What decides here.

    The nation's layer is the base; while the bundle has none, the gate's own file is. What can no
    longer be read stays as it was last good, each layer for itself.

    Args:
        local: the layer that the gate's settings name, or the shipped one.
        division: where the gate stands: names its province, its city and its county.
        site: the site's id.
        read: reads a layer.

    Raises:
        ValueError: the id does not fit into a path.
    """

    def __init__(
        self, local: Layer, division: str | None, site: str | None, read: RulesReader
    ) -> None:
        self._local = local
        self._layers = [
            LastGood(_silent(level, place), path, partial(_read, read, level, place))
            for level, place, path in _places(division, site)
        ]
        self.in_force = self._joined()

    @property
    def is_healthy(self) -> bool:
        """False while a layer of the bundle could not be read."""
        return all(layer.is_healthy for layer in self._layers)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Those that decide, the widest first."""
        found = tuple(layer.in_force for layer in self._layers if not _is_silent(layer.in_force))
        if not any(layer.level is Level.NATION for layer in found):
            return (replace(self._local, level=Level.NATION), *found)
        return found if self._local.level is Level.NATION else (*found, self._local)

    def take(self, files: Mapping[str, bytes]) -> bool:
        """Look what a new bundle says.

        Args:
            files: the bundle's, verified, by path.

        Returns:
            True when other rules are now in force.
        """
        is_other = True in [layer.take(files) for layer in self._layers]  # each of them looks
        self.in_force, before = self._joined() if is_other else self.in_force, self.in_force
        return self.in_force != before

    def _joined(self) -> RuleSet:
        return join(self.layers)


def limits_of(rules: RuleSet, settings: Limits) -> Limits:
    """The ages that count: of the rules and the gate's own settings the shorter."""
    own = rules.staleness
    fresh, degraded = settings.fresh, settings.degraded
    if own.fresh_hours is not None:
        fresh = min(fresh, timedelta(hours=own.fresh_hours))
    if own.degraded_days is not None:
        degraded = min(degraded, timedelta(days=own.degraded_days))
    return Limits(min(fresh, degraded), degraded)


def layer_places(division: str | None) -> list[tuple[Level, str]]:
    """Province, city and county of a division, as far as it goes."""
    part = area(division or "")
    found = [(Level.PROVINCE, part[:2])] if len(part) >= 2 else []
    if len(part) >= 4:
        found.append((Level.CITY, part[:4] + "00"))
    if len(part) == 6:
        found.append((Level.COUNTY, part))
    return found


def _places(division: str | None, site: str | None) -> list[tuple[Level, str | None, str]]:
    places: list[tuple[Level, str | None, str]] = [
        (Level.NATION, None, rules_path("nation")),
        *((level, place, rules_path(place)) for level, place in layer_places(division)),
    ]
    if site is not None:
        places.append((Level.SITE, site, site_rules_path(site)))
    return places


def _read(read: RulesReader, level: Level, place: str | None, data: bytes, name: str) -> Layer:
    return read(data, name, level, place)


def _silent(level: Level, place: str | None) -> Layer:
    """A layer without any opinion, for one that the bundle does not carry."""
    return Layer(level, LayerFile(version="none"), frozenset(), place)


def _is_silent(layer: Layer) -> bool:
    return layer == _silent(layer.level, layer.place)
