"""An issuer's revocation list between the repository and a plain folder."""

from datetime import datetime
from pathlib import Path
from typing import Final

from tuf.api.metadata import Targets

from scanner.domain.errors import TrustError
from scanner.publishing import metadata as edits
from scanner.publishing.folder import RepositoryFolder
from scanner.publishing.staging import change_targets
from scanner.trust.bundle import layout
from scanner.trust.bundle.repository import Repository
from scanner.trust.revocation.index import load_issuer

_SUFFIX: Final = ".bin"


def take_out(folder: RepositoryFolder, issuer: str, goal: Path) -> None:
    """Write an issuer's list, as it is going to be, to an empty folder.

    Raises:
        TrustError: a file of it is not here.
        OSError: the folder cannot be written.
    """
    goal.mkdir(parents=True, exist_ok=True)
    metadata = folder.targets(layout.issuer_role(issuer))
    for path, target in metadata.signed.targets.items() if metadata else ():
        if not _is_of(issuer, path):
            continue
        data = folder.content(target)
        if data is None:
            raise TrustError(f"{path} is not here.", "Take a complete copy of the repository.")
        (goal / path.rpartition("/")[2]).write_bytes(data)


def stage_revocations(folder: RepositoryFolder, issuer: str, source: Path, now: datetime) -> None:
    """Stage the list in a folder as the whole list of an issuer.

    Args:
        folder: the repository.
        issuer: whose list it is; its own role vouches for it.
        source: holds the list's files, `*.bin`, and nothing else.
        now: the time of issue.

    Raises:
        TrustError: there are no such files, others too, or one is too large.
    """
    paths = sorted(source.iterdir()) if source.is_dir() else []
    if not paths or any(path.suffix != _SUFFIX or not path.is_file() for path in paths):
        raise TrustError(
            f"{source} is no folder of an issuer's list.", f"It holds files NAME{_SUFFIX} only."
        )
    files: dict[str, bytes] = {}
    for path in paths:
        name = f"{layout.revocation_folder(issuer)}/{path.name}"
        if not layout.is_path(name) or path.stat().st_size > layout.max_length(name):
            raise TrustError(
                f"{path} cannot be published.",
                f"At most {layout.max_length(name)} bytes, under a plain name.",
            )
        files[name] = path.read_bytes()

    def change(targets: Targets) -> None:
        for path in [path for path in targets.targets if _is_of(issuer, path)]:
            del targets.targets[path]
        for path, data in files.items():
            folder.stage_file(edits.vouch(targets, path, data), data)

    change_targets(folder, layout.issuer_role(issuer), change, now)


def check_revocations(place: Path, repository: Repository) -> None:
    """Load every issuer's list as a gate does: what a gate could not read is not published.

    Args:
        place: a complete repository.
        repository: its verified state.

    Raises:
        TrustError: a list is damaged, or its parts do not belong together.
    """
    by_issuer: dict[str, dict[str, Path]] = {}
    for path, target in repository.files.items():
        if path.startswith("revocation/"):
            folder, _, name = path.rpartition("/")
            by_issuer.setdefault(folder, {})[name] = place / target.file
    for files in by_issuer.values():
        load_issuer(files)


def _is_of(issuer: str, path: str) -> bool:
    return path.startswith(f"{layout.revocation_folder(issuer)}/")
