"""`checkpoint verify`: explain one code to a person, or many to a program."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scanner.trust.keys import KeySource
    from scanner.vision.frames import Frame


def verify(
    codes: Annotated[
        list[str] | None,
        typer.Argument(help="The text of a code, or an image file that shows one; several may be."),
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(help="Read one code from a camera: an index, /dev/video0, a video file."),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="The gate's settings file; names its keys.")
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(help="Folder with keys.json and keys.json.sig, instead of the settings'."),
    ] = None,
    publisher_key: Annotated[
        Path | None,
        typer.Option(help="The publisher's PEM file for --keys; publisher.pem in it by default."),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            help="Judge by this time (UTC) instead of now.", formats=["%Y-%m-%dT%H:%M:%S"]
        ),
    ] = None,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help="Answer one JSON request a line from stdin; for programs."),
    ] = False,
) -> None:
    """Verify codes offline and say how far each check got. No rule of any site is applied.

    The exit status is 0 when every code is a genuine pass in force, else 1.

    **Examples**

    `checkpoint verify --keys keys 'JKM1:...'`

    `checkpoint verify --keys keys photo.png`

    `checkpoint verify --camera 0 --settings /etc/checkpoint/gate.toml`
    """
    if jsonl:
        _answer_lines(settings, keys, publisher_key)
        return
    texts = list(_texts(codes or [], camera))
    if not texts:
        raise typer.BadParameter("give a text, an image file, --camera or --jsonl")
    source = _key_source(settings, keys, publisher_key)
    from scanner.cli.verify_words import explain
    from scanner.domain.passes import VerifiedPass
    from scanner.formats.registry import inspect_pass

    now = at.replace(tzinfo=UTC) if at else datetime.now(UTC)
    inspections = [inspect_pass(text, source, now) for text in texts]
    typer.echo("\n\n".join("\n".join(explain(inspection)) for inspection in inspections))
    if not all(isinstance(inspection.outcome, VerifiedPass) for inspection in inspections):
        raise typer.Exit(1)


def _answer_lines(settings: Path | None, keys: Path | None, publisher_key: Path | None) -> None:
    import sys

    from scanner.cli.verify_lines import answer_lines
    from scanner.trust.key_ring import KeyRing

    configured = settings is not None or keys is not None
    source = _key_source(settings, keys, publisher_key) if configured else KeyRing()
    answer_lines(source, sys.stdin.buffer, sys.stdout.buffer)


def _key_source(
    settings: Path | None, keys: Path | None, publisher_key: Path | None
) -> "KeySource":
    from config.settings import load_gate_settings
    from scanner.trust.key_file import load_key_file

    trust = load_gate_settings(settings).trust
    folder, publisher = keys or trust.folder, publisher_key or trust.publisher_key
    if keys is not None and publisher_key is None:
        publisher = keys / "publisher.pem"
    return load_key_file(
        folder, publisher, timedelta(hours=trust.fresh_hours), timedelta(days=trust.degraded_days)
    )


def _texts(codes: list[str], camera: str | None) -> Iterator[str]:
    """The texts that were given, in the files that were given, and before the camera."""
    from scanner.formats.registry import recognises

    for code in codes:
        if recognises(code) or not _is_file(code):
            yield code
        else:
            yield _first_text(code, frames=1)
    if camera is not None:
        yield _first_text(camera, frames=300)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # too long for a name, or a NUL in it
        return False


def _first_text(spec: str, frames: int) -> str:
    """The text of the first code within so many frames.

    Raises:
        CameraError: there is none, or the source cannot be opened.
    """
    from scanner.domain.errors import CameraError
    from scanner.vision.choice import choose
    from scanner.vision.reader import QrReader
    from scanner.vision.sources.opening import open_source
    from scanner.vision.wishes import CameraWishes

    reader = QrReader()
    source = open_source(spec, CameraWishes(), paced=False)
    try:
        for _ in range(frames):
            frame: Frame | None = source.read()
            if frame is None:
                break
            height, width = frame.grey.shape
            if code := choose(reader.read(frame.grey), (width, height)):
                return code.text
    finally:
        source.close()
    raise CameraError(f"No QR code was found in {spec}.", "Hold it closer, sharper, or in light.")
