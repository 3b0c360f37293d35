"""`checkpoint verify`: explain one code to a person, or many to a program."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
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
        typer.Option(help="A repository or a gate's store of bundles, instead of the settings'."),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(
            help="The root.json that --keys must lead back to; in or beside it by default."
        ),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            help="Judge by this time (UTC) instead of now.", formats=["%Y-%m-%dT%H:%M:%S"]
        ),
    ] = None,
    jwks: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ISSUER=FILE",
            help="Trust the JSON Web Key Set of a https issuer too; again for each.",
        ),
    ] = None,
    did: Annotated[
        list[Path] | None,
        typer.Option(help="Trust the keys of this DID document too; again for each."),
    ] = None,
    formats: Annotated[
        bool, typer.Option("--formats", help="List the formats that are read, and end.")
    ] = False,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help="Answer one JSON request a line from stdin; for programs."),
    ] = False,
) -> None:
    """Verify codes offline and say how far each check got. No rule of any site is applied.

    The exit status is 0 when every code is a genuine pass in force, else 1.

    **Examples**

    `checkpoint verify --keys pilot/repository 'JKM1:...'`

    `checkpoint verify --keys pilot/repository --root root.json photo.png`

    `checkpoint verify --camera 0 --settings /etc/checkpoint/gate.toml`

    `checkpoint verify --jwks https://health.example/cards=jwks.json 'shc:/5676...'`

    Keys given by `--jwks` and `--did` come beside the configured ones; where only they are given,
    no settings are read. All parts of a pass in several codes are given together, in any order.
    """
    if formats:
        _list_formats()
        return
    from scanner.cli.verify_keys import configured_keys, foreign_keys, key_source

    foreign = foreign_keys(jwks or (), did or ())
    is_configured = settings is not None or keys is not None
    if jsonl:
        source = configured_keys(settings, keys, root) if is_configured else None
        _answer_lines(key_source(source, foreign))
        return
    texts = list(_whole(_texts(codes or [], camera)))
    if not texts:
        raise typer.BadParameter("give a text, an image file, --camera or --jsonl")
    alone = foreign and not is_configured
    source = key_source(None if alone else configured_keys(settings, keys, root), foreign)
    from scanner.cli.verify_words import explain
    from scanner.domain.passes import VerifiedPass
    from scanner.formats.registry import inspect_pass

    now = at.replace(tzinfo=UTC) if at else datetime.now(UTC)
    inspections = [inspect_pass(text, source, now) for text in texts]
    typer.echo("\n\n".join("\n".join(explain(inspection)) for inspection in inspections))
    if not all(isinstance(inspection.outcome, VerifiedPass) for inspection in inspections):
        raise typer.Exit(1)


def _list_formats() -> None:
    from scanner.formats.registry import READERS

    for name, reader in sorted(READERS.items()):
        typer.echo(f"{name:20}  {reader.title}")


def _answer_lines(source: "KeySource") -> None:
    import sys

    from scanner.cli.verify_lines import answer_lines

    answer_lines(source, sys.stdin.buffer, sys.stdout.buffer)


def _whole(texts: Iterable[str]) -> Iterator[str]:
    """The texts with those that are parts put together; a part that stays alone is no pass."""
    from scanner.formats.parts import Collection, collect
    from scanner.formats.registry import part_of

    collection: Collection | None = None
    newest = ""
    for text in texts:
        part = part_of(text)
        if part is None:
            yield text
            continue
        grown = collect(collection, part, 0.0)
        if collection and grown.have == 1 and grown.bodies != collection.bodies:
            yield newest  # the part of another pass ended a collection that is not whole
        collection, newest = grown, text
        if grown.text is not None:
            yield grown.text
            collection = None
    if collection is not None:
        yield newest


def _texts(codes: list[str], camera: str | None) -> Iterator[str]:
    """The texts that were given, in the files that were given, and before the camera."""
    yield from map(text_of, codes)
    if camera is not None:
        yield _first_text(camera, frames=300)


def text_of(code: str) -> str:
    """The text of a code, which itself is one, or names a picture that shows one.

    Raises:
        CameraError: the picture shows none, or cannot be read.
    """
    from scanner.formats.registry import recognises

    return code if recognises(code) or not _is_file(code) else _first_text(code, frames=1)


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
