"""The whole loop on rendered frames: what cannot be read becomes readable by steering alone."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from scanner.vision.exposure import LINGER_S, ExposureWatch
from scanner.vision.faults import Fault, Watch
from scanner.vision.frames import Frame
from scanner.vision.looks import Looks
from scanner.vision.reader import StreamReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.simulated import SimulatedDial
from scanner.vision.sources.stage import Medium, Scene
from tests.vision_builders import a_text

FPS = 15
BEFORE = 6  # frames of the empty gate before a card comes
PHONE_WITHIN = 16
PAPER_WITHIN = 28


def at_night(seed: int, medium: Medium, card_ev: float) -> Scene:
    return Scene(text=a_text(600, seed), medium=medium, card_ev=card_ev, seed=seed)


@dataclass
class Gate:
    """Reader, looks and exposure as the gate joins them, before a simulated lens."""

    is_steered: bool = True
    biases: list[float] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.renderer = SceneRenderer(1280, 720)
        self.reader, self.looks = StreamReader(budget_s=1.0), Looks()
        self.exposure, self.dial = ExposureWatch(), SimulatedDial()
        self.watch = Watch.begin(0.0)

    def read_after(self, scene: Scene, frames: int, since_s: float = 0.0) -> int | None:
        """How many frames of a scene came before one was read; None when none was."""
        first = None
        for shown in range(frames):
            if self._read_one(scene, since_s + shown / FPS) and first is None:
                first = shown
        return first

    def _read_one(self, scene: Scene, since_s: float) -> bool:
        at_s = self.number / FPS
        bias_ev = self.dial.next_frame()
        grey = self.renderer.render(scene, since_s, self.number, bias_ev)
        self.watch = self.watch.seen(grey, at_s)
        frame = Frame(grey, at_s, self.number)
        self.number += 1
        codes = self.reader.read(frame)
        if codes:
            self.looks.rest()
        measures = None if codes else self.looks.look(frame, self.reader.unread)
        if self.is_steered:
            span, unread = self.dial.span, self.reader.unread
            self.dial.turn(self.exposure.look(frame, codes, unread, measures, span))
        self.biases.append(bias_ev)
        return bool(codes)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("medium", "card_ev", "within"),
    [(Medium.PHONE, 7.0, PHONE_WITHIN), (Medium.PAPER, -8.0, PAPER_WITHIN)],
)
def test_what_the_cameras_own_exposure_loses_is_read_within_so_many_frames(
    medium: Medium, card_ev: float, within: int, seed: int
) -> None:
    scene = at_night(seed, medium, card_ev)
    left_alone, steered = Gate(is_steered=False), Gate()
    for gate in (left_alone, steered):
        gate.read_after(Scene(seed=seed), BEFORE, since_s=9.0)
    assert left_alone.read_after(scene, within + 1) is None
    read_after = steered.read_after(scene, within + 1)
    assert read_after is not None
    assert read_after <= within


def test_a_code_in_good_light_leaves_the_exposure_to_the_camera() -> None:
    for medium in (Medium.PHONE, Medium.PAPER):
        gate = Gate()
        assert gate.read_after(at_night(1, medium, 0.0), 20) is not None
        assert set(gate.biases) == {0.0}


def test_an_empty_gate_is_never_steered_and_no_way_home_looks_like_a_covered_lens() -> None:
    gate = Gate()
    gate.read_after(Scene(seed=1), 2 * FPS, since_s=9.0)
    assert set(gate.biases) == {0.0}
    assert gate.read_after(at_night(1, Medium.PHONE, 7.0), 30) is not None
    for _ in range(round((LINGER_S + 6) * FPS)):
        gate.read_after(Scene(seed=1), 1, since_s=9.0)
        assert gate.watch.fault is not Fault.BLACK
    assert gate.biases[-1] == 0.0
    ups = [later - sooner for sooner, later in pairwise(gate.biases) if later > sooner]
    assert ups
