"""`checkpoint issue`: a reference issuer for demos, tests and pilots."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.issue_kinds import FOREIGN_KINDS, CodeKind, key_maker
from scanner.cli.issuing_options import (
    ISSUERS_FOLDER,
    PRIVATE,
    DivisionOption,
    FolderOption,
    IdKindOption,
    NameOption,
    SuffixOption,
    issuer_key,
    six_digits,
    span,
)
from scanner.domain.errors import SettingsError
from scanner.domain.issuers import ISSUERS, NATIONAL
from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    DependantRecord,
    Holder,
    IdKind,
    PassClaims,
    PassKind,
)

app = typer.Typer(
    help="""Make keys and codes. Real issuers keep their keys in hardware; this is for trying out.

`checkpoint issue keys --folder keys`, then `checkpoint issue code --folder keys --issuer 33`.""",
    no_args_is_help=True,
)


_VALID_FOR = {
    CodeKind.DYNAMIC: timedelta(minutes=10),
    CodeKind.NATIONAL: timedelta(minutes=10),
    CodeKind.VISITOR: timedelta(hours=24),
}
_LONG_LIVED = timedelta(days=180)


@app.command("keys")
def keys_(
    folder: FolderOption,
    issuers: Annotated[
        list[str] | None,
        typer.Option(
            "--issuer",
            help="""An issuer's code, again for each; all provinces and EU without it. Also a
state's three letters (for vds-nc), a did:web name (for nzcp), a https address (for shc).""",
        ),
    ] = None,
    algorithm: Annotated[
        Algorithm, typer.Option(help="Of new keys; foreign ones are ES256 in any case.")
    ] = Algorithm.EDDSA,
    division: Annotated[
        str | None,
        typer.Option(
            help="Six digits: the new keys belong to this city's back end.", callback=six_digits
        ),
    ] = None,
    add: Annotated[
        bool, typer.Option("--add", help="One more key for issuers that already have one.")
    ] = False,
) -> None:
    """Make a key for each issuer, and publish the public ones for gates.

    Keys that are there stay; running it again makes the repository anew, so that it is fresh.
    Gates need `repository` and `root.json`, never the folder `private`.

    **Example**: `checkpoint issue keys --folder keys --issuer 33 --issuer 46 --issuer EU`
    """
    from scanner.issuing.keys import IssuerKey, load_issuer_keys
    from scanner.issuing.pilot_repository import publish_pilot

    chosen_issuers = issuers or list(ISSUERS)
    for issuer in chosen_issuers:
        if issuer not in ISSUERS and key_maker(issuer) is None:
            raise SettingsError(
                f"There is no issuer {issuer!r}.",
                f"Known: {', '.join(ISSUERS)}; a state's three letters; did:web:…; https://… "
                "without a final slash.",
            )
        if division is not None and not division.startswith(issuer):
            raise SettingsError(
                f"Division {division} lies outside issuer {issuer}.",
                f"Name its province: --issuer {division[:2]}.",
            )
    private = folder / PRIVATE
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    issuer_folder = private / ISSUERS_FOLDER
    issuer_folder.mkdir(mode=0o700, exist_ok=True)
    present = load_issuer_keys(issuer_folder)
    served = {key.issuer for key in present}
    for issuer in chosen_issuers:
        if add or issuer not in served:
            make = key_maker(issuer)
            key = make(issuer) if make else IssuerKey.generate(issuer, algorithm, division)
            key.save(issuer_folder)
            present.append(key)
    now = datetime.now(UTC).replace(microsecond=0)
    publish_pilot(folder, present, now)
    typer.echo(f"{len(present)} keys published in {folder / 'repository'}.")
    typer.echo(f"Gates: [trust] root = {folder / 'root.json'}")


@app.command()
def code(
    folder: FolderOption,
    issuer: Annotated[
        str | None,
        typer.Option(
            help="""Two digits such as 33; 00 for national, EU for eu codes, three letters such as
UTO for vds-nc, did:web:… for nzcp, a https address for shc."""
        ),
    ] = None,
    kind: Annotated[CodeKind, typer.Option(help="What the pass is for.")] = CodeKind.DYNAMIC,
    colour: Annotated[Colour, typer.Option(help="The holder's colour.")] = Colour.GREEN,
    name: NameOption = "张小三",
    id_suffix: SuffixOption = "123X",
    id_kind: IdKindOption = IdKind.RESIDENT_CARD,
    division: DivisionOption = None,
    scope: Annotated[str | None, typer.Option(help="Where a paper pass is valid.")] = None,
    valid_for: Annotated[
        str | None, typer.Option(help="Such as 90s, 10m, 24h, 180d; by the kind without it.")
    ] = None,
    issued_ago: Annotated[
        str, typer.Option(help="Pretend that it was issued so long ago, such as 2h.")
    ] = "0s",
    png: Annotated[
        Path | None, typer.Option(help="Write a QR picture there instead of the text.")
    ] = None,
    link: Annotated[
        str | None, typer.Option(help="Wrap the code in a link to this https page.")
    ] = None,
) -> None:
    """Issue one code, as text on standard output or as a picture.

    **Examples**

    `checkpoint issue code --folder keys --issuer 33 --colour yellow`

    `checkpoint issue code --folder keys --kind paper --issuer 46 --png elder.png`

    `checkpoint issue code --folder keys --kind eu`

    `checkpoint issue code --folder keys --kind shc --issuer https://health.example/cards`

    `checkpoint issue code --folder keys --kind vds-nc --issuer UTO`
    """
    now = datetime.now(UTC).replace(microsecond=0) - span(issued_ago)
    lifetime = span(valid_for) if valid_for else _VALID_FOR.get(kind, _LONG_LIVED)
    key = issuer_key(folder, issuer or _default_issuer(kind), division)
    if foreign := FOREIGN_KINDS.get(kind):
        text = foreign.issue(key, now, lifetime)
    else:
        from scanner.formats.masking import mask
        from scanner.issuing.health_code import as_link, issue_health_code

        claims = PassClaims(
            format=HEALTH_CODE,
            kind=PassKind(kind.value),
            issuer=key.issuer,
            colour=colour,
            issued_at=now,
            expires_at=now + lifetime,
            code_id=secrets.token_bytes(8),
            holder=Holder(mask(name), id_kind, id_suffix),
            division=division or key.division,
            scope=scope,
            dependant=DependantRecord("parent", "张*") if kind is CodeKind.DEPENDANT else None,
        )
        text = issue_health_code(claims, key)
        text = as_link(text, link) if link else text
    if png is None:
        typer.echo(text)
        return
    from scanner.issuing.picture import qr_png

    png.write_bytes(qr_png(text))
    typer.echo(f"{png}: {len(text)} characters.")


def _default_issuer(kind: CodeKind) -> str:
    if foreign := FOREIGN_KINDS.get(kind):
        return foreign.issuer
    return NATIONAL if kind is CodeKind.NATIONAL else "33"
