"""What the commands of `checkpoint trust` ask alike, and how they read keys and passphrases."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scanner.cli.printable import printable
from scanner.domain.errors import TrustError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey

    from scanner.publishing.folder import RepositoryFolder

CREDENTIAL: Final = "checkpoint-trust-passphrase"
"""The systemd credential that unattended publishing takes its passphrase from."""

_MAX_PASSPHRASE: Final = 1024

RepositoryOption = Annotated[
    Path,
    typer.Option(
        "--repository",
        "-r",
        envvar="CHECKPOINT_REPOSITORY",
        help="The repository's folder: metadata, targets, and staged work beside them.",
    ),
]
KeysOption = Annotated[
    list[Path],
    typer.Option("--key", "-k", help="A private key file (NAME.key), again for each key."),
]
PublicKeysOption = Annotated[
    list[Path],
    typer.Option("--key", "-k", help="Who may sign: a public key file (NAME.pub), again for each."),
]
ThresholdOption = Annotated[int, typer.Option(min=1, help="How many of the keys must sign.")]
PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        help="Read the passphrase from the first line of this file, which nobody else may read. "
        "Without it: the systemd credential, or a question."
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
PinnedOption = Annotated[
    Path | None,
    typer.Option(
        "--root",
        help="The root.json that you kept from the first day: the folder must follow from it. "
        "Without it the oldest root in the folder is believed.",
    ),
]


def now() -> datetime:
    """The time, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def opened(repository: Path, root: Path | None = None) -> "RepositoryFolder":
    """A repository's folder, for reading.

    Raises:
        TrustError: the pinned root cannot be read.
    """
    from scanner.publishing.folder import RepositoryFolder

    try:
        return RepositoryFolder(repository, None if root is None else root.read_bytes())
    except OSError as error:
        raise TrustError(
            f"{root} cannot be read: {error.strerror}.", "Name the root.json that you kept."
        ) from error


@contextmanager
def changing(repository: Path, root: Path | None = None) -> "Iterator[RepositoryFolder]":
    """A repository's folder, for changing; nobody else changes it meanwhile.

    Raises:
        TrustError: somebody else does, or it cannot be written.
    """
    folder = opened(repository, root)
    with folder.locked():
        yield folder


def signers(keys: Iterable[Path], passphrase_file: Path | None) -> "list[CryptoSigner]":
    """Private keys from their files.

    Raises:
        TrustError: a file is none, or the passphrase is another one.
    """
    from scanner.publishing.key_files import read_key

    return [read_key(path, _passphrase(passphrase_file)) for path in keys]


def public_keys(paths: Iterable[Path]) -> "list[SSlibKey]":
    """Public keys from their files.

    Raises:
        TrustError: a file is none.
    """
    from scanner.publishing.key_files import read_public_key

    return [read_public_key(path) for path in paths]


def new_passphrase(passphrase_file: Path | None) -> str:
    """The passphrase of a new key: from a file, or typed twice without echo.

    Raises:
        TrustError: it is too short, or the file may be read by others.
    """
    from scanner.publishing.key_files import check_passphrase

    found = _stored(passphrase_file)
    if found is None:
        found = str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True))
    check_passphrase(found)
    return found


def agreed(question: str, *, yes: bool) -> None:
    """Ask, unless `--yes` was given.

    Raises:
        typer.Exit: the answer is no; nothing was done.
    """
    if not yes and not typer.confirm(question, err=True):
        typer.echo("Nothing was done.", err=True)
        raise typer.Exit(1)


def tell(lines: Iterable[str]) -> None:
    """Print lines that may quote names from elsewhere."""
    for line in lines:
        typer.echo(printable(line))


def staged_next(folder: "RepositoryFolder", roles: Iterable[str]) -> None:
    """Say what was staged, and what comes next."""
    from scanner.publishing.comparing import staged_changes

    for role in roles:
        tell(staged_changes(folder, role))
    typer.echo(
        f"Staged, not published. Next: checkpoint trust sign {' '.join(roles)} --key …, then "
        "publish. To drop it: checkpoint trust unstage.",
        err=True,
    )


def _passphrase(passphrase_file: Path | None) -> Callable[[Path], str]:
    def ask(path: Path) -> str:
        found = _stored(passphrase_file)
        if found is None:
            found = str(typer.prompt(f"Passphrase of {path}", hide_input=True, err=True))
        return found

    return ask


def _stored(passphrase_file: Path | None) -> str | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if passphrase_file is None and folder is not None:
        credential = Path(folder) / CREDENTIAL
        passphrase_file = credential if credential.exists() else None
    if passphrase_file is None:
        return None
    try:
        with passphrase_file.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise TrustError(
                    f"{passphrase_file} can be read by others.", f"chmod 600 {passphrase_file}"
                )
            data = file.read(_MAX_PASSPHRASE)
        return data.decode().partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise TrustError(
            f"{passphrase_file} holds no passphrase that can be read.", "One line of UTF-8."
        ) from error
