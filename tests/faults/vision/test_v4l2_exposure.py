"""A screen far too bright before a V4L2 camera: its exposure is written until the code is read."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from config.settings import load_gate_settings
from scanner.cli.demo.setup import deploy
from scanner.gate.messages import Event, VerdictShown
from scanner.gate.status import Status
from scanner.vision.reader import QrReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Medium, Scene
from tests.faults.vision.played_camera import CHECKPOINT, Camera
from tests.faults.vision.statuses import Statuses, listening
from tests.vision_builders import a_text

SCREEN_EV = 7.0
STEPS = range(-4, 5)
READ_WITHIN_S = 10.0
EXPOSURE_AUTO, EXPOSURE_ABSOLUTE, EXPOSURE_BIAS = 0x9A0901, 0x9A0902, 0x9A0913
AUTOMATIC_BIAS = 4  # index of 0 EV in the played camera's menu


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phone at night, for each exposure that the played camera can have."""
    folder = tmp_path_factory.mktemp("frames")
    renderer = SceneRenderer(640, 360)
    scene = Scene(text=a_text(120), medium=Medium.PHONE, card_ev=SCREEN_EV, seed=3)
    for number in range(12):
        for step in STEPS:
            grey = renderer.render(scene, 1 + number / 15, number, float(step))
            assert cv2.imwrite(str(folder / f"{number}.{step}.jpg"), grey)
    return folder


@dataclass(frozen=True)
class Night:
    """The played camera at night, and what its driver was told."""

    camera: Camera
    log: Path

    def set_values(self, control: int) -> list[int]:
        pairs = (line.split() for line in self.log.read_text().splitlines())
        return [int(value) for name, value in pairs if int(name, 16) == control]


@pytest.fixture
def night(library: Path, frames: Path, tmp_path: Path) -> Night:
    log = tmp_path / "controls"
    made = Camera.at(tmp_path, library, frames, PLAYED_LIGHT="1", PLAYED_LOG=str(log))
    made.plug_in()
    return Night(made, log)


@contextmanager
def gate(night: Night, folder: Path, *, bias: bool, camera: str = "") -> Iterator[Statuses]:
    deployment = deploy(folder, [], datetime.now(UTC))
    settings = deployment.gate_settings
    text = settings.read_text()
    assert "[camera]\n" in text
    settings.write_text(text.replace("[camera]\n", f"[camera]\n{camera}\n"))
    environment = {**night.camera.environment, **({"PLAYED_BIAS": "1"} if bias else {})}
    options = ("--settings", str(settings), "--camera", str(night.camera.path))
    with subprocess.Popen([*CHECKPOINT, "run", "--headless", *options], env=environment) as process:
        try:
            with listening(load_gate_settings(settings).socket) as statuses:
                yield statuses
        finally:
            process.terminate()
            assert process.wait(timeout=10) == 0
            deployment.remove_runtime()


def events_until_read(kiosk: Statuses, limit_s: float) -> list[Event]:
    """All that is told until a code was read, or nothing for so long."""
    told: list[Event] = []
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        told.append(kiosk.next())
        if isinstance(told[-1], VerdictShown):
            break
    return told


def biases(told: list[Event]) -> set[float | None]:
    return {event.exposure_ev for event in told if isinstance(event, Status)}


def test_left_to_the_camera_this_screen_is_not_read(frames: Path) -> None:
    for number in range(12):
        grey = cv2.imread(str(frames / f"{number}.0.jpg"), cv2.IMREAD_GRAYSCALE)
        assert QrReader().read(np.asarray(grey, dtype=np.uint8)) == []


def test_the_exposure_bias_is_written_until_the_code_is_read(night: Night, tmp_path: Path) -> None:
    with gate(night, tmp_path, bias=True) as kiosk:
        told = events_until_read(kiosk, READ_WITHIN_S)
        while not isinstance(status := kiosk.next(), Status):
            pass
    assert isinstance(told[-1], VerdictShown)
    assert status.exposure_ev is not None
    assert status.exposure_ev <= -2.0
    written = night.set_values(EXPOSURE_BIAS)
    assert written[0] == AUTOMATIC_BIAS
    assert min(written) in (AUTOMATIC_BIAS - 2, AUTOMATIC_BIAS - 4)
    assert set(night.set_values(EXPOSURE_AUTO)) == {3}


def test_without_a_bias_the_exposure_time_is_taken_over(night: Night, tmp_path: Path) -> None:
    with gate(night, tmp_path, bias=False) as kiosk:
        told = events_until_read(kiosk, READ_WITHIN_S)
    assert isinstance(told[-1], VerdictShown)
    assert night.set_values(EXPOSURE_AUTO)[-1] == 1
    assert min(night.set_values(EXPOSURE_ABSOLUTE)) in (156 // 4, 10)
    assert night.set_values(EXPOSURE_BIAS) == []


@pytest.mark.parametrize(
    ("camera", "exposures"), [("exposure_us = 20000", [200]), ("steer_exposure = false", [])]
)
def test_what_the_site_has_fixed_stays(
    night: Night, tmp_path: Path, camera: str, exposures: list[int]
) -> None:
    with gate(night, tmp_path, bias=True, camera=camera) as kiosk:
        told = events_until_read(kiosk, 4.0)
    assert not any(isinstance(event, VerdictShown) for event in told)
    assert biases(told) == {None}
    assert night.set_values(EXPOSURE_BIAS) == []
    assert night.set_values(EXPOSURE_ABSOLUTE) == exposures


def test_show_says_by_what_it_is_steered(night: Night) -> None:
    for more, words in (
        ({}, "by its exposure time, -7.3 to +2.1 EV"),
        ({"PLAYED_BIAS": "1"}, "by its exposure bias, -4.0 to +4.0 EV"),
    ):
        ended = subprocess.run(
            [*CHECKPOINT, "camera", "show", str(night.camera.path), "--seconds", "0.5"],
            env={**night.camera.environment, **more, "COLUMNS": "140"},
            capture_output=True,
            check=True,
            text=True,
            timeout=60,
        )
        assert words in ended.stdout
