"""A whole gate for the acceptance table: from a rendered frame to the line on the card.

The lens is the simulated camera's renderer, the clock is told; everything between them is the
gate's own: reader, signed bundle from disk, matrix and rules as shipped, pipeline, ledger.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from config.recognition import load_recognition
from scanner.domain.entries import Entry, EntryType
from scanner.gate.instant import Instant
from scanner.gate.messages import Command, Event, VerdictShown
from scanner.gate.pipeline import Pipeline
from scanner.gate.recorder import Recorder
from scanner.gate.visits import Timing
from scanner.issuing.keys import IssuerKey
from scanner.issuing.pilot_repository import publish_pilot
from scanner.ledger.store import Ledger
from scanner.policy.recognition import HostRecognition
from scanner.policy.rules import RuleSet
from scanner.trust.aged_bundle import AgedBundle, Lamps
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.staleness import Limits
from scanner.vision.frames import Frame
from scanner.vision.reader import StreamReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import EMPTY_GATE, Condition, Medium, Scene

SIZE: Final = (1280, 720)
_FPS: Final = 15
_SECONDS_TO_READ: Final = 3
_STANDING_S: Final = 0.5


class Checkpoint:
    """One gate, and the people who come before its lens.

    Args:
        folder: for the bundle and the ledger.
        keys: of the issuers that the bundle names.
        division: where the gate stands.
        at: its time when the first person comes.
        rules: of the site.
    """

    def __init__(
        self,
        folder: Path,
        keys: Iterable[IssuerKey],
        division: str,
        at: datetime,
        rules: RuleSet,
    ) -> None:
        self._at = at
        self._seconds = 100.0
        self._frames = 0
        self._lens = SceneRenderer(*SIZE)
        self._reader = StreamReader(budget_s=1.0)
        self.ledger = Ledger.open(folder / "ledger.db", "d-0123456789abcdef")
        self._recorder = Recorder(self.ledger, folder, sealing_key=None)
        self._pinned = publish_pilot(folder, tuple(keys), at - timedelta(hours=1)).pinned_root
        bundle = load_bundle(folder / "repository", self._pinned)
        self.pipeline = Pipeline(
            rules, AgedBundle(bundle, Limits(), Lamps()), self._recorder, Timing()
        )
        self.pipeline.judge.host = HostRecognition(load_recognition(), division)
        self.pipeline.start([], self.now(), "1.0")

    def now(self) -> Instant:
        at = self._at + timedelta(seconds=self._seconds - 100)
        return Instant(at, is_sure=True, mono_s=self._seconds, boot="boot")

    def shows(
        self, text: str, medium: Medium = Medium.PHONE, condition: Condition = Condition.CLEAN
    ) -> list[Event]:
        """Hold a code before the lens until something comes of it, then go."""
        scene = Scene(text=text, medium=medium, condition=condition, seed=7)
        events = self._looks(scene, _SECONDS_TO_READ * _FPS)
        self._looks(EMPTY_GATE, _FPS)
        return events

    def waits(self, seconds: float) -> list[Event]:
        self._seconds += seconds
        return self.pipeline.tick(self.now())

    def does(self, command: Command) -> list[Event]:
        self._seconds += 1
        return self.pipeline.command(command, self.now())

    def entries(self) -> list[Entry]:
        """Everything recorded so far, without the START line."""
        return [entry for entry in self.ledger.latest(1000) if entry.type is not EntryType.START]

    def _looks(self, scene: Scene, frames: int) -> list[Event]:
        """Frames of one scene, until one of them makes an event."""
        for shown in range(frames):
            self._seconds += 1 / _FPS
            grey = self._lens.render(scene, _STANDING_S + shown / _FPS, self._frames)
            frame = Frame(grey, self._seconds, self._frames)
            self._frames += 1
            codes = self._reader.read(frame)
            events = self.pipeline.codes(codes, SIZE, frame.captured_s, self.now)
            if any(isinstance(event, VerdictShown) for event in events):
                return events
            self.pipeline.tick(self.now())
        return []
