"""Layers from a signed bundle to the screen and the ledger: the same code at gates that differ."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.rules import SHIPPED, load_rules, read_layer
from scanner.domain.direction import Direction, GateDirection
from scanner.domain.entries import Entry
from scanner.domain.passes import Colour, LaboratoryTest, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Advice, Ask, Decision
from scanner.gate.messages import CountInside, Turn, VerdictShown
from scanner.gate.site_rules import SiteRules
from scanner.issuing.pilot_repository import publish_pilot
from scanner.policy.joining import join
from scanner.policy.places import Person, Place, SiteType
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.layout import (
    SITES_ROLE,
    policy_role,
    rules_path,
    site_rules_path,
)
from tests.builders import NOW, a_code, a_key
from tests.gate_builders import Gate
from tests.policy_builders import a_layer

POLICIES = SHIPPED.parent
KEYS = [a_key(issuer) for issuer in ("33", "44", "51", "31")]
MARKET = Place(site=SiteType.VENUE)
HOME = Place(site=SiteType.COMPOUND, person=Person.RESIDENT)
SITE = 'layer = "site"\nplace = "north-gate"\nversion = "north-1"\n[max_age]\ndynamic_s = 30\n'

Open = Callable[..., Gate]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a published repository carries: the shipped layers, and one site."""
    folder = tmp_path_factory.mktemp("hub")
    publisher = publish_pilot(folder, KEYS, NOW)
    for name in ("33", "330100", "31", "510100", "440403"):
        content = (POLICIES / f"{name}.toml").read_bytes()
        publisher.put(policy_role(name), rules_path(name), content, NOW)
    publisher.put(SITES_ROLE, site_rules_path("north-gate"), SITE.encode(), NOW)
    publisher.publish(folder / "repository", NOW)
    return dict(load_bundle(folder / "repository", publisher.pinned_root).small)


@pytest.fixture
def gate_in(tmp_path: Path, files: dict[str, bytes]) -> Iterator[Open]:
    gates: list[Gate] = []

    def opened(division: str, place: Place, site: str | None = None) -> Gate:
        rules = SiteRules(load_rules(), division, site, read_layer)
        assert rules.take(files)
        assert rules.is_healthy
        folder = tmp_path / str(len(gates))
        folder.mkdir()
        gates.append(Gate(folder, KEYS, rules.in_force))
        gates[-1].pipeline.judge.place = place
        return gates[-1]

    yield opened
    for gate in gates:
        gate.ledger.close()


def yellow(issuer: str, division: str) -> str:
    return a_code(a_key(issuer), issuer=issuer, division=division, colour=Colour.YELLOW)


def shown_and_kept(gate: Gate, code: str) -> tuple[VerdictShown, Entry]:
    shown = gate.verdict(code)
    return shown, gate.entries()[-1]


def test_yellow_is_looked_at_in_hangzhou_and_refused_in_public_in_doumen(gate_in: Open) -> None:
    """Row 17: provincial framework, rules by city; each record names its versions."""
    shown, entry = shown_and_kept(gate_in("330106", MARKET), yellow("33", "330106"))
    assert (shown.decision, shown.reasons) == (Decision.CHECK, (Reason.COLOUR_YELLOW,))
    assert entry.policy == "default-1+33:zj-1+330100:hz-1"
    shown, entry = shown_and_kept(gate_in("440403", MARKET), yellow("44", "440403"))
    assert (shown.decision, shown.reasons) == (Decision.REFUSE, (Reason.COLOUR_YELLOW,))
    assert entry.policy == "default-1+440403:dm-1"
    shown, _ = shown_and_kept(gate_in("440403", HOME), yellow("44", "440403"))
    assert shown.decision is Decision.CHECK


def test_the_strictest_rules_words_reach_the_screen(gate_in: Open) -> None:
    shown = gate_in("440403", MARKET).verdict(yellow("44", "440403"))
    assert shown.advice == Advice(
        rule="yellow-in-public",
        layer="440403",
        guard=(("zh_CN", "黄码仅可进入本人小区"), ("en", "Yellow: own compound only")),
        holder=(
            ("zh_CN", "黄码不能进入公共场所"),
            ("en", "Yellow may not enter public places"),
        ),
    )


@pytest.mark.parametrize(
    ("hours", "place", "decision", "reasons"),
    [
        (47.9, MARKET, Decision.ADMIT, (Reason.OK,)),
        (49, MARKET, Decision.REFUSE, (Reason.TEST_TOO_OLD,)),
        (None, MARKET, Decision.REFUSE, (Reason.TEST_MISSING,)),
        (None, HOME, Decision.ADMIT, (Reason.OK,)),
        (None, Place(), Decision.REFUSE, (Reason.TEST_MISSING,)),
    ],
)
def test_a_venue_in_shanghai_wants_a_test_of_48_hours(
    gate_in: Open,
    hours: float | None,
    place: Place,
    decision: Decision,
    reasons: tuple[Reason, ...],
) -> None:
    """A gate that does not know whether it is a venue counts as one."""
    sampled = None if hours is None else NOW - timedelta(hours=hours)
    test = None if hours is None else LaboratoryTest("pcr", True, sampled, sampled)
    shown, entry = shown_and_kept(gate_in("31", place), a_code(a_key("31"), issuer="31", test=test))
    assert (shown.decision, shown.reasons) == (decision, reasons)
    assert entry.reasons == reasons


def test_in_chengdu_nobody_who_comes_home_is_refused_for_want_of_a_test(gate_in: Open) -> None:
    code = a_code(a_key("51"), issuer="51")
    assert gate_in("510100", HOME).verdict(code).decision is Decision.CHECK
    assert gate_in("510100", MARKET).verdict(code).decision is Decision.REFUSE


def test_a_sites_layer_tightens_those_above_it(gate_in: Open) -> None:
    at_the_site = gate_in("330106", MARKET, "north-gate")
    shown, entry = shown_and_kept(at_the_site, a_code(issued_at=NOW - timedelta(minutes=2)))
    assert shown.reasons == (Reason.CODE_TOO_OLD,)
    assert entry.policy == "default-1+33:zj-1+330100:hz-1+site north-gate:north-1"


def test_what_a_rule_asks_is_answered_and_lets_in(gate_in: Open) -> None:
    gate = gate_in("330106", HOME)
    shown, entry = shown_and_kept(gate, a_code(kind=PassKind.VISITOR))
    assert (shown.decision, shown.asks) == (Decision.CHECK, (Ask.ID_COMPARE,))
    event = gate.compare(shown.visit)[0]
    assert isinstance(event, VerdictShown)
    assert (event.decision, event.final, event.advice) == (Decision.ADMIT, True, None)
    assert gate.entries()[-1].completes == entry.seq


def test_a_rule_about_the_number_inside_asks_whoever_counts(tmp_path: Path) -> None:
    """While nobody counts, it applies."""
    text = '[[rule]]\nid = "full"\nwhen = { occupancy_from = 300 }\nreason = "over_capacity"'
    rules = join([a_layer(text)])
    (tmp_path / "counts").mkdir()
    gate = Gate(tmp_path / "counts", KEYS, rules, direction=GateDirection.IN)
    gate.pipeline.command(CountInside(command=1, number=299), gate.now())
    assert gate.verdict(a_code()).decision is Decision.ADMIT
    assert gate.verdict(a_code(code_id=b"2")).reasons == (Reason.OVER_CAPACITY,)
    gate.ledger.close()
    gate = Gate(tmp_path, KEYS, rules)
    assert gate.verdict(a_code()).reasons == (Reason.OVER_CAPACITY,)
    gate.ledger.close()


def test_a_rule_about_the_direction_follows_the_guard_who_turns_the_gate(tmp_path: Path) -> None:
    text = '[[rule]]\nid = "in"\nwhen = { direction = "in" }\nreason = "site_rule"'
    gate = Gate(tmp_path, KEYS, join([a_layer(text)]), direction=GateDirection.BOTH)
    assert gate.verdict(a_code()).reasons == (Reason.SITE_RULE,)
    gate.pipeline.command(Turn(command=1, direction=Direction.OUT), gate.now())
    assert gate.verdict(a_code(code_id=b"2")).decision is Decision.ADMIT
    gate.ledger.close()
