import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.hub.travel import SPEED_KMH, Place, Seen, distance_km, impossible_km, longest_ms

MINUTE = 60_000
HANGZHOU = Place(30.25, 120.17)
SHANGHAI = Place(31.23, 121.47)
BEIJING = Place(39.90, 116.40)
ACROSS_THE_STREET = Place(30.26, 120.17)  # 1.1 km
ACROSS_THE_TOWN = Place(30.28, 120.17)  # 3.3 km


def seen(gate: int, place: Place, minute: float, error_s: int = 1) -> Seen:
    middle = round(minute * MINUTE)
    return Seen(gate, place, middle - error_s * 1000, middle + error_s * 1000)


@pytest.mark.parametrize(
    ("one", "other", "is_suspicion"),
    [
        pytest.param(seen(1, HANGZHOU, 0), seen(2, SHANGHAI, 20), True, id="too soon"),
        pytest.param(seen(1, HANGZHOU, 0), seen(2, SHANGHAI, 120), False, id="by car"),
        pytest.param(seen(1, HANGZHOU, 0), seen(2, BEIJING, 6 * 60), True, id="faster than a car"),
        pytest.param(seen(1, HANGZHOU, 0), seen(2, BEIJING, 8 * 60), False, id="a long day"),
        pytest.param(seen(1, HANGZHOU, 0), seen(2, SHANGHAI, 0), True, id="at once"),
        pytest.param(seen(1, HANGZHOU, 0), seen(1, SHANGHAI, 0), False, id="one gate"),
        pytest.param(seen(1, HANGZHOU, 0), seen(2, ACROSS_THE_STREET, 0), False, id="next door"),
        pytest.param(seen(1, HANGZHOU, 0), seen(2, ACROSS_THE_TOWN, 0), True, id="over the town"),
        pytest.param(seen(1, HANGZHOU, 0), seen(2, ACROSS_THE_TOWN, 2), False, id="a taxi"),
        pytest.param(
            seen(1, HANGZHOU, 0, error_s=3600), seen(2, SHANGHAI, 20), False, id="one clock may err"
        ),
        pytest.param(
            seen(1, HANGZHOU, 0, 1500), seen(2, SHANGHAI, 20, 1500), False, id="both may err"
        ),
    ],
)
def test_two_scans_are_a_suspicion_only_where_nobody_gets_that_far(
    one: Seen, other: Seen, is_suspicion: bool
) -> None:
    assert (impossible_km(one, other) is not None) is is_suspicion


def test_distances_are_those_of_the_map() -> None:
    assert distance_km(HANGZHOU, SHANGHAI) == pytest.approx(165, abs=2)
    assert distance_km(HANGZHOU, BEIJING) == pytest.approx(1124, abs=8)
    assert distance_km(Place(0, 179.99), Place(0, -179.99)) == pytest.approx(2.2, abs=0.1)
    assert distance_km(Place(90, 10), Place(-90, 10)) == pytest.approx(math.pi * 6371, abs=1)


PLACES = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180))
TIMES_MS = st.integers(0, 7 * 86_400_000)
GATES = st.integers(1, 3)


@st.composite
def sightings(draw: st.DrawFn, gates: st.SearchStrategy[int] = GATES) -> Seen:
    middle, error = draw(TIMES_MS), draw(st.integers(0, 86_400_000))
    return Seen(draw(gates), draw(PLACES), middle - error, middle + error)


@given(sightings(), sightings())
def test_whoever_is_named_first_does_not_matter(one: Seen, other: Seen) -> None:
    forth, back = impossible_km(one, other), impossible_km(other, one)
    assert (forth is None) is (back is None)
    assert forth is None or back is None or forth == pytest.approx(back)


@given(sightings(st.just(1)), sightings(st.just(1)))
def test_one_gate_never_contradicts_itself(one: Seen, other: Seen) -> None:
    assert impossible_km(one, other) is None


@given(sightings(), sightings(), st.floats(0, 1), st.floats(0, 1))
def test_never_a_suspicion_where_the_clocks_may_explain_it(
    one: Seen, other: Seen, first: float, second: float
) -> None:
    """Whichever moments within their errors the two scans really were at."""
    really = [
        seen.earliest_ms + share * (seen.latest_ms - seen.earliest_ms)
        for seen, share in ((one, first), (other, second))
    ]
    hours = abs(really[0] - really[1]) / 3_600_000
    if impossible_km(one, other) is not None:
        assert SPEED_KMH * hours < distance_km(one.place, other.place)


@given(sightings(), sightings(), st.integers(0, 10**7))
def test_a_less_certain_clock_never_makes_a_suspicion(one: Seen, other: Seen, more: int) -> None:
    vaguer = Seen(one.gate, one.place, one.earliest_ms - more, one.latest_ms + more)
    assert longest_ms(vaguer, other) >= longest_ms(one, other)
    assert impossible_km(vaguer, other) is None or impossible_km(one, other) is not None
