"""A whole gate for the acceptance table: from a rendered frame to the line on the card.

The lens is the simulated camera's renderer and the clock is told; everything between them is the
gate's own: reader, store of signed bundles, matrix and rules as shipped, pipeline, ledger.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from config.settings import GateSettings, Paths, Site, Trust
from scanner.cli.gate import gate_options
from scanner.domain.entries import Entry, EntryType
from scanner.gate.doorway import Doorway
from scanner.gate.in_force import InForce, Renewal
from scanner.gate.instant import Instant
from scanner.gate.messages import Command, Event, VerdictShown
from scanner.gate.pipeline import Pipeline
from scanner.gate.recorder import Recorder
from scanner.issuing.keys import IssuerKey
from scanner.issuing.pilot_repository import PUBLISHER, REPOSITORY, ROOT, publish_pilot
from scanner.ledger.device import Device
from scanner.ledger.store import Ledger
from scanner.trust.bundle.layout import policy_role, rules_path
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore, Origin
from scanner.trust.bundle.update import update
from scanner.vision.frames import Frame
from scanner.vision.reader import StreamReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import EMPTY_GATE, Condition, Medium, Scene
from tests.sync_builders import a_device, wait_until

SIZE: Final = (1280, 720)
_FPS: Final = 15
_SECONDS_TO_READ: Final = 3
_STANDING_S: Final = 0.5


class Checkpoint:
    """One gate, and the people who come before its lens.

    Args:
        folder: of this gate and its publisher.
        keys: of the issuers that the first bundle names.
        site: where the gate stands.
        at: its time when the first person comes.
        layers: rules by layer, as their offices write them; all of them travel in the bundle.
    """

    def __init__(
        self,
        folder: Path,
        keys: Iterable[IssuerKey],
        site: Site,
        at: datetime,
        layers: Mapping[str, str],
    ) -> None:
        self._layers = layers
        self._at = at
        self._seconds = 100.0
        self._frames = 0
        self._lens = SceneRenderer(*SIZE)
        self._reader = StreamReader(budget_s=1.0)
        self.folder = folder
        self.device: Device = a_device()
        (folder / "run").mkdir()
        self.ledger = Ledger.open(folder / "ledger.db", self.device.device_id)
        settings = GateSettings(
            site=site,
            paths=Paths(state=folder, runtime=folder / "run"),
            trust=Trust(folder=folder / "trust", root=folder / ROOT, sticks=()),
        )
        options = gate_options(settings)
        self._place = options.place
        self.publishes(keys, Origin.HUB)
        self._in_force = InForce(options, None)
        self._recorder = Recorder(self.ledger, folder / "run", sealing_key=None)
        self.pipeline = Pipeline(
            self._in_force.rules,
            self._in_force.store,
            self._recorder,
            options.timing,
        )
        self._take_up()
        door = options.door
        doorway = Doorway(door, self.ledger, folder / "run", self.now()) if door else None
        self.pipeline.start([], self.now(), "1.0", doorway)

    def now(self) -> Instant:
        at = self._at + timedelta(seconds=self._seconds - 100)
        return Instant(at, is_sure=True, mono_s=self._seconds, boot="boot")

    def publishes(self, keys: Iterable[IssuerKey], way: Origin) -> None:
        """A bundle with these issuers is signed and brought into the gate's store."""
        issued_at = self.now().at - timedelta(minutes=1)
        publisher = publish_pilot(self.folder, tuple(keys), issued_at)
        for layer, rules in self._layers.items():
            publisher.put(policy_role(layer), rules_path(layer), rules.encode(), issued_at)
        publisher.save_keys(self.folder / PUBLISHER)
        publisher.publish(self.folder / REPOSITORY, issued_at)
        store = BundleStore(self.folder / "trust")
        update(store, FolderSource(self.folder / REPOSITORY), publisher.pinned_root, origin=way)

    def looks_for_news(self) -> None:
        """What the gate does each second, until it has verified a bundle that came."""
        renewals: list[Renewal] = []

        def has_come() -> bool:
            renewals.extend(filter(None, [self._in_force.renew()]))
            return bool(renewals)

        wait_until(has_come)
        self._take_up()
        assert renewals[0].event is not None
        self.pipeline.trust_changed(renewals[0].event, self.now())

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

    def card(self) -> bytes:
        """Every byte that the gate has on its card of what happened."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("ledger.db*")))

    def _take_up(self) -> None:
        judge = self.pipeline.judge
        judge.rules, judge.trust = self._in_force.rules, self._in_force.store
        judge.host, judge.place = self._in_force.host, self._place

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
