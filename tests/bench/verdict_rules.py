"""A whole verdict with 200 rules of several layers, beside the same verdict without any.

The rules are of every kind that a layer may hold; each asks several things of a person, and about
one in ten applies. Thread time, `evaluate` from a verified pass to the verdict.
"""

import time
from statistics import median
from typing import Final

from config.rules import load_rules, read_layer
from scanner.domain.direction import Direction
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.joining import join
from scanner.policy.layers import Layer, Level
from scanner.policy.places import Person, Place, SiteType
from scanner.policy.rules import RuleSet
from tests.builders import NOW, a_verified_pass

RULES: Final = 200
ROUNDS: Final = 51
PER_ROUND: Final = 20
REACH_MS: Final = 0.5

KINDS: Final = (
    'when = { site = "venue", issuer = ["41", "42"] }',
    'when = { division = ["3302", "330106"], colour = "yellow" }\ndecision = "REFUSE"',
    'when = { site = "venue" }\nunless = { test = { result = "negative", max_age_h = 48 } }',
    'when = { site = ["venue", "office"], test = { older_than_h = 72 } }\ndecision = "REFUSE"',
    'unless = { person = ["worker", "staff"], hours = "06:00-22:00" }\nreason = "outside_hours"',
    'when = { person = "visitor", weekdays = ["sat", "sun"], direction = "in" }',
    'when = { occupancy_from = 300, direction = "in" }\nreason = "over_capacity"',
    'when = { kind = ["paper", "visitor"], code_older_than_s = 86400 }\nask = ["id_compare"]',
    'unless = { vaccine = { doses = 2, min_days = 14 }, person = "staff" }',
    'when = { site = "office", keys_from = "ageing", clock = "unsure" }',
)
PLACES: Final = (
    (Level.NATION, None),
    (Level.PROVINCE, "33"),
    (Level.CITY, "330100"),
    (Level.SITE, "north-gate"),
)


def layers(rules: int) -> list[Layer]:
    """So many rules, shared out among four layers."""
    texts: dict[int, list[str]] = {number: [] for number in range(len(PLACES))}
    for number in range(rules):
        body = KINDS[number % len(KINDS)]
        texts[number % len(PLACES)].append(f'[[rule]]\nid = "rule-{number}"\n{body}\n')
    return [
        read_layer("".join(texts[number]).encode(), "bench", *place)
        for number, place in enumerate(PLACES)
    ]


def run() -> None:
    """Print what a verdict costs without rules, with few and with many."""
    bare = join([load_rules()])
    floor_ms = _verdict_ms(bare)
    print(f"{'no rules':24} {floor_ms:7.4f} ms")
    for count in (1, 20, RULES):
        started = time.thread_time()
        rules = join(layers(count))
        joined_ms = (time.thread_time() - started) * 1000
        each_ms = _verdict_ms(rules)
        print(
            f"{f'{count} rules':24} {each_ms:7.4f} ms, {each_ms / floor_ms:5.1f} x the floor; "
            f"read and compiled in {joined_ms:.1f} ms"
        )
    print(f"{'reach':24} {REACH_MS:7.4f} ms with {RULES} rules")


def _verdict_ms(rules: RuleSet) -> float:
    shown = a_verified_pass(division="330106")
    here = Place(SiteType.VENUE, Direction.IN, Person.WORKER)
    circumstances = Circumstances(NOW, place=here, occupancy=12)
    rounds = []
    for _ in range(ROUNDS):
        started = time.thread_time()
        for _ in range(PER_ROUND):
            evaluate(shown, rules, circumstances)
        rounds.append((time.thread_time() - started) * 1000 / PER_ROUND)
    return median(rounds)
