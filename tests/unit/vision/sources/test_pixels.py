"""Grey out of what cameras deliver."""

import cv2
import numpy as np

from scanner.vision.frames import Grey
from scanner.vision.sources.pixels import grey_from

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
