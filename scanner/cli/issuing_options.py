"""What `checkpoint issue` and `checkpoint phone` ask alike."""

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.domain.errors import SettingsError
from scanner.domain.passes import IdKind

if TYPE_CHECKING:
    from scanner.issuing.keys import IssuerKey

PRIVATE = "private"
ISSUERS_FOLDER = "issuers"


def six_digits(value: str | None) -> str | None:
    """A division as it was typed.

    Raises:
        typer.BadParameter: it is none.
    """
    if value is not None and not re.fullmatch(r"[1-9][0-9]{5}", value):
        raise typer.BadParameter(f"{value!r} is no division: six digits such as 330100")
    return value


FolderOption = Annotated[Path, typer.Option(help="Where the keys are; `private` in it is secret.")]
NameOption = Annotated[str, typer.Option(help="The holder's name; it is masked here.")]
SuffixOption = Annotated[str, typer.Option(help="Last four characters of the id.")]
IdKindOption = Annotated[IdKind, typer.Option(help="Which document.")]
DivisionOption = Annotated[
    str | None, typer.Option(help="City or county, six digits.", callback=six_digits)
]


def issuer_key(folder: Path, issuer: str, division: str | None) -> "IssuerKey":
    """A key of `issuer` in `folder`: its city's, where there is one, else the province's.

    Raises:
        SettingsError: there is none.
    """
    from scanner.issuing.keys import load_issuer_keys

    keys = load_issuer_keys(folder / PRIVATE / ISSUERS_FOLDER)
    own = [key for key in keys if key.issuer == issuer]
    for wanted in (division, None):
        if key := next((key for key in own if key.division == wanted), None):
            return key
    if own and division is None:
        return own[0]
    raise SettingsError(
        f"{folder} holds no key of issuer {issuer}.",
        f"Make one: checkpoint issue keys --folder {folder} --issuer {issuer}",
    )


def span(text: str) -> timedelta:
    """A time span as it was typed.

    Raises:
        typer.BadParameter: it is none.
    """
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    number, unit = text[:-1], units.get(text[-1:])
    if unit is None or not re.fullmatch(r"[0-9]{1,6}", number):
        raise typer.BadParameter(f"{text!r} is no span such as 90s, 10m, 24h or 180d")
    return timedelta(**{unit: int(number)})
