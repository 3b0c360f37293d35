"""`checkpoint phone`: a holder's phone in a terminal, to try codes that no screenshot can copy."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.issuing_options import (
    DivisionOption,
    FolderOption,
    IdKindOption,
    NameOption,
    SuffixOption,
    issuer_key,
    span,
)
from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    Holder,
    IdKind,
    PassClaims,
    PassKind,
)

app = typer.Typer(
    help="""A small phone for pilots: its code changes every 30 seconds, and a copy is worthless.

The issuer signs one code a day and names the phone's key in it; the phone signs that code together
with the time, again and again, offline. Gates take no copy that is older than a minute.

`checkpoint issue keys --folder keys`, `checkpoint phone new --folder keys`, then
`checkpoint phone show` and hold the screen before the gate's camera.""",
    no_args_is_help=True,
)

PhoneOption = Annotated[Path, typer.Option(help="The phone's own folder; it is secret.")]
_HOME = Path("phone")


@app.command()
def new(
    folder: FolderOption,
    phone: PhoneOption = _HOME,
    issuer: Annotated[str, typer.Option(help="Two digits such as 33.")] = "33",
    colour: Annotated[Colour, typer.Option(help="The holder's colour.")] = Colour.GREEN,
    name: NameOption = "张小三",
    id_suffix: SuffixOption = "123X",
    id_kind: IdKindOption = IdKind.RESIDENT_CARD,
    division: DivisionOption = None,
    valid_for: Annotated[str, typer.Option(help="How long the day's code holds.")] = "24h",
    algorithm: Annotated[
        Algorithm, typer.Option(help="Of a new phone's key: EdDSA, or ES256 as most phones have.")
    ] = Algorithm.EDDSA,
) -> None:
    """Make a phone, and get its code of the day from the issuer's keys in FOLDER.

    Run again, the phone keeps its key and gets the next code; `phone show` takes it up by itself.
    A phone's key never leaves its folder: the issuer gets to know the public half.

    **Examples**

    `checkpoint phone new --folder keys --issuer 33`

    `checkpoint phone new --folder keys --phone lis-phone --name 李四 --colour yellow`
    """
    from scanner.formats.holder_proof import PHONE_ALGORITHMS
    from scanner.formats.masking import mask
    from scanner.issuing.health_code import issue_health_code
    from scanner.issuing.phone import KEY_NAME, Phone

    if algorithm not in PHONE_ALGORITHMS:
        raise typer.BadParameter(f"phones do not sign with {algorithm}: EdDSA or ES256")
    lifetime = span(valid_for)
    key = issuer_key(folder, issuer, division)
    holder = Phone.load(phone) if (phone / KEY_NAME).exists() else Phone.new(algorithm)
    now = datetime.now(UTC).replace(microsecond=0)
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer=key.issuer,
        colour=colour,
        issued_at=now,
        expires_at=now + lifetime,
        code_id=secrets.token_bytes(8),
        holder=Holder(mask(name), id_kind, id_suffix),
        division=division or key.division,
    )
    text = issue_health_code(claims, key, holder.public_key)
    holder.receives(text).save(phone)
    end = f"{now + lifetime:%Y-%m-%d %H:%M} UTC"
    typer.echo(f"{phone}: {holder.algorithm} key, code of the day until {end}.")
    typer.echo(f"Show it: checkpoint phone show --phone {phone}")


@app.command()
def show(
    phone: PhoneOption = _HOME,
    once: Annotated[
        bool, typer.Option("--once", help="Print one code and end; gates take it for a minute.")
    ] = False,
    png: Annotated[
        Path | None, typer.Option(help="Write one code there as a picture, and end.")
    ] = None,
) -> None:
    """Show the code of this moment, and a new one every 30 seconds; Ctrl-C ends.

    The window has to hold the whole code: at most 77 columns and 40 lines. Where it does not, make
    its letters smaller (Ctrl and minus in most terminals).

    **Examples**

    `checkpoint phone show`

    `checkpoint phone show --once`, `checkpoint phone show --png me.png`
    """
    from scanner.cli.phone_screen import current_text, keep_showing, print_code

    if not once and png is None:
        keep_showing(phone)
        return
    text = current_text(phone, datetime.now(UTC))
    if png is not None:
        from scanner.issuing.picture import qr_png

        png.write_bytes(qr_png(text))
        typer.echo(f"{png}: {len(text)} characters; gates take it for a minute from now.")
    if once:
        print_code(text)
