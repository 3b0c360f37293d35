"""`checkpoint trust sign | collect | unstage`: staged roles on their way to publication."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.trust.options import (
    KeysOption,
    PassphraseFileOption,
    PinnedOption,
    RepositoryOption,
    YesOption,
    agreed,
    changing,
    signers,
    tell,
)
from scanner.domain.errors import TrustError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

    from scanner.publishing.folder import RepositoryFolder


def sign(
    repository: RepositoryOption,
    key: KeysOption,
    roles: Annotated[
        list[str] | None,
        typer.Argument(help="Staged roles; without them, all that these keys may sign."),
    ] = None,
    root: PinnedOption = None,
    passphrase_file: PassphraseFileOption = None,
    yes: YesOption = False,
) -> None:
    """Show what staged roles change, against what is published, and sign that.

    Runs without a network. Copy the repository's folder to the machine that has the key, sign in
    the copy, and bring the copy back to `checkpoint trust collect`. Several people may sign one
    after the other, or each in a copy of their own.

    **Example**: `checkpoint trust sign root -r /media/stick/trust --key li.key --root root.json`
    """
    from scanner.publishing.comparing import staged_changes
    from scanner.publishing.signing import sign_staged, staged

    with changing(repository, root) as folder:
        held = signers(key, passphrase_file)
        chosen = {role: staged(folder, role) for role in roles or _signable(folder, held)}
        for role, metadata in chosen.items():
            tell(staged_changes(folder, role, metadata))
        agreed(f"Sign {' and '.join(chosen)}?", yes=yes)
        for role, metadata in chosen.items():
            tell(map(str, sign_staged(folder, role, held, metadata)))


def collect(
    copy: Annotated[Path, typer.Argument(help="The copy's folder, or the `staged` in it.")],
    repository: RepositoryOption,
) -> None:
    """Take staged roles and signatures from a copy that was signed elsewhere.

    A role that is staged here and there must be the same, byte for byte: then its signatures are
    put together. A role that is staged only there, such as a province's own, is taken over.

    **Example**: `checkpoint trust collect /media/stick/trust -r trust`
    """
    from scanner.publishing.comparing import staged_changes
    from scanner.publishing.signing import collect as take
    from scanner.publishing.signing import standings

    with changing(repository) as folder:
        news = take(folder, copy)
        if not news:
            typer.echo("Nothing new in there.")
        for role in news:
            tell(staged_changes(folder, role))
            tell(map(str, standings(folder, role)))


def unstage(
    repository: RepositoryOption,
    roles: Annotated[
        list[str] | None, typer.Argument(help="Staged roles; all of them without a name.")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Drop staged work; what is published stays as it is.

    **Example**: `checkpoint trust unstage issuer-33 -r trust`
    """
    with changing(repository) as folder:
        waiting = folder.staged_roles()
        unknown = set(roles or ()) - set(waiting)
        if unknown or not waiting:
            raise TrustError(
                f"Nothing is staged for {', '.join(sorted(unknown)) or 'any role'}.",
                f"Staged: {', '.join(waiting) or 'nothing'}.",
            )
        chosen = roles or waiting
        agreed(f"Drop what is staged for {' and '.join(chosen)}?", yes=yes)
        for role in chosen:
            folder.unstage(role)
        typer.echo(f"Dropped: {', '.join(chosen)}.")


def _signable(folder: "RepositoryFolder", held: "list[CryptoSigner]") -> list[str]:
    """Every staged role that all of these keys may sign."""
    from scanner.publishing.signing import may_sign

    ids = {signer.public_key.keyid for signer in held}
    found = [role for role in folder.staged_roles() if ids <= set(may_sign(folder, role))]
    if not found:
        raise TrustError(
            f"Nothing is staged that these keys may sign: {', '.join(sorted(i[:8] for i in ids))}.",
            f"Staged: {', '.join(folder.staged_roles()) or 'nothing'}. `checkpoint trust show` "
            "says who may sign.",
        )
    return found
