"""`checkpoint trust import` and `export`: a gate's bundle from a folder, and to a stick."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.printable import printable

if TYPE_CHECKING:
    from config.settings import GateSettings
    from scanner.trust.bundle.repository import Repository, SignedTarget
    from scanner.trust.bundle.sources import FolderSource
    from scanner.trust.bundle.update import Update

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="The gate's settings file; the shipped defaults without it."),
]
_ON_A_STICK = "checkpoint-trust"
_TOLD_FROM = 1 << 20


def import_(
    folder: Annotated[
        Path, typer.Argument(help="A repository's folder, or a stick that carries one.")
    ],
    settings: SettingsOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Verify and tell; put nothing in force.")
    ] = False,
) -> None:
    """Put a newer bundle in force at this gate, from a stick or any other folder.

    Everything is verified from the installed root (`trust.root`) on. The running gate takes it up
    by itself, between two scans. Exit status 0: it is in force, or was already; 1: it was refused,
    and the bundle in force stays.

    **Examples**

    `checkpoint trust import /media/stick`

    `checkpoint trust import --dry-run /media/stick/checkpoint-trust`
    """
    from scanner.trust.bundle.in_force import read_root
    from scanner.trust.bundle.sources import FolderSource
    from scanner.trust.bundle.store import BundleStore, Origin
    from scanner.trust.bundle.update import update

    tree = _load(settings)
    source = FolderSource(_repository_in(folder))
    pinned = read_root(tree.trust.root)
    if dry_run:
        _tell(_compared(tree, source, pinned), "would be in force")
        return
    store = BundleStore(tree.trust.folder)
    done = update(store, source, pinned, origin=Origin.IMPORT, progress=_say_progress)
    _tell(done, "is in force")


def export(
    folder: Annotated[Path, typer.Argument(help="A stick's folder, such as /media/stick.")],
    settings: SettingsOption = None,
) -> None:
    """Copy the bundle in force here to a stick, for the next gate.

    It goes to `checkpoint-trust` on the stick, where gates look for it by themselves. Only a bundle
    that verifies is copied, and an older or equal one there is replaced file by file, the timestamp
    last. Nothing secret is in a bundle.

    **Example**

    `checkpoint trust export /media/stick`
    """
    from scanner.domain.errors import TrustError
    from scanner.trust.bundle.copying import copy_repository
    from scanner.trust.bundle.in_force import read_root
    from scanner.trust.bundle.store import BundleStore
    from scanner.trust.bundle.update import held_bundle

    tree = _load(settings)
    pinned = read_root(tree.trust.root)
    held = held_bundle(BundleStore(tree.trust.folder), pinned)
    if held is None:
        raise TrustError(
            f"There is no bundle in {tree.trust.folder} that verifies.",
            "Bring one with `checkpoint trust import`, or let sync fetch it.",
        )
    place = folder / _ON_A_STICK
    copy_repository(held.folder, held.repository, pinned, place, progress=_say_progress)
    typer.echo(f"{held.repository.version} is on {place}; unmount the stick before it is pulled.")


def _compared(tree: "GateSettings", source: "FolderSource", pinned: bytes) -> "Update":
    """What an update would do; metadata and every file are verified."""
    from scanner.trust.bundle.store import BundleStore
    from scanner.trust.bundle.targets import check_target
    from scanner.trust.bundle.update import Update, held_bundle
    from scanner.trust.bundle.verify import verify_repository

    held = held_bundle(BundleStore(tree.trust.folder), pinned)
    before = held.repository if held else None
    after = verify_repository(source, pinned, before)
    for target in after.files.values():
        check_target(source, target)
    return Update(before, after)


def _repository_in(folder: Path) -> Path:
    inner = folder / _ON_A_STICK
    return inner if inner.is_dir() else folder


def _tell(done: "Update", state: str) -> None:
    after, before = done.after, done.before
    if not done.is_news:
        typer.echo(f"{after.version} is in force already; there is nothing newer.")
        return
    typer.echo(f"{before.version if before else 'nothing'} → {after.version} {state}")
    for line in _lines(before, after):
        typer.echo(f"  {printable(line)}")


def _lines(before: "Repository | None", after: "Repository") -> Iterator[str]:
    from scanner.trust.bundle.changes import changes

    issued = after.timestamp.issued_at
    yield f"signed by      {', '.join(after.signers)}"
    if issued is not None:
        hours = (datetime.now(UTC) - issued).total_seconds() / 3600
        yield f"vouched for at {issued:%F %T}Z, {hours:.1f} h ago"
    found = changes(before, after)
    for word, issuers in (
        ("new", found.added),
        ("gone", found.removed),
        ("other keys", found.renewed),
    ):
        if issuers:
            yield f"{word:14} {_names(issuers)}"
    if found.topics:
        yield f"{'changed too':14} {', '.join(found.topics)}"
    if not found.are_any:
        yield "nothing changed but the time: the same content, vouched for anew"


def _names(issuers: Sequence[str]) -> str:
    from scanner.domain.issuers import issuer_names

    return ", ".join(f"{issuer} {issuer_names(issuer)[0]}" for issuer in issuers)


def _say_progress(target: "SignedTarget", number: int, count: int) -> None:
    """Name each file that takes a while."""
    if target.length >= _TOLD_FROM:
        size = target.length / (1 << 20)
        typer.echo(f"{number}/{count} {printable(target.path)}, {size:.0f} MiB …", err=True)


def _load(path: Path | None) -> "GateSettings":
    from config.settings import load_gate_settings

    return load_gate_settings(path)
