"""Which rules are in force while bundles come and go."""

from datetime import timedelta

import pytest

from config.rules import read_rules
from scanner.domain.errors import SettingsError
from scanner.gate.site_rules import SiteRules, limits_of
from scanner.policy.rules import RuleSet, StalenessRules, WhenStale
from scanner.trust.staleness import Limits

LOCAL = RuleSet(version="local")
PATH = "sites/wenzhou-east/rules.toml"
STRICT = b'version = "site-2"\n[staleness]\ndegraded = "stop"\ndegraded_days = 3'


def rules() -> SiteRules:
    return SiteRules(LOCAL, "wenzhou-east", read_rules)


def test_a_site_without_a_file_of_its_own_has_the_gates_rules() -> None:
    site = rules()
    assert not site.take({"sites/other/rules.toml": STRICT})
    assert site.in_force is LOCAL


def test_the_bundles_file_takes_their_place_and_gives_it_back() -> None:
    site = rules()
    assert site.take({PATH: STRICT})
    assert site.in_force.staleness.degraded is WhenStale.STOP
    assert site.take({})
    assert site.in_force is LOCAL


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"{",
        b"version = 3",
        b'[staleness]\ndegraded = "yes"',
        pytest.param(b"[max_age]\npaper_days = " + b"9" * 5000, id="endless number"),
        pytest.param(b"version = " + b"[" * 5000, id="endless depth"),
    ],
)
def test_a_file_that_is_no_rule_set_leaves_the_last_good_one(data: bytes) -> None:
    site = rules()
    site.take({PATH: STRICT})
    assert not site.take({PATH: data})
    assert site.in_force.version == "site-2"
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
        read_rules(data, PATH)
    assert read_rules(b"# " + b"." * 200, PATH) == RuleSet()


def test_a_gate_that_belongs_to_no_site_looks_for_none() -> None:
    site = SiteRules(LOCAL, None, read_rules)
    assert not site.take({PATH: STRICT})


def test_a_site_may_set_its_own_limits() -> None:
    own = RuleSet(staleness=StalenessRules(degraded_days=3))
    assert limits_of(own, Limits()) == Limits(timedelta(hours=24), timedelta(days=3))
    assert limits_of(RuleSet(), Limits()) == Limits()
    short = RuleSet(staleness=StalenessRules(degraded_days=0.5))
    assert limits_of(short, Limits()).degraded == timedelta(hours=24)
