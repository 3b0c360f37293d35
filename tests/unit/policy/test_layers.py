"""What a layer's file may say, and what its rules come to."""

import json
from collections.abc import Iterable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from scanner.domain.direction import Direction
from scanner.domain.errors import SettingsError
from scanner.domain.passes import Colour, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, Verdict
from scanner.policy.asking import Reading, Told
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.joining import join
from scanner.policy.layers import Layer, Level
from scanner.policy.places import Place, SiteType
from tests.builders import NOW, a_verified_pass
from tests.policy_builders import MONDAY_NIGHT, a_layer

MARKET = Circumstances(NOW, place=Place(SiteType.VENUE, Direction.IN))


def decide(text: str, circumstances: Circumstances = MARKET, **claims: object) -> Verdict:
    return evaluate(a_verified_pass(**claims), join([a_layer(text)]), circumstances)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[[rule]]\nid = "A b"', r"rule 1 \(A b\) at line 1: .*\$\.id"),
        (
            '[[rule]]\nid = "a"\n\n[[rule]]\nid = "b"\nreson = ""',
            r"rule 2 \(b\) at line 4: .*reson",
        ),
        ('[[rule]]\nid = "a"\ndecision = "ADMIT"', r"\$\.decision"),
        ('[[rule]]\nid = "a"\nwhen = { persn = "child" }', r"unknown key when\.persn"),
        ('[[rule]]\nid = "a"\nwhen = { person = "guest" }', r"\$\.when\.person"),
        ('[[rule]]\nid = "a"\nwhen = { person = [] }', "can never hold"),
        ('[[rule]]\nid = "a"\nunless = {}', "would excuse everybody"),
        ('[[rule]]\nid = "a"\nwhen = { hours = "6-22" }', "written 06:00-22:00"),
        ('[[rule]]\nid = "a"\nwhen = { hours = "25:00-26:00" }', "from 00:00 to 24:00"),
        ('[[rule]]\nid = "a"\nwhen = { division = "3" }', "two, four or six digits"),
        ('[[rule]]\nid = "a"\nwhen = { test = {} }', "name a result, a kind or an age"),
        (
            '[[rule]]\nid = "a"\nwhen = { test = { result = "missing", max_age_h = 48 } }',
            "neither kind nor age",
        ),
        ('[[rule]]\nid = "a"\nreason = "bad_signature"', "the gate's own"),
        ('[[rule]]\nid = "a"\nunless = { found = "expired" }', "would excuse people"),
        ('[[rule]]\nid = "a"\nunless = { keys_from = "ageing" }', "would excuse people"),
        ('[[rule]]\nid = "a"\ndecision = "REFUSE"\nask = ["id_compare"]', "asked for nothing"),
        (
            '[[rule]]\nid = "a"\nwhen = { temperature_from_c = 38.0 }\ndecision = "REFUSE"',
            "temperature_high",
        ),
        ('[[rule]]\nid = "a"\nguard = { en = "two\\nlines" }', "one line"),
        ('[[rule]]\nid = "a"\nguard = { de = "eins" }', r"\$\.guard"),
        ('[[rule]]\nid = "a"\nhotline = "call me"', r"\$\.hotline"),
        ('[[rule]]\nid = "a"\n[[rule]]\nid = "a"', "stands here twice"),
        ('[[rule]]\nid = "a"\nvalid_from = 2020-04-19T00:00:00', r"\$\.valid_from"),
        ("rule = 3", "no list of tables"),
        ('layer = "town"', r"\$\.layer"),
        ('layer = "province"\nplace = "33"', "the file is for province 33"),
        ("[temperature]\nlow_c = 37.4", "must be below"),
        ("[staleness]\nfresh_hours = 48\ndegraded_days = 1", "must not end before"),
    ],
)
def test_a_mistaken_file_is_refused_with_the_place(text: str, found: str) -> None:
    with pytest.raises(SettingsError, match=found) as error:
        a_layer(text)
    assert error.value.remedy


def test_a_key_that_stands_there_is_an_opinion_and_no_other_is() -> None:
    layer = a_layer('version = "hz-2"\n[max_age]\ndynamic_s = 300\n[colour]\nyellow = "REFUSE"')
    assert layer.named == {"max_age.dynamic_s", "colour.yellow"}
    assert join([layer]).version == "330100:hz-2"


def test_a_colour_that_counts_as_another_one_here_excuses_nobody() -> None:
    text = '[[rule]]\nid = "green-only"\nunless = { colour = "green" }\ndecision = "REFUSE"'
    assert decide(text).decision is Decision.ADMIT
    assert decide(text, colour=Colour.PENDING).decision is Decision.REFUSE


@pytest.mark.parametrize(
    ("hours", "is_open"),
    [("06:00-22:00", False), ("22:00-06:00", True), ("23:30-23:31", True), ("00:00-24:00", True)],
)
def test_hours_are_local_and_may_pass_midnight(hours: str, is_open: bool) -> None:
    """At half past eleven of a Monday night in China, which is a Monday afternoon in UTC."""
    text = f'[[rule]]\nid = "x"\nunless = {{ hours = "{hours}", weekdays = "mon" }}'
    late = replace(MARKET, now=MONDAY_NIGHT)
    fresh = MONDAY_NIGHT - timedelta(seconds=10)
    verdict = decide(text, late, issued_at=fresh, expires_at=None)
    assert (verdict.decision is Decision.ADMIT) is is_open


@pytest.mark.parametrize(
    ("offset_s", "applies"), [(-61, False), (0, True), (59, True), (60, False)]
)
def test_a_dated_rule_holds_from_its_first_moment_up_to_its_last(
    offset_s: int, applies: bool
) -> None:
    first, last = NOW.isoformat(), (NOW + timedelta(seconds=60)).isoformat()
    text = f'[[rule]]\nid = "x"\nvalid_from = {first}\nvalid_to = {last}'
    then = replace(MARKET, now=NOW + timedelta(seconds=offset_s))
    verdict = decide(text, then, issued_at=NOW - timedelta(seconds=90))
    assert (verdict.decision is Decision.CHECK) is applies
    assert decide(text, replace(then, clock_is_sure=False)).reasons.count(Reason.SITE_RULE) == 1


def test_what_a_rule_asks_settles_it_when_it_was_answered() -> None:
    text = '[[rule]]\nid = "x"\nask = ["id_compare", "document"]'
    asked = decide(text)
    assert (asked.decision, asked.asks) == (Decision.CHECK, (Ask.ID_COMPARE, Ask.DOCUMENT))
    half = replace(MARKET, told=Told(id_compared=True))
    assert decide(text, half).asks == (Ask.DOCUMENT,)
    whole = replace(MARKET, told=Told(id_compared=True, document_seen=True))
    assert (decide(text, whole).decision, decide(text, whole).advice) == (Decision.ADMIT, ())
    assert decide(text, whole).reasons == (Reason.SITE_RULE,), "that it stood there stays"


@pytest.mark.parametrize(
    ("readings_c", "decision", "asks"),
    [
        ((), Decision.CHECK, (Ask.TEMPERATURE,)),
        ((33.0,), Decision.CHECK, (Ask.TEMPERATURE,)),
        ((36.9,), Decision.ADMIT, ()),
        ((37.1,), Decision.CHECK, ()),
    ],
)
def test_a_rule_about_a_temperature_asks_for_one_first(
    readings_c: tuple[float, ...], decision: Decision, asks: tuple[Ask, ...]
) -> None:
    told = Told(readings=tuple(Reading(celsius, NOW) for celsius in readings_c))
    text = '[[rule]]\nid = "warm"\nwhen = { temperature_from_c = 37.0 }'
    verdict = decide(text, replace(MARKET, told=told))
    assert (verdict.decision, verdict.asks) == (decision, asks)


def test_rules_of_one_id_from_two_layers_both_apply() -> None:
    text = '[[rule]]\nid = "same"\nguard = { en = "Look" }'
    province = a_layer(text, Level.PROVINCE, "33")
    verdict = evaluate(a_verified_pass(), join([a_layer(text), province]), MARKET)
    assert [(advice.layer, advice.rule) for advice in verdict.advice] == [
        ("33", "same"),
        ("330100", "same"),
    ]
    assert verdict.reasons == (Reason.SITE_RULE,)


def test_a_rule_that_gives_the_gates_own_reason_never_takes_its_place() -> None:
    """A mild rule of a layer beside the strict finding of the table, under one reason."""
    text = '[colour]\nyellow = "REFUSE"\n[[rule]]\nid = "x"\nreason = "colour_yellow"'
    verdict = decide(text, colour=Colour.YELLOW)
    assert verdict.decision is Decision.REFUSE
    assert [finding.decision for finding in verdict.findings] == ["REFUSE", "CHECK"]


def test_a_low_limit_never_excuses_a_reading_that_is_high_by_another_layer() -> None:
    cool = a_layer("[temperature]\nlimit_c = 35.2", Level.PROVINCE, "33")
    warm = a_layer("[temperature]\nlow_c = 36.0\nremeasure = 0")
    told = Told(readings=(Reading(35.5, NOW),))

    def reasons(*layers: Layer) -> tuple[Reason, ...]:
        circumstances = replace(MARKET, told=told)
        paper = a_verified_pass(kind=PassKind.PAPER)
        return evaluate(paper, join(layers), circumstances).reasons

    assert reasons(cool) == (Reason.TEMPERATURE_HIGH,)
    assert set(reasons(cool, warm)) == {Reason.TEMPERATURE_HIGH, Reason.TEMPERATURE_IMPLAUSIBLE}


def test_a_rule_may_name_many_values_of_each_key() -> None:
    def listed(values: Iterable[object]) -> str:
        return json.dumps([str(value) for value in values])

    hours = [
        f"{hour:02}:{minute}0-{hour:02}:{minute}5" for hour in range(21) for minute in (0, 1, 2)
    ]
    text = f"""
    [[rule]]
    id = "long"
    when = {{ found = {listed(Reason)}, hours = {listed(hours)}, issuer = {listed(range(64))} }}
    """
    assert decide(text).decision is Decision.ADMIT


def test_what_is_too_much_to_compile_is_refused_when_it_is_read() -> None:
    """And not when it is put in force, in the gate's loop."""
    words = json.dumps([f"word-{number}" for number in range(64)])
    found = json.dumps(["expired"] * 3000)
    a_layer(f'[[rule]]\nid = "x"\nwhen = {{ found = {found}, issuer = {words} }}')
    codes = json.dumps(["fresh"] * 3000)
    with pytest.raises(SettingsError):
        a_layer(f'[[rule]]\nid = "x"\nwhen = {{ kind = {codes} }}')
    kinds = json.dumps(["paper", "visitor"] * 1500)
    with pytest.raises(SettingsError, match=r"rule 1 \(x\) at line 1 asks too much at once"):
        a_layer(f'[[rule]]\nid = "x"\nwhen = {{ kind = {kinds} }}')


@pytest.mark.parametrize("year", ["0001-01-01", "9999-12-31"])
def test_a_date_at_the_end_of_time_is_a_date(year: str) -> None:
    text = f'[[rule]]\nid = "x"\nvalid_from = {year}T00:00:00+08:00'
    assert decide(text).decision in Decision
