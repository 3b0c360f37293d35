"""Images, folders and videos on a real disk."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanner.domain.errors import CameraError
from scanner.vision.frames import Frame, FrameSource
from scanner.vision.reader import QrReader
from scanner.vision.sources.files import (
    MAX_BYTES,
    ImageFilesSource,
    VideoFileSource,
    decode_image,
    playing_speed,
    read_image,
)
from tests.vision_builders import a_frame_with, a_picture, a_video_file, an_image_file


def all_frames(source: FrameSource) -> list[Frame]:
    with source:
        return list(iter(source.read, None))


def a_png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp"])
def test_one_image_is_one_frame(tmp_path: Path, suffix: str) -> None:
    path = an_image_file(tmp_path / f"code{suffix}", a_picture("ONE IMAGE"))
    [frame] = all_frames(ImageFilesSource(path))
    assert [code.text for code in QrReader().read(frame.grey)] == ["ONE IMAGE"]


def test_a_folder_is_shown_in_the_order_of_its_names(tmp_path: Path) -> None:
    for level, name in ((30, "c.png"), (10, "a.png"), (20, "b.jpg")):
        an_image_file(tmp_path / name, np.full((8, 8), level, np.uint8))
    (tmp_path / "notes.txt").write_text("no image")
    frames = all_frames(ImageFilesSource(tmp_path))
    assert [int(frame.grey[0, 0]) for frame in frames] == [10, 20, 30]
    assert [frame.number for frame in frames] == [0, 1, 2]


def test_images_are_shown_at_the_rate_that_was_asked_for(tmp_path: Path) -> None:
    for name in "abcd":
        an_image_file(tmp_path / f"{name}.png", np.zeros((8, 8), np.uint8))
    times = [frame.captured_s for frame in all_frames(ImageFilesSource(tmp_path, fps=50))]
    assert 0.05 < times[-1] - times[0] < 2


def test_a_damaged_image_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    an_image_file(tmp_path / "a.png", np.zeros((8, 8), np.uint8))
    (tmp_path / "b.png").write_bytes(b"no image at all")
    an_image_file(tmp_path / "c.png", np.zeros((8, 8), np.uint8))
    assert len(all_frames(ImageFilesSource(tmp_path))) == 2


def test_what_is_transparent_counts_as_paper(tmp_path: Path) -> None:
    black = Image.fromarray(np.zeros_like(a_picture("GLASS")))
    black.putalpha(Image.fromarray(np.bitwise_not(a_picture("GLASS"))))
    black.save(tmp_path / "glass.png")
    [code] = QrReader().read(read_image(tmp_path / "glass.png"))
    assert code.text == "GLASS"


def test_a_missing_image_is_named(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"gone\.png cannot be read: No such file"):
        ImageFilesSource(tmp_path / "gone.png").read()


def test_a_folder_without_images_says_what_images_are(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"holds no images\. Images end in .*\.png"):
        ImageFilesSource(tmp_path)


@pytest.mark.parametrize("data", [b"", b"GIF", b"no image", b"%PDF-1.4", b"<svg/>"])
def test_other_files_are_no_images(data: bytes) -> None:
    with pytest.raises(CameraError, match=r"x\.png is no image\."):
        decode_image(data, "x.png")


def test_a_cut_off_image_is_damaged(tmp_path: Path) -> None:
    data = an_image_file(tmp_path / "whole.png", a_picture("WHOLE")).read_bytes()
    with pytest.raises(CameraError, match="is damaged"):
        decode_image(data[: len(data) // 2], "cut.png")


@pytest.mark.parametrize("side", [7_100, 60_000])
def test_a_picture_that_would_unpack_to_too_much_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(CameraError, match=r"more than 64 MB or 50,000,000 pixels"):
        decode_image(a_png_that_claims(side, side), "bomb.png")


def test_a_header_within_the_cap_is_judged_by_its_pixels() -> None:
    with pytest.raises(CameraError, match="is damaged"):
        decode_image(a_png_that_claims(640, 480), "short.png")


def test_a_file_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 10)  # sparse: takes no room on the disk
    with pytest.raises(CameraError, match="more than 64 MB"):
        read_image(huge)


def test_a_video_is_played_from_its_first_frame_to_its_last(tmp_path: Path) -> None:
    pictures = [a_frame_with(a_picture(f"FRAME {n}"), 40, 40, (320, 240)) for n in range(6)]
    path = a_video_file(tmp_path / "queue.avi", pictures)
    frames = all_frames(VideoFileSource(path, paced=False))
    texts = [code.text for frame in frames for code in QrReader().read(frame.grey)]
    assert texts == [f"FRAME {n}" for n in range(6)]
    assert [frame.number for frame in frames] == list(range(6))


def test_a_paced_video_keeps_its_own_speed(tmp_path: Path) -> None:
    path = a_video_file(tmp_path / "slow.avi", [np.zeros((48, 64), np.uint8)] * 11, fps=25)
    times = [frame.captured_s for frame in all_frames(VideoFileSource(path))]
    # Nine periods are 0.36 s; a busy machine may start late.
    assert 0.2 < times[-1] - times[1] < 2


def test_a_video_can_be_closed_twice_and_delivers_nothing_then(tmp_path: Path) -> None:
    source = VideoFileSource(a_video_file(tmp_path / "v.avi", [np.zeros((48, 64), np.uint8)] * 5))
    source.close()
    source.close()
    assert source.read() is None


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("no video")
    with pytest.raises(CameraError, match="is not a video that can be played"):
        VideoFileSource(path)
    with pytest.raises(CameraError, match="There is no video file"):
        VideoFileSource(tmp_path / "gone.mp4")


@pytest.mark.parametrize(
    ("stated", "played"),
    [(15.0, 15.0), (0.0, 25.0), (-1.0, 25.0), (90_000.0, 25.0), (float("nan"), 25.0)],
)
def test_unbelievable_frame_rates_are_replaced(stated: float, played: float) -> None:
    assert playing_speed(stated) == played
