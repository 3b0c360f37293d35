"""What rows of host and issuer come to, one row a fact, and what holds for all matrices."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from config.recognition import load_recognition
from scanner.domain.passes import HEALTH_CODE, Colour, PassKind, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision, Verdict
from scanner.formats.readers.eu_dcc import FORMAT as EU_DCC
from scanner.policy.evaluate import Circumstances, evaluate, policy_version
from scanner.policy.recognition import HostRecognition, Mode, RecognitionRow, area
from scanner.policy.rules import ColourRules, ResultRules, RuleSet, Strict
from tests.builders import NOW, a_pass, a_verified_pass
from tests.recognition_builders import a_host, a_row

SHIPPED = load_recognition()
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
YELLOW_IS_RED = {Colour.YELLOW: Colour.RED}


def mode(
    host: HostRecognition, issuer: str, division: str | None = None, at: datetime = NOW
) -> Mode | None:
    return host.recognise(a_pass(issuer=issuer, division=division), at).mode


def decide(host: HostRecognition, rules: RuleSet | None = None, **claims: object) -> Verdict:
    return evaluate(a_verified_pass(**claims), rules or RuleSet(), Circumstances(NOW), host)


@pytest.mark.parametrize(
    ("row", "colour", "decision", "reasons"),
    [
        (a_row("33", "46"), Colour.GREEN, Decision.ADMIT, (Reason.OK,)),
        (a_row("33", "46"), Colour.YELLOW, Decision.CHECK, (Reason.COLOUR_YELLOW,)),
        (a_row("33", "44"), Colour.GREEN, Decision.CHECK, (Reason.NOT_RECOGNISED,)),
        (a_row("33", "46", Mode.SHOW), Colour.GREEN, Decision.CHECK, (Reason.SHOWN_ONLY,)),
        (
            a_row("33", "46", Mode.SHOW),
            Colour.RED,
            Decision.REFUSE,
            (Reason.COLOUR_RED, Reason.SHOWN_ONLY),
        ),
        (a_row("33", "46", Mode.NONE), Colour.GREEN, Decision.CHECK, (Reason.RECOGNITION_DENIED,)),
        (
            a_row("33", "46", Mode.CONVERT, colours=YELLOW_IS_RED),
            Colour.YELLOW,
            Decision.REFUSE,
            (Reason.COLOUR_RED, Reason.COLOUR_CONVERTED, Reason.COLOUR_YELLOW),
        ),
        (
            a_row("33", "46", Mode.CONVERT, colours=YELLOW_IS_RED),
            Colour.GREEN,
            Decision.ADMIT,
            (Reason.OK,),
        ),
        (
            a_row("33", "46", Mode.CONVERT, colours={Colour.GREEN: Colour.YELLOW}),
            Colour.GREEN,
            Decision.CHECK,
            (Reason.COLOUR_YELLOW, Reason.COLOUR_CONVERTED),
        ),
    ],
)
def test_a_code_of_hainan_in_zhejiang(
    row: RecognitionRow, colour: Colour, decision: Decision, reasons: tuple[Reason, ...]
) -> None:
    verdict = decide(a_host("33", row), issuer="46", colour=colour)
    assert (verdict.decision, verdict.reasons) == (decision, reasons)


@pytest.mark.parametrize(
    ("host", "issuer", "since"),
    [
        ("33", "46", datetime(2020, 2, 27, 16, tzinfo=UTC)),
        ("46", "33", datetime(2020, 2, 27, 16, tzinfo=UTC)),
        ("33", "41", datetime(2020, 2, 27, 16, tzinfo=UTC)),
        ("41", "33", datetime(2020, 2, 27, 16, tzinfo=UTC)),
        *(
            (host, issuer, datetime(2020, 4, 18, 16, tzinfo=UTC))
            for host in ("11", "12", "13")
            for issuer in ("11", "12", "13")
            if host != issuer
        ),
    ],
)
def test_the_shipped_rows_begin_at_midnight_in_beijing(
    host: str, issuer: str, since: datetime
) -> None:
    here = HostRecognition(SHIPPED, host)
    assert mode(here, issuer, at=since - SECOND) is None
    assert mode(here, issuer, at=since) is Mode.VERIFY


@pytest.mark.parametrize(
    ("host", "issuer"),
    [
        ("46", "41"),  # both have a row with Zhejiang, none with each other
        ("41", "46"),
        ("33", "43"),  # Hunan is not Henan
        ("33", "13"),  # nor is Hebei
        ("33", "44"),  # nor Guangdong Hainan
        ("11", "14"),  # Shanxi is not Hebei
        ("13", "42"),
    ],
)
def test_the_neighbours_of_shipped_rows_are_not_recognised(host: str, issuer: str) -> None:
    assert mode(HostRecognition(SHIPPED, host), issuer) is None


def test_one_direction_says_nothing_of_the_other() -> None:
    row = a_row("33", "46")
    assert mode(a_host("33", row), "46") is Mode.VERIFY
    assert mode(a_host("46", row), "33") is None


@pytest.mark.parametrize("host", ["11", "330100", "330106", "650000"])
def test_the_national_platform_and_the_own_province_need_no_row(host: str) -> None:
    here = a_host(host)
    assert mode(here, "00") is Mode.VERIFY
    assert mode(here, "00", "440100") is Mode.VERIFY
    assert mode(here, host[:2]) is Mode.VERIFY
    assert mode(here, host[:2], host[:2] + "0900") is Mode.VERIFY


def test_a_row_may_name_the_national_platform_and_another_city_of_the_province() -> None:
    rows = a_row("33", "00", Mode.SHOW), a_row("33", "330200", Mode.NONE)
    here = a_host("330106", *rows)
    assert mode(here, "00") is Mode.SHOW
    assert mode(here, "33", "330203") is Mode.NONE
    assert mode(here, "33", "330300") is Mode.VERIFY


def test_everybody_means_neither_the_national_platform_nor_the_own_province() -> None:
    here = a_host("33", a_row("33", "*", Mode.NONE), a_row("*", "*", Mode.SHOW))
    assert mode(here, "46") is Mode.NONE
    assert mode(here, "00") is Mode.VERIFY
    assert mode(here, "33", "330100") is Mode.VERIFY


@pytest.mark.parametrize("division", [None, "330100", "330106"])
def test_nothing_shuts_out_the_hosts_own_codes(division: str | None) -> None:
    rows = a_row("*", "33", Mode.NONE), a_row("33", "330106", Mode.SHOW)
    assert mode(a_host("330100", *rows), "33", division) is Mode.VERIFY


def test_a_conversion_for_everybody_is_for_the_own_codes_too() -> None:
    here = a_host("440403", a_row("440403", "*", Mode.CONVERT, colours=YELLOW_IS_RED))
    for issuer in ("44", "00", "33"):
        assert decide(here, issuer=issuer, colour=Colour.YELLOW).decision is Decision.REFUSE


@pytest.mark.parametrize(
    ("division", "expected"),
    [("330106", Mode.SHOW), ("330102", Mode.CONVERT), ("330200", Mode.NONE), ("440100", None)],
)
def test_the_more_specific_host_decides(division: str, expected: Mode | None) -> None:
    rows = (
        a_row("330106", "*", Mode.SHOW),
        a_row("330100", "46", Mode.CONVERT, colours=YELLOW_IS_RED),
        a_row("33", "46", Mode.NONE),
    )
    assert mode(a_host(division, *rows), "46") is expected


@pytest.mark.parametrize(
    ("division", "expected"),
    [("440303", Mode.NONE), ("440300", Mode.SHOW), ("440100", Mode.VERIFY), (None, Mode.VERIFY)],
)
def test_among_the_rows_of_a_host_the_more_specific_issuer_does(
    division: str | None, expected: Mode
) -> None:
    rows = (
        a_row("33", "440303", Mode.NONE),
        a_row("33", "440300", Mode.SHOW),
        a_row("33", "44"),
        a_row("33", "*", Mode.NONE),
    )
    assert mode(a_host("33", *rows), "44", division) is expected


def test_of_two_equally_specific_rows_the_stricter_one_decides() -> None:
    rows = a_row("33", "46"), a_row("330000", "46", Mode.SHOW)
    assert mode(a_host("33", *rows), "46") is Mode.SHOW


def test_what_the_nation_says_of_a_city_is_no_citys_own_code() -> None:
    assert mode(a_host("33", a_row("33", "440100", Mode.NONE)), "00", "440100") is Mode.VERIFY


def test_a_row_is_about_the_kinds_and_formats_that_it_names() -> None:
    here = a_host(
        "33",
        a_row("33", "46", kinds=(PassKind.DYNAMIC,)),
        a_row("33", "EU", formats=(EU_DCC,)),
        a_row("33", "*"),
    )
    assert here.recognise(a_pass(issuer="46", kind=PassKind.PAPER), NOW).row == a_row("33", "*")
    certificate = a_pass(issuer="EU", format=EU_DCC, kind=PassKind.VACCINATION, colour=None)
    assert here.recognise(certificate, NOW).mode is Mode.VERIFY
    assert a_host("33", a_row("33", "*")).recognise(certificate, NOW).mode is None


def test_a_row_holds_from_its_first_moment_up_to_its_last_and_without_it() -> None:
    row = a_row("33", "46", valid_from=NOW, valid_to=NOW + HOUR)
    here = a_host("33", row)
    assert mode(here, "46", at=NOW - SECOND) is None
    assert mode(here, "46", at=NOW) is Mode.VERIFY
    assert mode(here, "46", at=NOW + HOUR - SECOND) is Mode.VERIFY
    assert mode(here, "46", at=NOW + HOUR) is None


@pytest.mark.parametrize("away", [-2 * SECOND, SECOND])
def test_what_may_not_hold_yet_by_this_clock_does_not_hold(away: timedelta) -> None:
    rows = a_row("33", "46", valid_from=NOW), a_row("33", "41", valid_to=NOW)
    here = a_host("33", *rows)
    for issuer in ("46", "41"):
        assert here.recognise(a_pass(issuer=issuer), NOW + away, 3 * SECOND).mode is None


def test_a_row_within_the_clocks_error_counts_where_it_is_the_stricter_one() -> None:
    brief = a_row("33", "46", Mode.NONE, valid_from=NOW, valid_to=NOW + SECOND)
    here = a_host("33", a_row("33", "46"), brief)
    assert here.recognise(a_pass(issuer="46"), NOW - 5 * SECOND, 10 * SECOND).mode is Mode.NONE


@pytest.mark.parametrize("away", [-HOUR, timedelta(0), HOUR])
def test_an_unsure_clock_never_admits_by_a_date(away: timedelta) -> None:
    here = a_host("33", a_row("33", "46", valid_from=NOW))
    unsure = Circumstances(NOW + away, clock_is_sure=False)
    shown = a_verified_pass(issuer="46", issued_at=NOW + away, expires_at=NOW + 2 * HOUR)
    verdict = evaluate(shown, RuleSet(), unsure, here)
    assert verdict.decision is Decision.CHECK
    assert Reason.CLOCK_UNSURE in verdict.reasons


def test_what_was_taken_out_by_this_clock_or_is_not_there_yet_counts_as_taken_out() -> None:
    here = a_host("33", a_row("33", "46", Mode.NONE, valid_from=NOW))
    assert here.recognise(a_pass(issuer="46"), NOW - SECOND, 3 * SECOND).mode is Mode.NONE


@pytest.mark.parametrize("mode_there", [Mode.NONE, Mode.SHOW])
def test_a_city_that_lets_nobody_in_keeps_its_provinces_red(mode_there: Mode) -> None:
    province = a_row("33", "46", Mode.CONVERT, colours=YELLOW_IS_RED)
    here = a_host("330100", province, a_row("330100", "46", mode_there))
    assert decide(here, issuer="46", colour=Colour.YELLOW).decision is Decision.REFUSE


def test_of_two_rows_that_say_the_same_it_is_always_the_same_that_is_named() -> None:
    rows = a_row("33", "46"), a_row("33", "46", kinds=(PassKind.DYNAMIC,))
    claims = a_pass(issuer="46")
    one, other = a_host("33", *rows), a_host("33", *reversed(rows))
    assert one.recognise(claims, NOW) == other.recognise(claims, NOW)


def test_a_gate_that_was_not_told_where_it_stands_takes_every_health_code() -> None:
    here = HostRecognition(SHIPPED, None)
    for issuer in ("00", "33", "46", "65"):
        assert mode(here, issuer) is Mode.VERIFY
    assert mode(a_host(None, a_row("33", "46", Mode.NONE)), "46") is Mode.VERIFY
    assert mode(a_host(None, a_row("*", "46", Mode.NONE)), "46") is Mode.NONE


def test_an_entry_names_the_matrix_where_it_bears_on_the_gate() -> None:
    rules = RuleSet()
    assert policy_version(rules, HostRecognition(SHIPPED, None)) == "default-1"
    assert policy_version(rules, HostRecognition(SHIPPED, "65")) == "default-1 / mutual-2020-04"
    assert policy_version(rules, a_host(None, a_row("*", "46"))) == "default-1 / test"


def test_expressly_not_recognised_is_never_milder_than_not_yet() -> None:
    strict = RuleSet(results=ResultRules(not_recognised=Strict.REFUSE))
    assert decide(a_host("33"), strict, issuer="46").decision is Decision.REFUSE
    denied = decide(a_host("33", a_row("33", "46", Mode.NONE)), strict, issuer="46")
    assert denied.decision is Decision.REFUSE


PLACES = st.sampled_from(["33", "330100", "330106", "330200", "46", "44", "440300"])
HOSTS = PLACES | st.just("*")
ISSUERS = HOSTS | st.sampled_from(["00", "EU"])
SEVERITY = {Colour.GREEN: 0, Colour.RED: 2}
COLOUR_PAIRS = [
    (colour, counts_as)
    for colour in Colour
    for counts_as in Colour
    if SEVERITY.get(counts_as, 1) >= SEVERITY.get(colour, 1)
]
DATES = st.none() | st.sampled_from([NOW - HOUR, NOW, NOW + SECOND])


@st.composite
def rows(draw: st.DrawFn, modes: tuple[Mode, ...] = tuple(Mode)) -> RecognitionRow:
    host, issuer, chosen = draw(HOSTS), draw(ISSUERS), draw(st.sampled_from(modes))
    assume(chosen in (Mode.VERIFY, Mode.CONVERT) or not area(host).startswith(area(issuer) or "x"))
    colours = dict([draw(st.sampled_from(COLOUR_PAIRS))]) if chosen is Mode.CONVERT else {}
    kinds = draw(st.none() | st.just((PassKind.PAPER,)) | st.just((PassKind.DYNAMIC,)))
    formats = draw(st.sampled_from([(HEALTH_CODE,), (HEALTH_CODE, EU_DCC)]))
    valid_from = draw(DATES)
    valid_to = draw(st.sampled_from([None, NOW + 2 * SECOND, NOW + HOUR]))
    return a_row(
        host,
        issuer,
        chosen,
        colours=colours,
        kinds=kinds,
        formats=formats,
        valid_from=valid_from,
        valid_to=valid_to,
    )


STRICT = st.sampled_from(Strict)
RULES = st.builds(
    RuleSet,
    colour=st.builds(ColourRules, yellow=STRICT, pending=STRICT, none=STRICT),
    results=st.builds(ResultRules, not_recognised=STRICT, recognition_denied=STRICT),
)
SHOWN = st.builds(
    a_verified_pass,
    issuer=st.sampled_from(["33", "44", "46", "00"]),
    colour=st.sampled_from(Colour),
    kind=st.sampled_from([PassKind.PAPER, PassKind.DYNAMIC]),
    format=st.sampled_from([HEALTH_CODE, EU_DCC]),
    division=st.sampled_from([None, "330106", "330200", "440300"]),
)
ERRORS = st.sampled_from([timedelta(0), 3 * SECOND])
MANY_ROWS = st.lists(rows(), max_size=6)


@given(MANY_ROWS.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))), SHOWN)
def test_the_order_of_rows_does_not_matter(
    orders: tuple[list[RecognitionRow], list[RecognitionRow]], shown: VerifiedPass
) -> None:
    for place in (None, "330106"):
        first, second = (a_host(place, *order) for order in orders)
        assert first.recognise(shown.claims, NOW) == second.recognise(shown.claims, NOW)


@given(MANY_ROWS, rows((Mode.NONE,)), st.none() | PLACES, SHOWN, RULES, ERRORS)
def test_a_row_of_mode_none_never_makes_a_verdict_milder(
    some: list[RecognitionRow],
    more: RecognitionRow,
    place: str | None,
    shown: VerifiedPass,
    rules: RuleSet,
    error: timedelta,
) -> None:
    now = Circumstances(NOW, clock_error=error)
    before = evaluate(shown, rules, now, a_host(place, *some))
    after = evaluate(shown, rules, now, a_host(place, *some, more))
    assert after.decision.strictness >= before.decision.strictness


@given(st.sampled_from(COLOUR_PAIRS), SHOWN, RULES)
def test_no_colour_map_makes_a_verdict_milder(
    pair: tuple[Colour, Colour], shown: VerifiedPass, rules: RuleSet
) -> None:
    convert = a_row("33", "*", Mode.CONVERT, colours=dict([pair]))
    now = Circumstances(NOW)
    plain = evaluate(shown, rules, now, a_host("33", a_row("33", "*")))
    converted = evaluate(shown, rules, now, a_host("33", convert))
    assert converted.decision.strictness >= plain.decision.strictness


@given(MANY_ROWS, SHOWN)
def test_red_is_refused_by_every_matrix(some: list[RecognitionRow], shown: VerifiedPass) -> None:
    red = replace(shown, claims=replace(shown.claims, colour=Colour.RED))
    verdict = evaluate(red, RuleSet(), Circumstances(NOW), a_host("33", *some))
    assert verdict.decision is Decision.REFUSE


@given(st.lists(rows().filter(lambda row: row.host == "46"), max_size=4), SHOWN)
def test_rows_of_another_province_say_nothing_here(
    some: list[RecognitionRow], shown: VerifiedPass
) -> None:
    there, nothing = a_host("330100", *some), a_host("330100")
    assert there.recognise(shown.claims, NOW) == nothing.recognise(shown.claims, NOW)
