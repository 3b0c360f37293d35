"""`checkpoint run`: the gate daemon, with its kiosk or without."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.gate import run_gate


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
        run_gate(settings, camera, once=once)
    else:
        _run_with_kiosk(settings, camera)


def _run_with_kiosk(settings: Path | None, camera: str | None) -> None:
    """Gate in the background, kiosk in this terminal; when the guard quits, both end."""
    from config.settings import load_gate_settings

    tree = load_gate_settings(settings)
    tree.paths.state.mkdir(mode=0o750, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "scanner.cli"]
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
