"""The reader on other people's photos: 97 of QR codes, and some that hold none."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.domain.errors import CameraError
from scanner.vision.reader import QrReader
from scanner.vision.sources.files import IMAGE_SUFFIXES, read_image

DATA = Path(os.environ.get("CHECKPOINT_DATA", Path(__file__).parents[3] / "shared" / "data"))
PHOTOS = DATA / "photos"

pytestmark = pytest.mark.skipif(not PHOTOS.is_dir(), reason=f"no photos in {PHOTOS}")

READER = QrReader()


def photos(folder: str) -> Iterator[Path]:
    for path in sorted((PHOTOS / folder).iterdir()):
        if path.suffix.lower() in IMAGE_SUFFIXES:
            yield path


def expected_text(photo: Path) -> str:
    data = photo.with_suffix(".txt").read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


@pytest.mark.parametrize(
    ("folder", "of", "at_least"),
    [("zxing-qrcode-1", 20, 19), ("zxing-qrcode-2", 35, 31), ("zxing-qrcode-3", 42, 41)],
)
def test_photos_are_read_exactly(folder: str, of: int, at_least: int) -> None:
    found = [
        expected_text(photo) in {code.text for code in READER.read(read_image(photo))}
        for photo in photos(folder)
    ]
    assert len(found) == of
    assert sum(found) >= at_least


def test_nothing_is_read_where_nothing_is() -> None:
    read = []
    for photo in photos("falsepositives-1"):
        try:
            read += READER.read(read_image(photo))
        except CameraError:
            assert photo.stat().st_size < 100, f"{photo.name} should be an image"
    assert read == []
