"""`checkpoint camera`: list, show, aim."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scanner.vision.frames import FrameSource
    from scanner.vision.wishes import CameraWishes

app = typer.Typer(
    help="""Which cameras there are, what they deliver, and an aid to aim them.

Start with `checkpoint camera list`, put what it names into `[camera] source`, look at it with
`checkpoint camera show`, then screw it on with `checkpoint camera aim` and a code in the hand.

A SOURCE is `0` or `/dev/video0`, better `/dev/v4l/by-id/...`, which survives a new plug; `csi:0`, a
Raspberry Pi's ribbon camera; `rtsp://USER:PASSWORD@HOST/PATH`; an image, a folder of images, a
video file; or `simulated:FOLDER`, the demo's camera.""",
    no_args_is_help=True,
)

SourceArgument = Annotated[
    str | None,
    typer.Argument(metavar="[SOURCE]", help="What to look through; the settings' without it."),
]
SettingsOption = Annotated[
    Path | None,
    typer.Option(help="Settings file: size, rate, exposure, focus; the shipped one without it."),
]


@app.callback()
def _quiet() -> None:
    """Leave out log lines: these commands show all that would be logged, in a better place."""
    import logging
    import os

    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    logging.getLogger("scanner").setLevel(logging.CRITICAL)


@app.command("list")
def list_(
    json: Annotated[bool, typer.Option("--json", help="One JSON object for a program.")] = False,
) -> None:
    """List the cameras of this machine and what each can deliver.

    YUYV is raw: its grey picture comes for nothing. MJPG has to be decoded, but fits more pictures
    a second through USB 2.0. The gate picks between them by size and rate.
    """
    from rich.console import Console

    from scanner.cli.camera.tables import NONE_FOUND, as_json, cameras_table
    from scanner.vision.sources.picamera import ribbon_cameras
    from scanner.vision.sources.v4l2_devices import list_cameras

    devices, ribbons = list_cameras(), ribbon_cameras()
    if json:
        print(as_json({"v4l2": devices, "csi": ribbons}))
    elif devices or ribbons:
        Console().print(cameras_table(devices, ribbons))
    else:
        print(NONE_FOUND)


@app.command()
def show(
    source: SourceArgument = None,
    settings: SettingsOption = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to look.")] = 3.0,
    json: Annotated[bool, typer.Option("--json", help="One JSON object for a program.")] = False,
) -> None:
    """Open a camera as the gate would, and measure what it delivers.

    Says what each control was asked and what the camera made of it (a `!` marks what differs),
    frames a second, brightness, sharpness (compare it at one scene only), noise, and the pixels per
    module of a code in view: 2.5 and more are read well.

    **Examples**

    `checkpoint camera show 0`

    `checkpoint camera show --settings /etc/checkpoint/gate.toml --json`
    """
    from rich.console import Console

    from scanner.cli.camera.survey import survey
    from scanner.cli.camera.tables import as_json, survey_table

    spec, wishes = _choice(source, settings)
    with _open(spec, wishes) as camera:
        found = survey(camera, seconds)
    if json:
        print(as_json(found))
    else:
        Console().print(survey_table(found))


@app.command()
def aim(
    source: SourceArgument = None,
    settings: SettingsOption = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="End by itself after so long.")
    ] = None,
) -> None:
    """Turn and focus a camera with both hands while the terminal says how it goes.

    Hold a code where people will hold theirs. The focus bar keeps the best value: turn the ring
    until the bar touches the mark again. `px/module` should be 2.5 or more at the farthest place.
    `q` or Ctrl-C ends it. Without a terminal it prints one line a second.

    **Examples**

    `checkpoint camera aim 0`

    `checkpoint camera aim --seconds 60 rtsp://guard:secret@10.0.0.9/live > aim.log`
    """
    from rich.console import Console

    from scanner.cli.camera import screen

    spec, wishes = _choice(source, settings)
    camera = _open(spec, wishes)  # an error, if there is one, comes before the screen changes
    ready = [camera]
    screen.aim(
        lambda: ready.pop() if ready else _open(spec, wishes), camera.name, seconds, Console()
    )


def _choice(source: str | None, settings: Path | None) -> "tuple[str, CameraWishes]":
    from config.settings import load_gate_settings
    from scanner.cli.lens import wishes_of

    lens = load_gate_settings(settings).camera
    return source or lens.source, wishes_of(lens)


def _open(spec: str, wishes: "CameraWishes") -> "FrameSource":
    from scanner.vision.sources.opening import open_source

    return open_source(spec, wishes)
