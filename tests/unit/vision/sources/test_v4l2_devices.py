"""What a camera lists of itself."""

from pathlib import Path

from scanner.vision.sources import v4l2_abi as abi
from scanner.vision.sources.v4l2_abi import Request
from scanner.vision.sources.v4l2_devices import DeliveredMode, list_cameras, modes_of
from tests.unit.vision.sources.v4l2_driver import METADATA, Driver, a_webcam


def capability(driver: Driver) -> abi.Capability:
    buffer = abi.capability_buffer()
    driver(Request.QUERYCAP, buffer)
    return abi.capability(buffer)


def test_a_webcam_lists_formats_sizes_and_rates() -> None:
    assert modes_of(a_webcam()) == (
        DeliveredMode("MJPG", 1280, 720, (30, 15)),
        DeliveredMode("MJPG", 640, 480, (30,)),
        DeliveredMode("YUYV", 640, 480, (30, 7.5)),
    )


def test_a_camera_with_any_size_up_to_its_largest_is_told_as_that() -> None:
    camera = Driver(modes={"YUYV": {(1920, 1080): [(1, 30)]}}, stepwise=(1920, 1080))
    assert modes_of(camera) == (DeliveredMode("YUYV", 1920, 1080, (30,), up_to=True),)


def test_a_camera_that_lists_without_end_is_not_believed_for_ever() -> None:
    def endless(request: Request, buffer: bytearray) -> None:
        if request is Request.ENUM_FMT:
            buffer[44:48] = b"MJPG"
        elif request is Request.ENUM_FRAMESIZES:
            buffer[8:20] = (1).to_bytes(4, "little") * 3

    assert len(modes_of(endless)) == 64 * 64


def test_only_the_node_that_captures_is_a_camera() -> None:
    assert capability(a_webcam()) == abi.Capability("HD Webcam", "usb-1.2", captures=True)
    assert not capability(Driver(node=METADATA)).captures


def test_a_name_from_firmware_is_cut_to_what_can_be_printed() -> None:
    name = b"Cam\x1b[2J\xff\n era\0rubbish"
    assert capability(Driver(card=name)).card == "Cam[2J era"


def test_a_machine_without_cameras_lists_none(tmp_path: Path) -> None:
    assert list_cameras(tmp_path) == []


def test_a_node_that_is_no_device_is_listed_with_its_trouble_and_its_stable_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "v4l/by-id").mkdir(parents=True)
    for number in (10, 2):
        (tmp_path / f"video{number}").write_bytes(b"")
    link = tmp_path / "v4l/by-id/usb-Webcam-index0"
    link.symlink_to(tmp_path / "video2")
    first, second = list_cameras(tmp_path)
    assert (first.path.name, second.path.name) == ("video2", "video10")
    assert (first.stable, second.stable) == (str(link), "")
    assert first.trouble.startswith("it cannot be asked: ")
