"""The reader: what it reads, what it leaves out, and that no frame makes it raise."""

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanner.vision.engines import Sighting, ZxingEngine
from scanner.vision.frames import MAX_TEXT, Frame, Grey
from scanner.vision.reader import QrReader, StreamReader
from tests.vision_builders import a_frame_with, a_picture, a_text, with_noise

READER = QrReader()


def test_a_sharp_code_is_read_with_its_corners_and_module_size() -> None:
    picture = a_picture(a_text(600), px_per_module=4, ec_level="M")
    [code] = READER.read(a_frame_with(picture, left=200, top=100))
    side = picture.shape[0] - 32
    assert code.text == a_text(600)
    assert code.px_per_module == pytest.approx(4, abs=0.1)
    expected = [(216, 116), (216 + side, 116), (216 + side, 116 + side), (216, 116 + side)]
    assert np.allclose(code.corners, expected, atol=4)


def test_corners_begin_where_the_code_itself_begins() -> None:
    upright = a_picture("TURNED", px_per_module=6)
    [code] = READER.read(a_frame_with(np.rot90(upright, 2).copy(), 300, 200))
    assert code.corners[0][0] > code.corners[2][0]
    assert code.corners[0][1] > code.corners[2][1]


@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_a_code_is_read_at_any_turn(quarter_turns: int) -> None:
    turned = np.rot90(a_picture(a_text(300)), quarter_turns)
    assert [code.text for code in READER.read(turned)] == [a_text(300)]


def test_a_light_code_on_dark_ground_is_read() -> None:
    inverted = np.bitwise_not(a_frame_with(a_picture("DARK MODE"), 100, 100))
    assert [code.text for code in READER.read(inverted)] == ["DARK MODE"]


def test_all_codes_of_a_frame_are_read() -> None:
    frame = a_frame_with(a_picture("LEFT"), 100, 100)
    frame[100:216, 700:816] = a_picture("RIGHT")
    assert {code.text for code in READER.read(frame)} == {"LEFT", "RIGHT"}


@pytest.mark.parametrize(
    "view",
    [
        lambda frame: frame[::2, ::2].repeat(2, 0).repeat(2, 1)[50:, 30:],
        np.asfortranarray,
        lambda frame: frame[::-1][::-1],
        lambda frame: np.stack([frame, frame], axis=2)[:, :, 0],
    ],
    ids=["crop", "fortran", "twice flipped", "plane of YUYV"],
)
def test_memory_layout_does_not_matter(view: object) -> None:
    assert callable(view)
    frame = view(a_frame_with(a_picture("LAYOUT", px_per_module=8), 200, 200))
    assert [code.text for code in READER.read(frame)] == ["LAYOUT"]


def test_texts_over_the_cap_are_left_out() -> None:
    longest = a_picture("7" * (MAX_TEXT + 1), px_per_module=2, ec_level="L")
    just_fits = a_picture("7" * MAX_TEXT, px_per_module=2, ec_level="L")
    assert READER.read(longest) == []
    assert [len(code.text) for code in READER.read(just_fits)] == [MAX_TEXT]


def test_bytes_that_are_no_text_come_as_latin_1() -> None:
    [code] = READER.read(a_picture(b"\xff\xfe\x00\x80abc"))
    assert code.text == "\xff\xfe\x00\x80abc"


def test_codes_of_other_kinds_are_not_read() -> None:
    for kind in (zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix):
        picture = zxingcpp.create_barcode("HC1:ABC", kind).to_image(scale=4)
        assert READER.read(np.array(picture, dtype=np.uint8)) == []


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        np.uint8,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=64),
        elements=st.integers(0, 255),
    )
)
def test_no_frame_makes_it_raise(grey: Grey) -> None:
    assert READER.read(grey) == []


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    content=st.binary(min_size=1, max_size=200) | st.text(min_size=1, max_size=80),
    broken_share=st.floats(0, 0.5),
)
def test_no_damaged_code_makes_it_raise(
    seed: int, content: str | bytes, broken_share: float
) -> None:
    random = np.random.default_rng(seed)
    picture = a_picture(content)
    broken = random.random(picture.shape) < broken_share
    picture[broken] = random.integers(0, 256, np.count_nonzero(broken))
    for code in READER.read(picture):
        assert 0 < len(code.text) <= MAX_TEXT
        assert code.px_per_module > 0


class Watched(ZxingEngine):
    """Counts the searches of a stream's reader."""

    searches = 0

    def search(self, grey: Grey) -> list[Sighting]:
        self.searches += 1
        return super().search(grey)


def a_stream() -> tuple[StreamReader, Watched]:
    reader, engine = StreamReader(), Watched()
    reader._engine = engine
    return reader, engine


def test_a_stream_of_an_empty_gate_is_searched_twice_a_second() -> None:
    reader, engine = a_stream()
    empty = np.full((720, 1280), 120, np.uint8)
    for number in range(30):
        noisy = with_noise(empty, 2.5, number)
        assert reader.read(Frame(noisy, 50.0 + number / 15, number)) == []
    assert engine.searches == 4


def test_a_code_is_read_on_the_first_frame_that_shows_it_and_on_all_that_follow() -> None:
    reader, _ = a_stream()
    empty = np.full((720, 1280), 120, np.uint8)
    shown = a_frame_with(a_picture(a_text(480), 3), 500, 200)
    read = [
        bool(reader.read(Frame(grey, 50.0 + number / 15, number)))
        for number, grey in enumerate([empty] * 5 + [shown] * 10 + [empty] * 3)
    ]
    assert read == [False] * 5 + [True] * 10 + [False] * 3
