"""A verified bundle, copied to a stick for the next gate."""

import os
from pathlib import Path

from tuf.api.metadata import Root

from scanner.domain.errors import TrustError
from scanner.durable_files import sync_folder
from scanner.trust.bundle import layout
from scanner.trust.bundle.repository import Repository
from scanner.trust.bundle.signed import verified
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.targets import copy_target, is_whole
from scanner.trust.bundle.update import Progress

_PART = ".part"


def copy_repository(
    held: Path,
    repository: Repository,
    pinned_root: bytes,
    place: Path,
    progress: Progress | None = None,
) -> None:
    """Write the repository in `held` to the folder `place`, files first, the timestamp last.

    Each file is written beside its name and renamed, so that a stick that is pulled out keeps the
    older repository whole. Files of older repositories stay; nobody names them any more. Works on
    FAT: no links, no modes.

    Args:
        held: where the repository lies.
        repository: its verified metadata.
        pinned_root: where this gate began; goes along, so that the chain of roots is whole.
        place: made when it is not there.
        progress: told about each file.

    Raises:
        TrustError: a file here is damaged, or the stick is full or cannot be written.
    """
    source = FolderSource(held)
    try:
        for number, target in enumerate(repository.files.values(), start=1):
            if progress is not None:
                progress(target, number, len(repository.files))
            path = _place(place / target.file)
            if is_whole(FolderSource(place), target):
                continue
            part = path.with_name(path.name + _PART)
            with part.open("wb") as file:
                copy_target(source, target, file.write)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        root, _ = verified(pinned_root, Root, "root", None)
        pages = {layout.metadata_file("root", root.version): pinned_root, **repository.metadata}
        for name in sorted(pages, key=lambda name: name == layout.TIMESTAMP_FILE):
            _write(_place(place / name), pages[name])
        sync_folder(place / layout.METADATA)
    except OSError as error:
        raise TrustError(
            f"{place} cannot be written: {error.strerror}.", "Take a stick with more space."
        ) from error


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + _PART)
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
