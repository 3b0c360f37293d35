"""What other rules would have made of recorded scans."""

from collections import Counter
from datetime import timedelta

import pytest

from scanner.cli.policy.simulating import simulate
from scanner.domain.entries import Entry, EntryType
from scanner.domain.passes import Colour, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.policy.layers import Layer
from scanner.policy.places import Person, Place, SiteType
from tests.ledger_builders import NOON, an_entry
from tests.policy_builders import a_layer

MARKET = Place(SiteType.VENUE, None, Person.VISITOR)
NO_RULES = a_layer('version = "1"')
WANTS_TEST = a_layer(
    '[[rule]]\nid = "no-test"\nwhen = { test = { result = "missing" } }\ndecision = "REFUSE"'
)


def scan(decision: Decision, *reasons: Reason, **changes: object) -> Entry:
    return an_entry(7, decision=decision, reasons=reasons, **changes)


GREEN = scan(Decision.ADMIT, Reason.OK, colour=Colour.GREEN)
YELLOW = scan(Decision.CHECK, Reason.COLOUR_YELLOW, colour=Colour.YELLOW)
RED = scan(Decision.REFUSE, Reason.COLOUR_RED, colour=Colour.RED)
FORGED = scan(Decision.REFUSE, Reason.BAD_SIGNATURE, issuer=None, kind=None, colour=None)
EXPIRED = scan(Decision.CHECK, Reason.EXPIRED, colour=Colour.GREEN)
PAPER = scan(Decision.CHECK, Reason.TEMPERATURE_NEEDED, kind=PassKind.PAPER, colour=Colour.GREEN)
ELSEWHERE = scan(Decision.CHECK, Reason.NOT_RECOGNISED, colour=Colour.GREEN, issuer="45")
OLD_KEYS = scan(Decision.CHECK, Reason.KEYS_STALE, colour=Colour.GREEN)
POSITIVE = scan(Decision.REFUSE, Reason.TEST_POSITIVE, colour=Colour.GREEN)
EVERY_KIND = (GREEN, YELLOW, RED, FORGED, EXPIRED, PAPER, ELSEWHERE, OLD_KEYS, POSITIVE)


def test_by_the_same_rules_every_scan_comes_to_the_same() -> None:
    result = simulate(EVERY_KIND, [NO_RULES], MARKET)
    assert (result.scans, result.same) == (len(EVERY_KIND), len(EVERY_KIND))
    assert not result.stricter
    assert not result.milder
    assert not result.unknowable


def test_answers_and_guards_are_no_scans() -> None:
    guard = an_entry(9, type=EntryType.GUARD, decision=None)
    assert simulate([guard], [NO_RULES], MARKET).scans == 0
    assert simulate([], [NO_RULES], MARKET).first is None


@pytest.mark.parametrize(
    ("rules", "entry", "change"),
    [
        ('[colour]\nyellow = "REFUSE"', YELLOW, "CHECK → REFUSE (colour_yellow)"),
        ("[max_age]\ndynamic_s = 1", scan(Decision.ADMIT, colour=Colour.GREEN, code_age_s=200),
         "ADMIT → CHECK (code_too_old)"),
        ('[[rule]]\nid = "shut"\nunless.hours = "06:00-20:00"', GREEN, "ADMIT → CHECK (shut)"),
        ('[results]\nexpired = "REFUSE"', EXPIRED, "CHECK → REFUSE (expired)"),
    ],
)  # fmt: skip
def test_what_would_have_been_stricter_is_counted_by_reason(
    rules: str, entry: Entry, change: str
) -> None:
    """Noon in UTC is eight in the evening in China."""
    result = simulate([entry, entry], [a_layer(rules)], MARKET)
    assert result.stricter == Counter({change: 2})


def test_what_would_have_been_milder_is_counted_too() -> None:
    by_a_rule = scan(Decision.REFUSE, Reason.OUTSIDE_HOURS, colour=Colour.GREEN)
    assert simulate([by_a_rule], [NO_RULES], MARKET).milder.total() == 1


def test_what_hangs_on_a_test_is_counted_apart() -> None:
    """An entry keeps no test: of a red code alone it is sure what would have become."""
    result = simulate([GREEN, YELLOW, RED], [WANTS_TEST], MARKET)
    assert (result.same, result.unknowable) == (1, Counter({"test": 2}))


@pytest.mark.parametrize(
    ("when", "names"),
    [
        ("{ vaccine = { fewer_than = 2 } }", "vaccine"),
        ("{ occupancy_from = 300 }", "occupancy_from"),
        ('{ reason_class = "contact", colour = "yellow" }', "reason_class"),
        ('{ direction = "out" }', "direction"),
    ],
)
def test_so_is_everything_else_that_no_entry_keeps(when: str, names: str) -> None:
    rules = a_layer(f'[[rule]]\nid = "x"\nwhen = {when}\ndecision = "REFUSE"')
    assert simulate([YELLOW], [rules], MARKET).unknowable == Counter({names: 1})


def layers_about(place: str) -> list[Layer]:
    return [a_layer(f'[[rule]]\nid = "x"\nwhen = {{ {place} }}\ndecision = "REFUSE"')]


def test_what_is_told_of_the_gate_is_known() -> None:
    assert simulate([GREEN], layers_about('site = "office"'), MARKET).same == 1
    assert simulate([GREEN], layers_about('site = "venue"'), MARKET).stricter.total() == 1
    assert simulate([GREEN], layers_about('site = "venue"'), Place()).unknowable.total() == 1


def test_first_and_last_are_told() -> None:
    later = scan(Decision.ADMIT, colour=Colour.GREEN, at=NOON + timedelta(days=3))
    result = simulate([later, GREEN], [NO_RULES], MARKET)
    assert (result.first, result.last) == (GREEN.at, NOON + timedelta(days=3))
