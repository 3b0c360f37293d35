"""A camera that goes bad under a running gate: the gate says so in 2 s and recovers by itself.

The real daemon with its ledger and its socket; only the camera's wire is played here.
"""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from config.settings import load_gate_settings
from scanner.cli.demo.setup import deploy
from scanner.cli.gate import gate_options
from scanner.gate.service import GateService
from scanner.gate.status import CameraFault, Health, Part
from scanner.ledger.device import load_or_create_device
from scanner.ledger.store import Ledger
from scanner.vision.frames import DamagedFrameError, Frame, FrameSource, Grey
from tests.faults.vision.statuses import RECOVERS_S, SAYS_SO_S, Statuses, listening
from tests.vision_builders import unplugged

FPS = 15


class Mood(Enum):
    """What is the matter with the camera."""

    LIVE = auto()
    UNPLUGGED = auto()
    SILENT = auto()
    FROZEN = auto()
    COVERED = auto()
    CUT_OFF = auto()
    WRONG_SHAPE = auto()


class Wire:
    """The cable that a test pulls; each opening of the camera reads from it."""

    def __init__(self) -> None:
        self.mood = Mood.LIVE
        self.opened = 0
        self._random = np.random.default_rng(7)
        self._still = self.noisy(120)

    def open(self) -> FrameSource:
        if self.mood is Mood.UNPLUGGED:
            raise unplugged()
        self.opened += 1
        return PlayedCamera(self)

    def noisy(self, level: int) -> Grey:
        noise = self._random.normal(level, 3.0, (180, 320))
        return np.clip(noise, 0, 255).astype(np.uint8)

    def picture(self) -> Grey:
        match self.mood:
            case Mood.UNPLUGGED:
                raise unplugged()
            case Mood.CUT_OFF:
                raise DamagedFrameError("A picture was cut off.")
            case Mood.FROZEN:
                return self._still
            case Mood.COVERED:
                return self.noisy(6)
            case Mood.WRONG_SHAPE:
                return np.zeros((0, 0), np.uint8)
            case _:
                return self.noisy(120)


class PlayedCamera(FrameSource):
    """Fifteen frames a second, in the mood of its wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._closed = threading.Event()
        self._number = 0

    @property
    def name(self) -> str:
        return "played"

    def read(self) -> Frame | None:
        self._closed.wait(1 / FPS)
        while self._wire.mood is Mood.SILENT and not self._closed.is_set():
            self._closed.wait(0.02)
        if self._closed.is_set():
            return None
        self._number += 1
        return Frame(self._wire.picture(), time.monotonic(), self._number - 1)

    def close(self) -> None:
        self._closed.set()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def kiosk(tmp_path: Path, wire: Wire) -> Iterator[Statuses]:
    deployment = deploy(tmp_path, [], datetime.now(UTC))
    settings = load_gate_settings(deployment.gate_settings)
    options = replace(gate_options(settings), open_camera=wire.open)
    device = load_or_create_device(settings.device_key)
    stop, running = threading.Event(), threading.Event()

    def serve() -> None:
        with Ledger.open(settings.ledger, device.device_id) as ledger:
            service = GateService(options, ledger)
            running.set()
            service.run(stop)

    gate = threading.Thread(target=serve)
    gate.start()
    assert running.wait(10)
    try:
        with listening(settings.socket) as statuses:
            yield statuses
    finally:
        stop.set()
        gate.join(10)
        deployment.remove_runtime()


@pytest.mark.parametrize(
    ("mood", "fault"),
    [
        (Mood.UNPLUGGED, CameraFault.FAILED),
        (Mood.SILENT, CameraFault.LATE),
        (Mood.FROZEN, CameraFault.FROZEN),
        (Mood.COVERED, CameraFault.BLACK),
        (Mood.CUT_OFF, CameraFault.DAMAGED),
        (Mood.WRONG_SHAPE, CameraFault.DAMAGED),
    ],
)
def test_the_gate_says_so_within_two_seconds_and_recovers_without_a_restart(
    kiosk: Statuses, wire: Wire, mood: Mood, fault: CameraFault
) -> None:
    well, _ = kiosk.until(None, RECOVERS_S)
    assert well.parts[Part.CAMERA] is Health.WELL

    wire.mood = mood
    told, took_s = kiosk.until(fault, RECOVERS_S)
    assert told.parts[Part.CAMERA] is Health.FAULT
    assert took_s < SAYS_SO_S

    wire.mood = Mood.LIVE
    again, _ = kiosk.until(None, RECOVERS_S)
    assert again.parts[Part.CAMERA] is Health.WELL
    assert (again.frames_damaged > 0) is (fault is CameraFault.DAMAGED)
    assert (again.camera_failures > 0) is (mood is Mood.UNPLUGGED)


def test_a_camera_that_stays_away_is_found_when_it_is_plugged_in_again(
    kiosk: Statuses, wire: Wire
) -> None:
    kiosk.until(None, RECOVERS_S)
    for times in range(1, 3):
        wire.mood = Mood.UNPLUGGED
        kiosk.until(CameraFault.FAILED, SAYS_SO_S)
        wire.mood = Mood.LIVE
        kiosk.until(None, RECOVERS_S)
        assert wire.opened == times + 1
