"""Reader, looks and exposure as the gate joins them, before a simulated lens."""

from dataclasses import dataclass, field

from scanner.vision.exposure import ExposureWatch
from scanner.vision.faults import Watch
from scanner.vision.frames import Frame
from scanner.vision.looks import Looks
from scanner.vision.reader import StreamReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.simulated import SimulatedDial
from scanner.vision.sources.stage import Medium, Scene
from tests.vision_builders import a_text

FPS = 15
BEFORE = 6
"""Frames of the empty gate before a card comes."""


def at_night(seed: int, medium: Medium, card_ev: float) -> Scene:
    return Scene(text=a_text(600, seed), medium=medium, card_ev=card_ev, seed=seed)


@dataclass
class Gate:
    """What it has read and asked for, frame by frame."""

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
