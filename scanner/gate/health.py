"""How the gate's parts are, for the status line: never silently green."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct

from scanner.domain.errors import LedgerError
from scanner.domain.verdicts import Decision
from scanner.gate.foreign_rules import ForeignRules
from scanner.gate.guardhouse import Guardhouse
from scanner.gate.instant import Instant
from scanner.gate.judge import Judge
from scanner.gate.recorder import Recorder
from scanner.gate.site_recognition import SiteRecognition
from scanner.gate.site_rules import SiteRules
from scanner.gate.status import CameraFault, Health, KeysTrouble, Part, Passing, Status
from scanner.gate.trust_watch import TrustWatch
from scanner.ledger.outbox import load_outbox
from scanner.ledger.steady import GateLedger
from scanner.ledger.sync_status import SyncStatus, TrustTrouble, load_sync_status
from scanner.peripherals.attached import AttachedScanner
from scanner.trust.staleness import Staleness
from scanner.vision.latest import LatestFrame

HUB_FRESH: Final = timedelta(minutes=5)
HUB_LOST: Final = timedelta(hours=24)
MACHINE_OFF: Final = timedelta(seconds=60)
"""A machine's clock that far from the gate's time is worth a look, though nothing goes by it."""
_KEYS = {
    Staleness.FRESH: Health.WELL,
    Staleness.AGEING: Health.WARNING,
    Staleness.DEGRADED: Health.FAULT,
}

_TROUBLES: Final = {TrustTrouble(trouble.value): trouble for trouble in KeysTrouble}
"""The others pass by themselves: nobody answers, or a stick is being taken in."""


class StatusSources(Struct, frozen=True):
    """The parts that are asked; no camera where only barcode scanners are fitted."""

    camera: LatestFrame | None
    scanners: Sequence[AttachedScanner]
    keys: TrustWatch
    rules: SiteRules
    recognition: SiteRecognition
    foreign: ForeignRules
    recorder: Recorder
    guards: Guardhouse
    ledger: GateLedger
    judge: Judge
    outbox: Path
    sync_status: Path


class GateHealth:
    """Asks every part how it is."""

    def __init__(self, sources: StatusSources) -> None:
        self._sources = sources

    def status(self, instant: Instant) -> Status:
        """The status line's content."""
        sources = self._sources
        camera = sources.camera
        age_s = camera.age_s(instant.mono_s) if camera else None
        counts = sources.recorder.tally.counts(instant.at)
        return Status(
            at=instant.at,
            parts={
                **self._eyes(instant),
                Part.KEYS: self._keys(instant),
                Part.CLOCK: _clock(instant),
                Part.LEDGER: Health.WELL if sources.recorder.is_healthy else Health.FAULT,
                Part.HUB: self._hub(instant),
            },
            keys_age_s=int(sources.keys.store.age(instant.at).total_seconds()),
            keys_version=sources.keys.store.version,
            keys_trouble=self._keys_trouble(),
            passing=self._passing(instant),
            guards=sources.guards.status(instant),
            queue=self._queue(),
            admitted=counts[Decision.ADMIT],
            checked=counts[Decision.CHECK],
            refused=counts[Decision.REFUSE],
            frames_per_s=round(camera.frames_per_s, 1) if camera else 0.0,
            camera_fault=self.camera_fault(instant),
            clock_source=instant.source,
            clock_error_s=_error_s(instant),
            clock_doubt=instant.doubt,
            exposure_ev=_exposure_ev(camera),
            frame_age_s=None if age_s is None else round(age_s, 2),
            frames_damaged=camera.figures.damaged if camera else 0,
            camera_failures=camera.figures.failures if camera else 0,
            can_seal=sources.recorder.can_seal,
        )

    def camera_fault(self, instant: Instant) -> CameraFault | None:
        """What is wrong with the camera; cheap enough to ask in every round of the loop."""
        camera = self._sources.camera
        fault = camera.fault(instant.mono_s) if camera else None
        return None if fault is None else CameraFault(fault.value)

    def _eyes(self, instant: Instant) -> dict[Part, Health]:
        """Camera and barcode scanners, as far as they are fitted."""
        eyes = {}
        if self._sources.camera is not None:
            eyes[Part.CAMERA] = self._camera(self._sources.camera, instant)
        if self._sources.scanners:
            eyes[Part.SCANNER] = _scanners(self._sources.scanners)
        return eyes

    def _camera(self, camera: LatestFrame, instant: Instant) -> Health:
        if camera.fault(instant.mono_s) is not None:
            return Health.FAULT
        return Health.UNKNOWN if camera.age_s(instant.mono_s) is None else Health.WELL

    def _keys(self, instant: Instant) -> Health:
        keys = self._sources.keys
        health = _KEYS[keys.store.staleness(instant.at)]
        sources = self._sources
        files = (sources.rules, sources.recognition, sources.foreign)
        is_readable = all(file.is_healthy for file in files)
        is_troubled = keys.is_troubled(instant.at) or not is_readable
        return Health.WARNING if health is Health.WELL and is_troubled else health

    def _hub(self, instant: Instant) -> Health:
        return _hub_health(load_sync_status(self._sources.sync_status), instant)

    def _keys_trouble(self) -> KeysTrouble | None:
        status = load_sync_status(self._sources.sync_status)
        trouble = status.trust.trouble if status and status.trust else None
        return None if trouble is None else _TROUBLES.get(trouble)

    def _passing(self, instant: Instant) -> Passing | None:
        doorway = self._sources.recorder.doorway
        if doorway is None:
            return None
        return Passing(
            direction=doorway.direction,
            can_turn=doorway.can_turn,
            inside=doorway.comings.inside,
            limit=self._sources.judge.rules.capacity.limit,
            is_counted=doorway.is_counted(instant.at),
            is_followed=doorway.is_well,
        )

    def _queue(self) -> int | None:
        position = load_outbox(self._sources.outbox)
        if position is None:
            return None
        try:
            return max(0, self._sources.ledger.position.seq - position.acked_seq)
        except LedgerError:
            return None


def _clock(instant: Instant) -> Health:
    if not instant.is_sure:
        return Health.FAULT
    return Health.WARNING if abs(instant.ahead) > MACHINE_OFF else Health.WELL


def _error_s(instant: Instant) -> float | None:
    return None if instant.error is None else round(instant.error.total_seconds(), 1)


def _hub_health(status: SyncStatus | None, instant: Instant) -> Health:
    """The network may come and go: a day without the hub is a warning, more is a fault.

    An answer from the future was noted while the machine ran ahead, and says nothing about now.
    """
    if status is None or status.last_ok is None:
        return Health.UNKNOWN
    silent = _since(status, instant)
    if silent < -HUB_FRESH:
        return Health.UNKNOWN
    if silent <= HUB_FRESH:
        return Health.WELL
    return Health.WARNING if silent <= HUB_LOST else Health.FAULT


def _since(status: SyncStatus, instant: Instant) -> timedelta:
    """Since the hub's last good answer; by the seconds since boot, where the machine was wrong."""
    told = status.hub_time
    if told is not None and told.boot == instant.boot and instant.up_s is not None:
        return timedelta(seconds=instant.up_s - told.up_ms / 1000)
    return instant.at - status.last_ok if status.last_ok else timedelta.max


def _exposure_ev(camera: LatestFrame | None) -> float | None:
    if camera is None or camera.exposure.span is None:
        return None
    return round(camera.exposure.bias_ev, 2)


def _scanners(scanners: Sequence[AttachedScanner]) -> Health:
    """One that is missing is a fault, whatever the others do: somebody stands before it."""
    if any(scanner.failure is not None for scanner in scanners):
        return Health.FAULT
    return Health.WELL if all(scanner.is_open for scanner in scanners) else Health.UNKNOWN
