"""`checkpoint trust revoke`: an issuer takes codes back."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.trust.options import (
    RepositoryOption,
    YesOption,
    agreed,
    changing,
    now,
    staged_next,
)
from scanner.domain.errors import TrustError

_MAX_SHOWN = 40


def revoke(
    issuer: Annotated[str, typer.Argument(help="Whose codes: 33, EU, did:web:… …")],
    repository: RepositoryOption,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--id", help="A code's id as its issuer gave it, hexadecimal; again for each."
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--ids", help="A file of ids, hexadecimal, one a line.")
    ] = None,
    restore: Annotated[
        bool, typer.Option("--restore", help="These codes count again; they were taken back.")
    ] = False,
    compact: Annotated[
        bool, typer.Option("--compact", help="Make one new list of the list and all its changes.")
    ] = False,
    yes: YesOption = False,
) -> None:
    """Stage that codes are taken back, or count again.

    Gates fetch a small file with what changed. When the changes have grown long, `--compact` makes
    a new list of everything, which each gate fetches once. To be signed by the issuer.

    **Examples**

    `checkpoint trust revoke 33 -r copy --id 0a1b2c3d4e5f6071`

    `checkpoint trust revoke 33 -r copy --ids stolen.txt`

    `checkpoint trust revoke 33 -r copy --compact`
    """
    from scanner.publishing.revocation import change, code_hashes, publish_list, published
    from scanner.publishing.revocation import compact as make_one
    from scanner.publishing.revocation_files import stage_revocations, take_out
    from scanner.trust.bundle.layout import issuer_role
    from scanner.trust.revocation.index import LIST_NAME

    named = list(_ids(ids or (), file))
    if not named and not compact:
        raise TrustError("No code is named.", "Name --id, --ids FILE or --compact.")
    hashes = list(code_hashes(issuer, named))
    with changing(repository) as folder, tempfile.TemporaryDirectory() as scratch:
        work, packed = Path(scratch) / "list", Path(scratch) / "new"
        take_out(folder, issuer, work)
        if not (work / LIST_NAME).exists():
            publish_list(work, ())
        if named:
            what = "Let count again" if restore else "Take back"
            agreed(f"{what} {len(named)} codes of {issuer}?", yes=yes)
            change(work, () if restore else hashes, hashes if restore else ())
        if compact:
            make_one(work, packed)
            work = packed
        stage_revocations(folder, issuer, work, now())
        staged_next(folder, [issuer_role(issuer)])
        state = published(work)
    typer.echo(f"{issuer} has taken back {state.revoked} codes, {state.changes} since its list.")
    if state.wants_compacting:
        typer.echo("The changes are long by now: --compact makes a new list.", err=True)


def _ids(ids: Iterable[str], file: Path | None) -> Iterator[bytes]:
    """The ids that were typed and those in the file.

    Raises:
        TrustError: one is not hexadecimal, or the file cannot be read.
    """
    lines = [(f"--id {text[:_MAX_SHOWN]!r}", text) for text in ids]
    if file is not None:
        try:
            text = file.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise TrustError(f"{file} cannot be read as a list of ids.", "One a line.") from error
        lines += [(f"{file}:{at}", line) for at, line in enumerate(text.splitlines(), start=1)]
    for where, line in lines:
        if not line.strip():
            continue
        try:
            code = bytes.fromhex(line.strip())
        except ValueError as error:
            raise TrustError(f"{where} is not hexadecimal.", "Such as 0a1b2c3d4e5f6071.") from error
        if not 0 < len(code) <= 255:
            raise TrustError(f"{where} has {len(code)} bytes.", "A code's id has 1 to 255.")
        yield code
