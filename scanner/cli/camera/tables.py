"""Cameras and surveys as tables for a person and as JSON for a program."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.table import Table

from scanner.cli.camera.survey import Survey
from scanner.vision.sources.v4l2_devices import CameraDevice, DeliveredMode

NONE_FOUND = (
    "No camera was found on this machine: no V4L2 device under /dev/video*, and no ribbon camera "
    "(that takes picamera2, on Raspberry Pi OS: apt install python3-picamera2).\n"
    "A file, a folder, a stream (rtsp://...) or simulated:FOLDER works without one."
)


def as_json(value: object) -> str:
    """One line of JSON."""
    return msgspec.json.encode(value, enc_hook=_encode_path).decode()


def cameras_table(devices: Sequence[CameraDevice], ribbons: Sequence[str]) -> Table:
    """One row a camera, one line a picture size."""
    table = Table("source", "camera", "delivers", box=None, pad_edge=False)
    for device in devices:
        source = device.stable or str(device.path)
        modes = "\n".join(_mode(mode) for mode in device.modes)
        table.add_row(source, device.name or "?", device.trouble or modes or "nothing it lists")
    for number, model in enumerate(ribbons):
        table.add_row(f"csi:{number}", model, "any size up to its own, through picamera2")
    return table


def survey_table(found: Survey) -> Table:
    """One row a figure, then one row a control."""
    table = Table("what", "asked", "got", "", box=None, pad_edge=False, title=found.source)
    code = f"{found.px_per_module:.1f}" if found.px_per_module else "no code in view"
    for name, got in (
        ("picture", f"{found.width}x{found.height}"),
        ("frames", f"{found.frames} whole, {found.damaged} damaged"),
        ("frames a second", f"{found.fps:.1f}"),
        ("mean brightness", f"{found.brightness:.0f} of 255"),
        ("sharpness", f"{found.focus:.0f}"),
        ("noise", f"{found.noise:.1f} grey levels"),
        ("pixels per module", code),
        ("fault", found.fault.value if found.fault else "none"),
    ):
        table.add_row(name, "", got, "")
    for control in found.controls:
        table.add_row(control.name, control.asked, control.got, "" if control.granted else "!")
    return table


def _mode(mode: DeliveredMode) -> str:
    rates = ", ".join(f"{fps:g}" for fps in mode.fps)
    size = f"{'up to ' if mode.up_to else ''}{mode.width}x{mode.height}"
    return f"{mode.fourcc} {size}" + (f" at {rates}/s" if rates else "")


def _encode_path(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
