"""Grey out of what cameras deliver."""

import cv2
import numpy as np

from scanner.vision.frames import Grey
from scanner.vision.sources.pixels import grey_from, luminance_plane

GREY = np.random.default_rng(4).integers(0, 256, (48, 64), dtype=np.uint8)


def is_grey(grey: Grey | None) -> bool:
    return grey is not None and grey.flags.c_contiguous and np.array_equal(grey, GREY)


def test_grey_stays_as_it_is() -> None:
    assert is_grey(grey_from(GREY))


def test_the_first_plane_of_yuyv_is_the_grey_picture() -> None:
    yuyv = np.stack([GREY, np.full_like(GREY, 128)], axis=2)
    assert is_grey(grey_from(yuyv))


def test_colour_becomes_grey() -> None:
    assert is_grey(grey_from(np.stack([GREY] * 3, axis=2)))


def test_a_jpeg_in_one_row_or_column_is_decoded() -> None:
    smooth = np.tile(np.arange(64, dtype=np.uint8) * 3, (48, 1))
    _, data = cv2.imencode(".jpg", smooth, [cv2.IMWRITE_JPEG_QUALITY, 100])
    for layout in (data.reshape(1, -1), data.reshape(-1, 1)):
        grey = grey_from(layout)
        assert grey is not None
        assert np.allclose(grey, smooth, atol=3)


def test_damaged_and_unknown_pictures_are_none() -> None:
    _, data = cv2.imencode(".jpg", GREY)
    assert grey_from(np.frombuffer(b"\xff\xd8\xff" + bytes(40), np.uint8).reshape(1, -1)) is None
    assert grey_from(data.reshape(1, -1)[:, 2:]) is None
    assert grey_from(np.zeros((0, 0), np.uint8)) is None
    assert grey_from(np.zeros((48, 64, 4), np.uint8)) is None
    assert grey_from(GREY.astype(np.uint16)) is None


def a_jpeg() -> bytes:
    _, data = cv2.imencode(".jpg", np.tile(np.arange(0, 192, 3, dtype=np.uint8), (480, 10)))
    return data.tobytes()


def in_a_row(data: bytes) -> Grey:
    return np.frombuffer(data, np.uint8).reshape(1, -1)


def test_a_jpeg_that_was_cut_off_is_damaged_wherever_it_was_cut() -> None:
    data = a_jpeg()
    assert grey_from(in_a_row(data)) is not None
    for length in range(1, len(data) - 1, 37):
        assert grey_from(in_a_row(data[:length])) is None


def test_what_a_driver_leaves_behind_the_end_of_a_jpeg_does_no_harm() -> None:
    assert grey_from(in_a_row(a_jpeg() + bytes(900))) is not None


def test_a_jpeg_that_claims_to_be_huge_is_refused_by_its_header() -> None:
    data = bytearray(a_jpeg())
    size = data.index(b"\xff\xc0") + 5
    data[size : size + 4] = b"\xff\xff\xff\xff"
    assert grey_from(in_a_row(bytes(data))) is None


def test_a_driver_without_a_picture_is_damage() -> None:
    assert grey_from(None) is None


def test_the_grey_plane_of_planar_yuv_is_cut_out_of_its_padded_rows() -> None:
    planar = np.full((72, 80), 128, np.uint8)
    planar[:48, :64] = GREY
    assert is_grey(luminance_plane(planar, 64, 48))
    assert luminance_plane(planar, 96, 48) is None
    assert luminance_plane(planar, 64, 96) is None
    assert luminance_plane(planar.ravel(), 64, 48) is None
