"""The whole daemon before somebody who stands too far away and then comes closer."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.cli.demo.setup import Deployment, deploy
from scanner.domain.hints import Hint
from scanner.domain.verdicts import Decision
from scanner.gate.messages import HintShown, VerdictShown
from scanner.log import FIELDS
from scanner.vision.sources.stage import Medium, Scene
from tests.hint_frames import Holder, a_scene
from tests.integration.peripherals.test_gate import (
    ZHEJIANG,
    begins_now,  # noqa: F401 - a fixture
    code,
    now,
    running,
    scans,
    settings_with,
)
from tests.vision_builders import a_video_file

FPS = 10


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    made = deploy(tmp_path, [ZHEJIANG], now())
    yield made
    made.remove_runtime()


def test_closer_is_said_until_the_code_is_read_and_nothing_of_it_is_kept(
    deployment: Deployment, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    far, near = Holder(a_scene(), 0.2), Holder(Scene(text=code(1), medium=Medium.PHONE, seed=1))
    frames = [far.frame(1 + number / FPS, number) for number in range(4 * FPS)]
    frames += [near.frame(1 + number / FPS, number) for number in range(FPS)]
    camera = a_video_file(tmp_path / "camera.avi", frames, FPS)
    settings = settings_with(deployment, str(camera))
    with caplog.at_level(logging.INFO), running(settings) as kiosk:
        heard = []
        while not isinstance(event := kiosk.hears(lambda _event: True), VerdictShown):
            if isinstance(event, HintShown):
                heard.append(event.hint)
    assert heard == [Hint.CLOSER]
    assert event.decision is Decision.ADMIT
    assert scans(settings) == [Decision.ADMIT]
    events = [(record.getMessage(), vars(record).get(FIELDS)) for record in caplog.records]
    assert "gate_started" in [name for name, _fields in events]
    assert not [event for event in events if "hint" in str(event)]
