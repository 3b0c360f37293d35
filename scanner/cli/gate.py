"""The gate daemon from its settings: what `checkpoint run` does without a kiosk.

Nothing here imports Typer: this is what comes back after a crash (`scanner.cli.service`).
"""

import gc
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import GateSettings
    from scanner.gate.doorway import Door
    from scanner.gate.options import GateOptions
    from scanner.policy.places import Place
    from scanner.vision.frames import FrameSource


def gate_options(
    settings: "GateSettings", camera: str | None = None, *, keep_running: bool = True
) -> "GateOptions":
    """The daemon's options from the settings."""
    from config.recognition import load_recognition, read_recognition
    from config.rules import load_rules, read_layer
    from scanner import __version__
    from scanner.gate.guardhouse import GuardRules
    from scanner.gate.options import GateOptions
    from scanner.gate.server import allowed_uids
    from scanner.gate.visits import Timing
    from scanner.peripherals.opening import scanner_opener
    from scanner.trust.staleness import Limits
    from scanner.vision.engines import EngineName

    return GateOptions(
        gate=settings.site.gate,
        site=settings.site.name,
        languages=settings.site.languages,
        retention_days=settings.site.retention_days,
        kiosk_uids=allowed_uids(settings.kiosk.users),
        preview_fps=settings.kiosk.preview_fps,
        open_camera=_camera_opener(settings, camera),
        open_scanners=tuple(
            scanner_opener(spec, settings.scanner.layout) for spec in settings.scanner.devices
        ),
        reader=EngineName(settings.camera.reader),
        rules=load_rules(settings.policy.rules),
        timing=Timing(
            admitted_s=settings.kiosk.verdict_s,
            attention_s=settings.kiosk.attention_s,
            pending_s=settings.kiosk.pending_s,
        ),
        trust_folder=settings.trust.folder,
        trust_root=settings.trust.root,
        trust_limits=Limits(
            timedelta(hours=settings.trust.fresh_hours),
            timedelta(days=settings.trust.degraded_days),
        ),
        stick_folders=tuple(settings.trust.sticks),
        door=_door(settings),
        site_id=settings.site.id,
        read_rules=read_layer,
        division=settings.site.division,
        place=place_of(settings),
        recognition=load_recognition(settings.policy.recognition),
        read_recognition=read_recognition,
        state=settings.paths.state,
        runtime=settings.paths.runtime,
        socket=settings.socket,
        outbox=settings.outbox,
        sync_status=settings.sync_status,
        sealing_key=settings.sealing_key,
        roster=settings.roster,
        guards=GuardRules(
            is_required=settings.guards.required,
            idle=timedelta(hours=settings.guards.idle_hours),
        ),
        release=__version__,
        keep_running=keep_running,
        system_clock_counts=settings.clock.system,
    )


def _door(settings: "GateSettings") -> "Door | None":
    """Which way the gate leads into its site; None where the settings do not say."""
    from scanner.gate.doorway import Door

    direction = settings.site.direction
    if direction is None:
        return None
    return Door(
        direction=direction,
        key=settings.site_key,
        gates=settings.site.gates,
        here=settings.neighbour_socket,
        carrier=settings.carrier_socket,
    )


def place_of(settings: "GateSettings") -> "Place":
    """What lies behind the gate, as far as the settings say."""
    from scanner.policy.places import Place

    site = settings.site
    direction = site.direction.only if site.direction else None
    return Place(site.type, direction, site.person, timedelta(hours=site.utc_offset_h))


def _camera_opener(
    settings: "GateSettings", camera: str | None
) -> "Callable[[], FrameSource] | None":
    """What opens the camera; None where the settings say that there is none."""
    from scanner.cli.lens import wishes_of
    from scanner.domain.errors import SettingsError
    from scanner.vision.sources.absent import NO_CAMERA
    from scanner.vision.sources.opening import open_source

    lens = settings.camera
    source = camera or lens.source
    if source != NO_CAMERA:
        return partial(open_source, source, wishes_of(lens))
    if not settings.scanner.devices:
        raise SettingsError(
            "camera.source is none and scanner.devices is empty: this gate could read nothing.",
            "Name a camera or a barcode scanner.",
        )
    return None


def run_gate(settings: Path | None, camera: str | None, *, once: bool) -> None:
    """Run the daemon in this process until SIGTERM or Ctrl-C.

    Args:
        settings: the settings file; the shipped one without it.
        camera: a source instead of the settings' one.
        once: end when a finite source has ended.

    Raises:
        CheckpointError: the settings, the ledger or the socket cannot be used.
    """
    gc.disable()  # imports leave no garbage: looking for it is a tenth of the start
    from config.settings import load_gate_settings
    from scanner.cli.logs import configure_logs
    from scanner.domain.errors import LedgerError
    from scanner.gate.service import GateService
    from scanner.ledger.device import load_or_create_device
    from scanner.ledger.steady import SteadyLedger
    from scanner.peripherals.memory import keep_in_ram

    configure_logs()
    keep_in_ram()
    tree = load_gate_settings(settings)
    for folder in (tree.paths.state, tree.paths.runtime):
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    if (tree.paths.state / "sunset.json").exists():
        raise LedgerError(
            "A sunset of this gate was begun, and is not finished.",
            "Run `checkpoint sunset` again; after it the machine is as if no gate ever ran.",
        )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    device = load_or_create_device(tree.device_key)
    free = tree.retention.free_pages
    with SteadyLedger.open(tree.ledger, device.device_id, tree.outbox, free) as ledger:
        options = gate_options(tree, camera, keep_running=not once)
        service = GateService(options, ledger, device)
        gc.freeze()  # what is there now stays: no later collection walks through it again
        gc.enable()
        service.run(stop)
