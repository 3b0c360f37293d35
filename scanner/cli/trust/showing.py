"""`checkpoint trust show | diff`: what is published and staged, and what changed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from scanner.cli.trust.options import PinnedOption, RepositoryOption, now, opened, tell

if TYPE_CHECKING:
    from scanner.publishing.overview import Overview


def show(
    repository: RepositoryOption,
    root: PinnedOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show roles, versions, signers, ages, issuers, keys and files, and what is staged.

    Everything is verified first.

    **Example**: `checkpoint trust show -r trust --json | jq .issuers`
    """
    from scanner.publishing.overview import overview

    found = overview(opened(repository, root))
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        tell(_lines(found, now()))


def diff(
    old: Annotated[Path, typer.Argument(help="A repository's folder, such as last week's copy.")],
    new: Annotated[Path, typer.Argument(help="Another, such as today's.")],
    root: PinnedOption = None,
) -> None:
    """Tell what changed between two published repositories, and who signed it.

    The new one must follow from the root of the old one.

    **Example**: `checkpoint trust diff /media/stick/trust trust`
    """
    from scanner.publishing.comparing import differences
    from scanner.publishing.folder import RepositoryFolder

    before = opened(old, root)
    pinned = before.required().pinned_root
    tell(differences(before, RepositoryFolder(new, pinned)))


def _lines(found: "Overview", at: datetime) -> Iterator[str]:
    from scanner.publishing.shown_keys import in_words

    yield f"version {found.version or 'none: nothing is published yet'}"
    for office in found.offices:
        age = "?" if office.issued_at is None else _age(at - office.issued_at)
        people = ", ".join(f"{held.owner} ({held.key[:8]})" for held in office.may_sign)
        yield (
            f"  {office.role} {office.version}: {age} old, until {office.expires_at:%Y-%m-%d}, "
            f"signed by {', '.join(office.signers)}"
        )
        yield f"      {office.threshold} of {len(office.may_sign)} sign: {people}"
    for issuer in found.issuers:
        named = "" if issuer.name == issuer.issuer else f" {issuer.name}"
        yield f"issuer {issuer.issuer}{named}, {len(issuer.keys)} keys"
        yield from (f"  {in_words(key)}" for key in issuer.keys)
    for file in found.files:
        yield f"file {file.path}, {file.length} bytes, by {file.role}"
    for waiting in found.staged:
        yield f"staged {waiting.role} {waiting.version}"
        yield from (f"  {line}" for line in waiting.standing)


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"
