"""`checkpoint run`: the gate daemon, with its kiosk or without."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from config.settings import GateSettings
    from scanner.gate.options import GateOptions
    from scanner.vision.frames import FrameSource


def run(
    settings: Annotated[
        Path | None, typer.Option(help="Settings file (TOML); the shipped defaults without it.")
    ] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="No kiosk in this terminal; log each verdict.")
    ] = False,
    camera: Annotated[
        str | None,
        typer.Option(
            help="Instead of the settings' camera: an index, /dev/video0, csi:0, rtsp://..., a "
            "video, an image, a folder of images; `checkpoint camera --help` explains them."
        ),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="End when a video or a folder of images has ended.")
    ] = False,
) -> None:
    """Run the gate: read codes, decide, record.

    With a terminal it opens the guard's kiosk as well, as a second process; `--headless` leaves
    that out, for a turnstile or when `checkpoint kiosk` runs as a service of its own.

    **Examples**

    `checkpoint run --settings /etc/checkpoint/gate.toml --headless`

    `checkpoint run --camera 0` tries the first camera with the shipped settings.
    """
    if headless or not sys.stdout.isatty():
        _run_gate(settings, camera, once)
    else:
        _run_with_kiosk(settings, camera)


def gate_options(
    settings: "GateSettings", camera: str | None = None, *, keep_running: bool = True
) -> "GateOptions":
    """The daemon's options from the settings."""
    from importlib.metadata import version

    from config.rules import load_rules, read_rules
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
        site_id=settings.site.id,
        read_rules=read_rules,
        state=settings.paths.state,
        runtime=settings.paths.runtime,
        socket=settings.socket,
        outbox=settings.outbox,
        sync_status=settings.sync_status,
        sealing_key=settings.sealing_key,
        release=version("checkpoint-gate"),
        keep_running=keep_running,
        system_clock_counts=settings.clock.system,
    )


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


def _run_gate(settings: Path | None, camera: str | None, once: bool) -> None:
    from config.settings import load_gate_settings
    from scanner.cli.logs import configure_logs
    from scanner.gate.service import GateService
    from scanner.ledger.device import load_or_create_device
    from scanner.ledger.store import Ledger

    configure_logs()
    tree = load_gate_settings(settings)
    for folder in (tree.paths.state, tree.paths.runtime):
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    device = load_or_create_device(tree.device_key)
    with Ledger.open(tree.ledger, device.device_id) as ledger:
        GateService(gate_options(tree, camera, keep_running=not once), ledger).run(stop)


def _run_with_kiosk(settings: Path | None, camera: str | None) -> None:
    """Gate in the background, kiosk in this terminal; when the guard quits, both end."""
    from config.settings import load_gate_settings

    tree = load_gate_settings(settings)
    tree.paths.state.mkdir(mode=0o750, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "scanner.cli.main"]
    options = ["--settings", str(settings)] if settings else []
    lens = ["--camera", camera] if camera else []
    log = tree.paths.state / "gate.log"
    with log.open("ab") as errors:
        gate = subprocess.Popen([*command, "run", "--headless", *options, *lens], stderr=errors)
    try:
        subprocess.run([*command, "kiosk", *options], check=False)
    finally:
        gate.terminate()
        gate.wait(timeout=10)
    if gate.returncode:
        print(f"The gate ended with status {gate.returncode}; see {log}.", file=sys.stderr)
        raise typer.Exit(1)
