"""`checkpoint trust key`: a key file for somebody who will sign."""

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.trust.options import PassphraseFileOption, new_passphrase


def key(
    path: Annotated[Path, typer.Argument(help="The private key's new file; ends in .key.")],
    owner: Annotated[
        str, typer.Option(help="Whose key it is: a person and an office, shown at each signature.")
    ],
    passphrase_file: PassphraseFileOption = None,
) -> None:
    """Make a key for somebody who signs: NAME.key, sealed with a passphrase, and NAME.pub.

    Run it on the machine on which the key will stay. Only NAME.pub ever leaves it: carry that to
    whoever lets the key sign, and read the key's id to one another over the telephone. The
    passphrase is asked for twice and kept nowhere; without it the key is lost. No file is ever
    overwritten.

    **Example**: `checkpoint trust key li.key --owner "Li Wei, ministry"`
    """
    from scanner.publishing.key_files import MAX_OWNER, new_signer, write_key

    if not owner.isprintable() or not 0 < len(owner) <= MAX_OWNER:
        raise typer.BadParameter(f"An owner is 1 to {MAX_OWNER} letters.", param_hint="--owner")
    written = write_key(new_signer(owner), owner, path, new_passphrase(passphrase_file))
    typer.echo(f"{written.private}: stays here, mode 0600. Keep a second copy as safe as this one.")
    typer.echo(f"{written.public}: to be carried. Key id {written.key.keyid}, owner {owner}")
