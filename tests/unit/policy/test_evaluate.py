"""The verdicts of the shipped rules, one row a fact."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    Evidence,
    LaboratoryTest,
    PassClaims,
    PassKind,
    Rejection,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, Verdict
from scanner.formats.readers.eu_dcc import FORMAT as EU_DCC
from scanner.policy.asking import Reading, Told
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.recognition import (
    ANYWHERE,
    HostRecognition,
    Mode,
    RecognitionMatrix,
    RecognitionRow,
)
from scanner.policy.rules import ColourRules, MaxAgeRules, RuleSet, Strict
from scanner.trust.staleness import Staleness

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RULES = RuleSet()
EU_ROW = RecognitionRow(host="*", issuer="EU", mode=Mode.VERIFY, formats=(EU_DCC,))
TAKES_EU = HostRecognition(RecognitionMatrix(version="eu", rows=(EU_ROW,)), None)


def claims(
    colour: Colour | None = Colour.GREEN,
    kind: PassKind = PassKind.DYNAMIC,
    age: timedelta = timedelta(seconds=60),
) -> PassClaims:
    return PassClaims(
        format=HEALTH_CODE,
        kind=kind,
        issuer="33",
        colour=colour,
        issued_at=NOW - age,
    )


def verified(content: PassClaims) -> VerifiedPass:
    return VerifiedPass(content, b"\1" * 32, Evidence(HEALTH_CODE, b"k", Algorithm.EDDSA))


def measured(*readings_c: float) -> Told:
    return Told(tuple(Reading(celsius, NOW) for celsius in readings_c))


def decide(
    shown: VerifiedPass | Rejection,
    *readings_c: float,
    rules: RuleSet = RULES,
    host: HostRecognition = ANYWHERE,
) -> Verdict:
    return evaluate(shown, rules, Circumstances(now=NOW, told=measured(*readings_c)), host)


@pytest.mark.parametrize(
    ("colour", "decision", "reasons"),
    [
        (Colour.GREEN, Decision.ADMIT, (Reason.OK,)),
        (Colour.YELLOW, Decision.CHECK, (Reason.COLOUR_YELLOW,)),
        (Colour.PENDING, Decision.CHECK, (Reason.COLOUR_PENDING,)),
        (Colour.NONE, Decision.CHECK, (Reason.COLOUR_NONE,)),
        (Colour.RED, Decision.REFUSE, (Reason.COLOUR_RED,)),
    ],
)
def test_each_colour(colour: Colour, decision: Decision, reasons: tuple[Reason, ...]) -> None:
    verdict = decide(verified(claims(colour)))
    assert (verdict.decision, verdict.reasons) == (decision, reasons)


@pytest.mark.parametrize(
    ("reason", "decision"),
    [
        (Reason.NOT_A_HEALTH_CODE, Decision.CHECK),
        (Reason.MALFORMED, Decision.CHECK),
        (Reason.UNKNOWN_ISSUER, Decision.CHECK),
        (Reason.UNKNOWN_KEY, Decision.CHECK),
        (Reason.BAD_SIGNATURE, Decision.REFUSE),
        (Reason.WRONG_KEY_USAGE, Decision.REFUSE),
        (Reason.EXPIRED, Decision.CHECK),
        (Reason.NOT_YET_VALID, Decision.CHECK),
        (Reason.KEY_REVOKED, Decision.REFUSE),
        (Reason.REVOKED, Decision.REFUSE),
        (Reason.PROBABLY_REVOKED, Decision.CHECK),
    ],
)
def test_each_rejection(reason: Reason, decision: Decision) -> None:
    verdict = decide(Rejection((reason,)))
    assert (verdict.decision, verdict.reasons) == (decision, (reason,))


@pytest.mark.parametrize("reason", list(Reason))
def test_no_rejection_is_ever_admitted(reason: Reason) -> None:
    assert decide(Rejection((reason,))).decision is not Decision.ADMIT


def test_a_red_and_expired_code_lists_both_and_announces_the_red() -> None:
    verdict = decide(Rejection((Reason.EXPIRED,), proven=claims(Colour.RED)))
    assert verdict.decision is Decision.REFUSE
    assert verdict.reasons == (Reason.COLOUR_RED, Reason.EXPIRED)


@pytest.mark.parametrize(
    ("kind", "age", "reasons"),
    [
        (PassKind.DYNAMIC, timedelta(seconds=360), (Reason.OK,)),
        (PassKind.DYNAMIC, timedelta(seconds=361), (Reason.CODE_TOO_OLD,)),
        (PassKind.NATIONAL, timedelta(minutes=10), (Reason.CODE_TOO_OLD,)),
        (PassKind.VISITOR, timedelta(hours=24), (Reason.OK,)),
        (PassKind.VISITOR, timedelta(days=2), (Reason.EXPIRED,)),
    ],
)
def test_age_since_issue(kind: PassKind, age: timedelta, reasons: tuple[Reason, ...]) -> None:
    assert decide(verified(claims(kind=kind, age=age))).reasons == reasons


@pytest.mark.parametrize(
    ("kind", "age", "reasons"),
    [
        (PassKind.DYNAMIC, timedelta(hours=24), (Reason.OK,)),
        (PassKind.DYNAMIC, timedelta(hours=24, minutes=1), (Reason.OK,)),
        (PassKind.DYNAMIC, timedelta(hours=24, minutes=2), (Reason.CODE_TOO_OLD,)),
        (PassKind.NATIONAL, timedelta(hours=23), (Reason.OK,)),
        (PassKind.VISITOR, timedelta(days=2), (Reason.EXPIRED,)),
    ],
)
def test_a_code_that_its_phone_vouches_for_has_a_limit_of_its_own(
    kind: PassKind, age: timedelta, reasons: tuple[Reason, ...]
) -> None:
    content = replace(claims(kind=kind, age=age), presented_at=NOW)
    assert decide(verified(content)).reasons == reasons


def test_a_copied_code_of_the_day_gains_nothing_by_that_limit() -> None:
    copied = replace(claims(age=timedelta(hours=2)), holder_key=bytes(32))
    for shown in (verified(copied), Rejection((Reason.HOLDER_UNPROVEN,), proven=copied)):
        verdict = decide(shown)
        assert verdict.decision is Decision.CHECK
        assert Reason.CODE_TOO_OLD in verdict.reasons


def test_a_site_may_limit_the_age_of_vouched_codes() -> None:
    strict = RuleSet(max_age=MaxAgeRules(holder_signed_s=3600))
    content = replace(claims(age=timedelta(hours=2)), presented_at=NOW)
    assert decide(verified(content), rules=strict).reasons == (Reason.CODE_TOO_OLD,)


@pytest.mark.parametrize("colour", Colour)
def test_a_superseded_code_is_never_admitted(colour: Colour) -> None:
    verdict = evaluate(verified(claims(colour)), RULES, Circumstances(NOW, superseded=True))
    assert Reason.SUPERSEDED in verdict.reasons
    assert verdict.decision is (Decision.REFUSE if colour is Colour.RED else Decision.CHECK)


def test_a_dynamic_code_without_issue_time_counts_as_too_old() -> None:
    verdict = decide(verified(replace(claims(), issued_at=None)))
    assert verdict.reasons == (Reason.CODE_TOO_OLD,)


@pytest.mark.parametrize(
    ("readings_c", "decision", "reason", "asks_again"),
    [
        ((), Decision.CHECK, Reason.TEMPERATURE_NEEDED, True),
        ((36.9,), Decision.ADMIT, None, False),
        ((37.2,), Decision.ADMIT, None, False),
        ((37.3,), Decision.CHECK, Reason.TEMPERATURE_HIGH, True),
        ((38.5,), Decision.CHECK, Reason.TEMPERATURE_HIGH, True),
        ((38.5, 38.4), Decision.CHECK, Reason.TEMPERATURE_HIGH, False),
        ((37.3, 37.3), Decision.CHECK, Reason.TEMPERATURE_HIGH, False),
        ((38.5, 36.8), Decision.ADMIT, None, False),
        ((35.0,), Decision.ADMIT, None, False),
        ((34.9,), Decision.CHECK, Reason.TEMPERATURE_IMPLAUSIBLE, True),
        ((33.0,), Decision.CHECK, Reason.TEMPERATURE_IMPLAUSIBLE, True),
        ((33.0, 38.5), Decision.CHECK, Reason.TEMPERATURE_HIGH, True),
        ((float("nan"),), Decision.CHECK, Reason.TEMPERATURE_IMPLAUSIBLE, True),
        ((float("inf"),), Decision.CHECK, Reason.TEMPERATURE_IMPLAUSIBLE, True),
    ],
)
@pytest.mark.parametrize("kind", [PassKind.PAPER, PassKind.DEPENDANT])
def test_paper_and_dependant_passes_wait_for_a_good_temperature(
    kind: PassKind,
    readings_c: tuple[float, ...],
    decision: Decision,
    reason: Reason | None,
    asks_again: bool,
) -> None:
    verdict = decide(verified(claims(kind=kind)), *readings_c)
    assert verdict.decision is decision
    assert verdict.reasons == (reason or Reason.OK,)
    assert verdict.asks == ((Ask.TEMPERATURE,) if asks_again else ())


def test_a_refused_person_is_asked_for_nothing() -> None:
    verdict = decide(verified(claims(Colour.RED, PassKind.PAPER)))
    assert verdict.decision is Decision.REFUSE
    assert verdict.asks == ()


def test_a_high_temperature_stops_a_green_phone_code_too() -> None:
    assert decide(verified(claims()), 38.5).decision is Decision.CHECK


def test_a_good_temperature_does_not_upgrade_a_yellow_paper_pass() -> None:
    verdict = decide(verified(claims(Colour.YELLOW, PassKind.PAPER)), 36.5)
    assert (verdict.decision, verdict.reasons) == (Decision.CHECK, (Reason.COLOUR_YELLOW,))


def test_an_eu_certificate_is_not_recognised_unless_a_row_says_so() -> None:
    content = replace(claims(None, PassKind.VACCINATION), format=EU_DCC, issuer="EU")
    assert decide(verified(content)).reasons == (Reason.NOT_RECOGNISED,)
    assert decide(verified(content), host=TAKES_EU).decision is Decision.ADMIT


@pytest.mark.parametrize(
    ("not_before", "expires_at", "reasons"),
    [
        (timedelta(seconds=60), timedelta(days=1), (Reason.OK,)),
        (timedelta(seconds=61), timedelta(days=1), (Reason.NOT_YET_VALID,)),
        (-timedelta(days=9), -timedelta(seconds=60), (Reason.OK,)),
        (-timedelta(days=9), -timedelta(seconds=61), (Reason.EXPIRED,)),
    ],
)
def test_a_certificate_that_holds_for_less_than_its_token(
    not_before: timedelta, expires_at: timedelta, reasons: tuple[Reason, ...]
) -> None:
    recovery = replace(
        claims(None, PassKind.RECOVERY),
        format=EU_DCC,
        issuer="EU",
        not_before=NOW + not_before,
        expires_at=NOW + expires_at,
    )
    assert decide(verified(recovery), host=TAKES_EU).reasons == reasons


def test_a_positive_test_is_refused_even_where_certificates_count() -> None:
    positive = LaboratoryTest("pcr", negative=False, sampled_at=NOW, reported_at=None)
    content = replace(claims(None, PassKind.TEST), format=EU_DCC, issuer="EU", test=positive)
    verdict = decide(verified(content), host=TAKES_EU)
    assert (verdict.decision, verdict.reasons) == (Decision.REFUSE, (Reason.TEST_POSITIVE,))


def test_a_hard_line_is_refused_whatever_its_colour() -> None:
    verdict = decide(verified(replace(claims(), hard_line=True)))
    assert (verdict.decision, verdict.reasons) == (Decision.REFUSE, (Reason.HARD_LINE,))


def test_stale_keys_and_an_unsure_clock_are_never_silently_green() -> None:
    shaky = Circumstances(now=NOW, keys=Staleness.DEGRADED, clock_is_sure=False)
    verdict = evaluate(verified(claims()), RULES, shaky)
    assert verdict.decision is Decision.CHECK
    assert verdict.reasons == (Reason.KEYS_STALE, Reason.CLOCK_UNSURE)


@pytest.mark.parametrize(
    ("reason", "tells"),
    [
        (Reason.EXPIRED, True),
        (Reason.NOT_YET_VALID, True),
        (Reason.SCREENSHOT, True),
        (Reason.BAD_SIGNATURE, False),
        (Reason.NOT_A_HEALTH_CODE, False),
    ],
)
def test_who_is_turned_away_for_the_time_is_told_that_the_gate_may_be_wrong(
    reason: Reason, tells: bool
) -> None:
    unsure = Circumstances(now=NOW, clock_is_sure=False)
    verdict = evaluate(Rejection((reason,)), RULES, unsure)
    assert (Reason.CLOCK_UNSURE in verdict.reasons) is tells
    assert Reason.CLOCK_UNSURE not in decide(Rejection((reason,))).reasons


def test_a_site_may_be_stricter() -> None:
    strict = RuleSet(version="strict-1", colour=ColourRules(yellow=Strict.REFUSE))
    verdict = decide(verified(claims(Colour.YELLOW)), rules=strict)
    assert (verdict.decision, verdict.policy_version) == (Decision.REFUSE, "strict-1")


@given(
    colour=st.sampled_from(Colour),
    kind=st.sampled_from(PassKind),
    hard_line=st.booleans(),
    keys=st.sampled_from(Staleness),
    clock_is_sure=st.booleans(),
    age_s=st.integers(-600, 10**8),
    readings=st.lists(st.floats(), max_size=4),
)
def test_admit_means_green_fresh_and_measured(
    colour: Colour,
    kind: PassKind,
    hard_line: bool,
    keys: Staleness,
    clock_is_sure: bool,
    age_s: int,
    readings: list[float],
) -> None:
    content = replace(claims(colour, kind, timedelta(seconds=age_s)), hard_line=hard_line)
    verdict = evaluate(
        verified(content),
        RULES,
        Circumstances(NOW, keys, clock_is_sure, measured(*readings)),
    )
    strictest = max(
        (f.decision for f in verdict.findings), key=lambda d: d.strictness, default=None
    )
    assert verdict.decision is (strictest or Decision.ADMIT)
    if verdict.decision is Decision.ADMIT:
        assert colour is Colour.GREEN
        assert not hard_line
        assert keys is not Staleness.DEGRADED
        assert clock_is_sure
        assert verdict.asks == ()
        assert not readings or 35.0 <= readings[-1] < 37.3
        if kind in (PassKind.PAPER, PassKind.DEPENDANT):
            assert readings
