"""Input events to texts: real struct bytes, as a scanner's keyboard makes them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.peripherals.assembly import GAP_S, MAX_BYTES
from scanner.peripherals.keys import EVENT_32, EVENT_64, NATIVE, TypedTexts, parse_events
from scanner.peripherals.layouts import (
    CAPS_LOCK,
    ENTER,
    KEYPAD_ENTER,
    LAYOUTS,
    TAB,
    UK,
    US,
    Layout,
)
from tests.scanner_builders import (
    KEY,
    LEFT_SHIFT,
    REPEAT,
    SYN,
    alphabet,
    event,
    press,
    release,
    stroke,
    typed,
)

A, LEFT_CTRL, LEFT_ALT, KEY_2, KEY_VOLUME = 30, 29, 56, 3, 115
DROPPED = event(SYN, 3, 0)


def texts_of(data: bytes, keyboard: Layout = US) -> list[str]:
    return [text.text for text in TypedTexts(keyboard).feed(data, 1.0)]


def test_events_are_24_bytes_on_64_bits_and_16_on_32() -> None:
    assert (EVENT_64.size, EVENT_32.size) == (24, 16)
    assert NATIVE.size == struct.calcsize("@llHHi")


@pytest.mark.parametrize("layout", [EVENT_64, EVENT_32])
def test_a_600_character_code_arrives_exactly(layout: struct.Struct) -> None:
    code = ("JKM1:" + "6BF1A09C $%*+-./:Z" * 40)[:600]
    (text,) = TypedTexts(US, layout).feed(typed(code, US, layout), 2.5)
    assert (text.text, text.received_s) == (code, 2.5)


@pytest.mark.parametrize(
    ("keyboard", "plain", "shifted"),
    [
        (US, "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./ ", "~!@#$%^&*()_+QWERTYUIOP{}|"),
        (UK, "`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./\\", '¬!"£$%^&*()_+QWERTYUIOP{}~'),
    ],
)
def test_each_layout_types_what_its_keyboard_shows(
    keyboard: Layout, plain: str, shifted: str
) -> None:
    keys = [41, *range(2, 14), *range(16, 28), 43]
    assert texts_of(b"".join(stroke(key) for key in keys) + stroke(ENTER), keyboard) == [
        plain[: len(keys)]
    ]
    assert texts_of(
        b"".join(stroke(key, shift=True) for key in keys) + stroke(ENTER), keyboard
    ) == [shifted]
    assert set(plain) <= set(alphabet(keyboard))


@pytest.mark.parametrize("end", [ENTER, KEYPAD_ENTER, TAB])
def test_enter_and_tab_end_a_text(end: int) -> None:
    assert texts_of(typed("AB", US, end=end) + typed("CD", US, end=end)) == ["AB", "CD"]


def test_a_key_that_repeats_types_once() -> None:
    assert texts_of(press(A) + event(KEY, A, REPEAT) * 30 + release(A) + stroke(ENTER)) == ["a"]


def test_the_keypad_types_digits() -> None:
    assert texts_of(b"".join(stroke(key) for key in (79, 80, 81, 82)) + stroke(ENTER)) == ["1230"]


def test_caps_lock_turns_letters_and_nothing_else() -> None:
    both = stroke(A) + stroke(A, shift=True) + stroke(KEY_2)
    assert texts_of(stroke(CAPS_LOCK) + both + stroke(CAPS_LOCK) + stroke(A) + stroke(ENTER)) == [
        "Aa2a"
    ]


@pytest.mark.parametrize("control", [LEFT_CTRL, LEFT_ALT])
def test_a_shortcut_types_nothing(control: int) -> None:
    shortcut = press(control) + stroke(A) + release(control)
    assert texts_of(stroke(A) + shortcut + stroke(KEY_2) + stroke(ENTER)) == ["a2"]


def test_keys_without_a_character_type_nothing() -> None:
    assert texts_of(stroke(A) + stroke(KEY_VOLUME) + stroke(KEY_2) + stroke(ENTER)) == ["a2"]


def test_a_shift_left_down_is_up_again_after_a_pause() -> None:
    texts = TypedTexts(US)
    texts.feed(press(LEFT_SHIFT) + stroke(A), 1.0)
    assert [text.text for text in texts.idle(1.0 + GAP_S)] == ["A"]
    assert [text.text for text in texts.feed(stroke(A) + stroke(ENTER), 2.0)] == ["a"]


def test_caps_lock_left_on_is_off_again_after_a_pause() -> None:
    texts = TypedTexts(US)
    texts.feed(stroke(CAPS_LOCK) + stroke(A) + stroke(ENTER), 1.0)
    assert texts.idle(1.0 + GAP_S) == []
    assert [text.text for text in texts.feed(stroke(A) + stroke(ENTER), 2.0)] == ["a"]


def test_a_shift_that_is_held_for_the_whole_text_is_held() -> None:
    texts = TypedTexts(US)
    texts.feed(press(LEFT_SHIFT), 1.0)
    assert texts.idle(1.0 + GAP_S / 2) == []
    held = stroke(A) + stroke(ENTER) + release(LEFT_SHIFT)
    assert [text.text for text in texts.feed(held, 1.0 + GAP_S)] == ["A"]


def test_a_text_of_which_events_were_lost_is_dropped_whole() -> None:
    texts = TypedTexts(US)
    lost = stroke(A) + press(LEFT_SHIFT) + DROPPED + stroke(A) + stroke(ENTER)
    assert [text.text for text in texts.feed(lost + typed("ok", US), 1.0)] == ["ok"]
    assert texts.dropped == 1


def test_typing_without_end_is_dropped() -> None:
    texts = TypedTexts(US)
    assert texts.feed(stroke(A) * (MAX_BYTES + 1) + stroke(ENTER), 1.0) == []
    assert texts.dropped == 1


@given(data=st.data(), name=st.sampled_from(sorted(LAYOUTS)))
def test_whatever_a_layout_can_type_arrives(data: st.DataObject, name: str) -> None:
    keyboard = LAYOUTS[name]
    letters = st.text(st.sampled_from(alphabet(keyboard)), min_size=1, max_size=60)
    text = data.draw(letters.filter(lambda text: not text.startswith("]")))
    assert texts_of(typed(text, keyboard), keyboard) == [text]


@given(st.binary(max_size=4000))
def test_no_bytes_raise(data: bytes) -> None:
    assert len(parse_events(data)) == len(data) // NATIVE.size
    texts = TypedTexts(US)
    texts.feed(data, 1.0)
    texts.idle(2.0)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 130), st.integers(-1, 3)), max_size=200)
)
def test_no_events_raise_and_no_terminator_gets_through(events: list[tuple[int, int, int]]) -> None:
    data = b"".join(event(*fields) for fields in events)
    for text in texts_of(data + stroke(ENTER)):
        assert text
        assert "\r" not in text
