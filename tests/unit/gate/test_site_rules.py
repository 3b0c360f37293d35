"""Which rules are in force while bundles come and go."""

from datetime import timedelta

import pytest

from config.rules import load_rules, read_layer
from scanner.domain.errors import SettingsError
from scanner.gate.site_rules import SiteRules, limits_of
from scanner.policy.layers import Layer, LayerFile, Level
from scanner.policy.rules import RuleSet, StalenessRules, Strict, WhenStale
from scanner.trust.staleness import Limits

SHIPPED = load_rules()
PATH = "sites/wenzhou-east/rules.toml"
STRICT = b'version = "site-2"\n[staleness]\ndegraded = "stop"\ndegraded_days = 3'
ALL_LEVELS = {
    "policy/nation/rules.toml": b'layer = "nation"\nversion = "cn-1"\n[max_age]\ndynamic_s = 600',
    "policy/33/rules.toml": b'layer = "province"\nplace = "33"\nversion = "zj-1"',
    "policy/330100/rules.toml": b'version = "hz-1"\n[colour]\nyellow = "REFUSE"',
    "policy/330106/rules.toml": b'version = "xh-1"\n[max_age]\ndynamic_s = 900',
    PATH: STRICT,
    "policy/46/rules.toml": b'version = "hi-1"\n[colour]\ngreen = "CHECK"',
}


def rules(local: Layer = SHIPPED, division: str | None = None) -> SiteRules:
    return SiteRules(local, division, "wenzhou-east", read_layer)


def own(text: str) -> Layer:
    return read_layer(text.encode(), "rules.toml", Level.GATE)


def test_without_a_bundle_the_gates_own_file_decides_as_it_stands() -> None:
    assert rules().in_force == RuleSet()
    assert rules(own("[max_age]\ndynamic_s = 900")).in_force.max_age.dynamic_s == 900


def test_a_site_without_a_file_of_its_own_has_the_gates_rules() -> None:
    site = rules()
    assert not site.take({"sites/other/rules.toml": STRICT})
    assert site.in_force == RuleSet()


def test_the_bundles_file_tightens_them_and_is_gone_with_its_bundle() -> None:
    site = rules()
    assert site.take({PATH: STRICT})
    assert site.in_force.staleness.degraded is WhenStale.STOP
    assert site.in_force.version == "default-1+site wenzhou-east:site-2"
    assert site.take({})
    assert site.in_force == RuleSet()


def test_a_gate_in_a_county_has_the_layers_of_nation_province_city_county_and_site() -> None:
    site = rules(division="330106")
    assert site.take(ALL_LEVELS)
    found = site.in_force
    assert found.version == ("cn-1+33:zj-1+330100:hz-1+330106:xh-1+site wenzhou-east:site-2")
    assert found.colour.yellow is Strict.REFUSE
    assert found.colour.green == "ADMIT"
    assert found.max_age.dynamic_s == 600  # the nation's base; the county cannot loosen it
    assert site.is_healthy


def test_under_a_signed_national_layer_the_gates_own_file_can_only_tighten() -> None:
    strict = rules(own('version = "box"\n[max_age]\ndynamic_s = 60'), "33")
    strict.take(ALL_LEVELS)
    assert strict.in_force.max_age.dynamic_s == 60
    assert strict.in_force.version == "cn-1+33:zj-1+site wenzhou-east:site-2+gate:box"
    mild = rules(own("[max_age]\ndynamic_s = 900"), "33")
    mild.take(ALL_LEVELS)
    assert mild.in_force.max_age.dynamic_s == 600


def test_a_value_that_would_loosen_has_no_effect() -> None:
    site = rules(own('[colour]\nyellow = "REFUSE"'))
    site.take({PATH: b'[colour]\nyellow = "CHECK"'})
    assert site.in_force.colour.yellow is Strict.REFUSE


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"{",
        b"version = 3",
        b'[staleness]\ndegraded = "yes"',
        b'layer = "city"\nplace = "330100"',
        b'layer = "site"\nplace = "another"',
        pytest.param(b"[max_age]\npaper_days = " + b"9" * 5000, id="endless number"),
        pytest.param(b"version = " + b"[" * 5000, id="endless depth"),
    ],
)
def test_a_file_that_is_no_layer_of_this_site_leaves_the_last_good_one(data: bytes) -> None:
    site = rules(division="33")
    site.take({PATH: STRICT})
    site.take({PATH: data, "policy/33/rules.toml": ALL_LEVELS["policy/33/rules.toml"]})
    assert site.in_force.version == "default-1+33:zj-1+site wenzhou-east:site-2"
    assert not site.is_healthy
    site.take({PATH: STRICT + b"\n"})
    assert site.is_healthy


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(b".".join([b"a"] * 200) + b" = 1", "dots", id="a key of many parts"),
        pytest.param(b"#\n" * (1 << 16), "bytes", id="a long file"),
    ],
)
def test_what_takes_long_to_read_is_refused_unread(data: bytes, found: str) -> None:
    """The loop reads it, between two scans: half a minute would end in the watchdog's restart."""
    with pytest.raises(SettingsError, match=found):
        read_layer(data, PATH, Level.SITE, "wenzhou-east")
    assert read_layer(b"# " + b"." * 200, PATH, Level.SITE).content == LayerFile()


def test_a_gate_that_belongs_to_no_site_looks_for_none() -> None:
    site = SiteRules(SHIPPED, None, None, read_layer)
    assert not site.take({PATH: STRICT})


def test_of_the_rules_limits_and_the_settings_the_shorter_count() -> None:
    def limits(hours: float | None, days: float | None) -> Limits:
        staleness = StalenessRules(fresh_hours=hours, degraded_days=days)
        return limits_of(RuleSet(staleness=staleness), Limits())

    assert limits(None, None) == Limits()
    assert limits(None, 3) == Limits(timedelta(hours=24), timedelta(days=3))
    assert limits(None, 30) == Limits()
    assert limits(None, 0.5) == Limits(timedelta(hours=12), timedelta(hours=12))
    assert limits(2, None) == Limits(timedelta(hours=2), timedelta(days=7))
