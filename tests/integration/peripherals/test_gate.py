"""The whole daemon with a serial scanner on a pseudo-terminal: cable to ledger entry."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from config.settings import GateSettings, load_gate_settings
from scanner.cli.demo.setup import Deployment, deploy
from scanner.cli.gate import gate_options
from scanner.domain.entries import EntryType
from scanner.domain.errors import SettingsError
from scanner.domain.passes import HEALTH_CODE, Colour, PassClaims, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.gate.framing import receive
from scanner.gate.messages import Event, TrustChanged, TrustTopic, VerdictShown, decode_event
from scanner.gate.service import GateService
from scanner.gate.status import Health, Part, Status
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.issuing.picture import qr_png
from scanner.issuing.pilot_repository import REPOSITORY, ROOT, publish_pilot
from scanner.ledger.store import Ledger
from scanner.trust.bundle.layout import RECOGNITION
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from tests.scanner_builders import Cable

ZHEJIANG = IssuerKey.generate("33")
TIBET_TAKES_ZHEJIANG = b"""
version = "b-2"
[[row]]
host = "54"
issuer = "33"
mode = "verify"
"""


@cache
def now() -> datetime:
    """When this test began: a code of the start of a long run would be too old by now."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def begins_now() -> None:
    now.cache_clear()


def code(serial: int, colour: Colour = Colour.GREEN) -> str:
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer="33",
        colour=colour,
        issued_at=now(),
        expires_at=now() + timedelta(minutes=10),
        code_id=serial.to_bytes(8, "big"),
    )
    return issue_health_code(claims, ZHEJIANG)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    made = deploy(tmp_path, [ZHEJIANG], now())
    yield made
    made.remove_runtime()


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(tmp_path / "ttyACM0")
    yield cable
    cable.unplug()


def settings_with(deployment: Deployment, camera: str, *devices: str) -> GateSettings:
    text = deployment.gate_settings.read_text("utf-8")
    text = text.replace(f"simulated:{deployment.stage}", camera)
    listed = ", ".join(f'"{device}"' for device in devices)
    path = deployment.folder / "with-scanner.toml"
    path.write_text(f"{text}\n[scanner]\ndevices = [{listed}]\n", "utf-8")
    return load_gate_settings(path)


class Kiosk:
    """Hears what the gate says."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream

    def hears(self, what: Callable[[Event], bool]) -> Event:
        """The next event of that kind."""
        while True:
            body = receive(self._stream)
            assert body is not None
            event = decode_event(body)
            if what(event):
                return event

    def hears_trust_change(self) -> TrustChanged:
        event = self.hears(lambda event: isinstance(event, TrustChanged))
        assert isinstance(event, TrustChanged)
        return event

    def hears_verdict(self) -> VerdictShown:
        event = self.hears(lambda event: isinstance(event, VerdictShown))
        assert isinstance(event, VerdictShown)
        return event

    def hears_scanner_is(self, health: Health) -> Status:
        event = self.hears(
            lambda event: isinstance(event, Status) and event.parts.get(Part.SCANNER) is health
        )
        assert isinstance(event, Status)
        return event

    def hears_keys_are(self, health: Health) -> None:
        self.hears(lambda event: isinstance(event, Status) and event.parts[Part.KEYS] is health)

    def hears_people(self, *, checked: int, admitted: int) -> None:
        self.hears(
            lambda event: (
                isinstance(event, Status) and (event.checked, event.admitted) == (checked, admitted)
            )
        )


def a_held_up_picture(deployment: Deployment) -> str:
    """A yellow code, as a camera would see it."""
    picture = deployment.folder / "held-up.png"
    picture.write_bytes(qr_png(code(1, Colour.YELLOW)))
    return str(picture)


@contextmanager
def running(settings: GateSettings) -> Iterator[Kiosk]:
    settings.paths.state.mkdir(exist_ok=True)
    stop = threading.Event()
    with Ledger.open(settings.ledger, "d-0123456789abcdef") as ledger:
        service = GateService(gate_options(settings), ledger)
        thread = threading.Thread(target=service.run, args=(stop,))
        thread.start()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
                stream.settimeout(10)
                _connect(stream, settings.socket)
                yield Kiosk(stream)
        finally:
            stop.set()
            thread.join()


def _connect(stream: socket.socket, path: Path) -> None:
    waiting = threading.Event()
    for _ in range(500):
        if path.is_socket():
            break
        waiting.wait(0.01)
    stream.connect(str(path))


def scans(settings: GateSettings) -> list[Decision | None]:
    with Ledger.open(settings.ledger, "d-0123456789abcdef") as ledger:
        return [entry.decision for entry in ledger.latest(100) if entry.type is EntryType.SCAN]


def test_a_gate_with_a_scanner_alone_decides_and_outlives_its_cable(
    deployment: Deployment, cable: Cable
) -> None:
    settings = settings_with(deployment, "none", f"serial:{cable.path}")
    with running(settings) as kiosk:
        status = kiosk.hears_scanner_is(Health.WELL)
        assert Part.CAMERA not in status.parts
        assert status.camera_fault is None
        cable.send(code(1).encode() + b"\r\n")
        shown = kiosk.hears_verdict()
        assert (shown.decision, shown.recorded) == (Decision.ADMIT, True)
        assert 0 < shown.frame_to_verdict_ms < 1000
        cable.unplug()
        kiosk.hears_scanner_is(Health.FAULT)
        cable.plug_in()
        kiosk.hears_scanner_is(Health.WELL)
        cable.send(code(2, Colour.RED).encode() + b"\r\n")
        assert kiosk.hears_verdict().decision is Decision.REFUSE
    assert scans(settings) == [Decision.ADMIT, Decision.REFUSE]


def test_camera_and_scanner_feed_one_ledger(deployment: Deployment, cable: Cable) -> None:
    settings = settings_with(deployment, a_held_up_picture(deployment), f"serial:{cable.path}")
    with running(settings) as kiosk:
        assert Part.CAMERA in kiosk.hears_scanner_is(Health.WELL).parts
        cable.send(code(2).encode() + b"\r\n")
        kiosk.hears_people(checked=1, admitted=1)
    assert set(scans(settings)) == {Decision.CHECK, Decision.ADMIT}


def test_a_scanner_that_is_missing_does_not_stop_the_camera(deployment: Deployment) -> None:
    absent = "wedge:/dev/input/by-id/absent-event-kbd"
    settings = settings_with(deployment, a_held_up_picture(deployment), absent)
    with running(settings) as kiosk:
        kiosk.hears_scanner_is(Health.FAULT)
        kiosk.hears_people(checked=1, admitted=0)
    assert scans(settings) == [Decision.CHECK]


def test_where_the_gate_stands_and_a_bundles_matrix_decide_whose_codes_count(
    deployment: Deployment, cable: Cable
) -> None:
    text = deployment.gate_settings.read_text("utf-8")
    placed = text.replace("[site]", '[site]\ndivision = "540102"')
    deployment.gate_settings.write_text(placed, "utf-8")
    settings = settings_with(deployment, "none", f"serial:{cable.path}")
    with running(settings) as kiosk:
        kiosk.hears_scanner_is(Health.WELL)
        cable.send(code(1).encode() + b"\r\n")
        assert kiosk.hears_verdict().reasons == (Reason.NOT_RECOGNISED,)
        _publish(
            deployment, b'version = "b-2"\n[[row]]\nhost = "54"\nissuer = "33"\nmode = "verify"'
        )
        assert kiosk.hears_trust_change().topics == (TrustTopic.RECOGNITION,)
        cable.send(code(2).encode() + b"\r\n")
        assert kiosk.hears_verdict().decision is Decision.ADMIT
        _publish(deployment, b'version = "b-3"\n[[row]]\nhost = "54"')
        kiosk.hears(
            lambda event: isinstance(event, Status) and event.parts[Part.KEYS] is Health.WARNING
        )
        cable.send(code(3).encode() + b"\r\n")
        assert kiosk.hears_verdict().decision is Decision.ADMIT
    with Ledger.open(settings.ledger, "d-0123456789abcdef") as ledger:
        policies = [e.policy for e in ledger.latest(100) if e.type is EntryType.SCAN]
    assert policies == ["default-1 / mutual-2020-04", "default-1 / b-2", "default-1 / b-2"]


def _publish(deployment: Deployment, matrix: bytes) -> None:
    """A bundle with this matrix comes to the gate's store."""
    folder = deployment.folder
    publisher = publish_pilot(folder, [ZHEJIANG], now())
    publisher.put("targets", RECOGNITION, matrix, now())
    publisher.publish(folder / REPOSITORY, now())
    pinned = (folder / ROOT).read_bytes()
    update(BundleStore(folder / "trust"), FolderSource(folder / REPOSITORY), pinned)


@pytest.mark.parametrize("devices", [(), ("bluetooth:/dev/x",)])
def test_a_gate_that_could_read_nothing_does_not_start(
    deployment: Deployment, devices: tuple[str, ...]
) -> None:
    with pytest.raises(SettingsError):
        gate_options(settings_with(deployment, "none", *devices))
