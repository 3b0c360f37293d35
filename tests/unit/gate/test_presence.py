"""When is a code a new presentation?"""

from hypothesis import given
from hypothesis import strategies as st

from scanner.gate.presence import Presence

PASS = b"\1" * 32
OTHER = b"\2" * 32


def test_a_code_held_still_arrives_once() -> None:
    presence = Presence(absence_s=0.8)
    assert presence.arrives("a", PASS, 0.0)
    assert all(presence.is_text_present("a", tick / 10) for tick in range(1, 100))


def test_a_code_that_was_away_arrives_again() -> None:
    presence = Presence(absence_s=0.8)
    presence.arrives("a", PASS, 0.0)
    assert not presence.is_text_present("a", 1.0)
    assert presence.arrives("a", PASS, 1.0)


def test_a_short_blink_is_no_absence() -> None:
    presence = Presence(absence_s=0.8)
    presence.arrives("a", PASS, 0.0)
    presence.forget_absent(0.7)
    assert presence.is_text_present("a", 0.7)


def test_a_code_that_is_held_stays_without_being_seen() -> None:
    presence = Presence(absence_s=0.8)
    presence.arrives("a", PASS, 0.0)
    presence.hold("a", 2.0)
    presence.forget_absent(1.9)
    assert presence.is_text_present("a", 0.1)
    assert not presence.arrives("other words", PASS, 1.9)
    presence.forget_absent(2.8)
    assert presence.is_empty


def test_only_what_was_noted_can_be_held() -> None:
    presence = Presence()
    presence.hold("a", 2.0)
    assert presence.is_empty


def test_another_code_arrives_at_once_and_the_first_stays_present() -> None:
    presence = Presence(absence_s=0.8)
    presence.arrives("a", PASS, 0.0)
    assert presence.arrives("b", OTHER, 0.1)
    assert presence.is_text_present("a", 0.2)


def test_the_same_pass_under_another_text_is_the_same_presentation() -> None:
    presence = Presence(absence_s=0.8)
    presence.arrives("a", PASS, 0.0)
    assert not presence.arrives("a, with another unprotected header", PASS, 0.1)


def test_codes_without_identity_are_told_apart_by_their_text() -> None:
    presence = Presence()
    assert presence.arrives("https://pay.example/1", None, 0.0)
    assert presence.arrives("https://pay.example/2", None, 0.1)
    assert presence.is_text_present("https://pay.example/1", 0.2)


def test_lone_surrogates_are_texts_too() -> None:
    assert Presence().arrives("\ud800", None, 0.0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3)), max_size=60))
def test_nothing_is_remembered_of_what_has_left(sightings: list[tuple[str, float]]) -> None:
    presence = Presence(absence_s=0.8)
    now_s = 0.0
    for text, pause_s in sightings:
        now_s += pause_s
        if not presence.is_text_present(text, now_s):
            presence.arrives(text, None, now_s)
    presence.forget_absent(now_s + 1)
    assert presence.is_empty
