"""`checkpoint trust set-keys | add-key | revoke-key`: an issuer's public keys, by the issuer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.issuing_options import ISSUERS_FOLDER, PRIVATE, six_digits
from scanner.cli.trust.options import (
    RepositoryOption,
    YesOption,
    agreed,
    changing,
    now,
    staged_next,
)
from scanner.domain.errors import TrustError
from scanner.domain.passes import PassKind

if TYPE_CHECKING:
    from scanner.publishing.key_sets import Limits
    from scanner.trust.bundle.issuer_keys import KeyRecord
    from scanner.trust.keys import TrustedKey

IssuerArgument = Annotated[str, typer.Argument(help="Whose keys: 33, EU, UTO, did:web:… …")]
FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        help="Public keys or certificates (PEM, DER), JWKS, DID documents; or a folder of "
        "`checkpoint issue keys`."
    ),
]
FromOption = Annotated[
    datetime | None,
    typer.Option("--valid-from", formats=["%Y-%m-%d"], help="First day, UTC."),
]
UntilOption = Annotated[
    datetime | None,
    typer.Option("--valid-until", formats=["%Y-%m-%d"], help="First day on which it ends, UTC."),
]
KindsOption = Annotated[
    list[PassKind] | None,
    typer.Option("--kind", help="A pass kind that they may sign, again for each; all without it."),
]
DivisionOption = Annotated[
    str | None,
    typer.Option(help="Six digits: they belong to this city's back end.", callback=six_digits),
]
KidOption = Annotated[
    str | None,
    typer.Option(help="The id that codes name the key by, hexadecimal; else it follows from it."),
]


def set_keys(
    issuer: IssuerArgument,
    files: FilesArgument,
    repository: RepositoryOption,
    valid_from: FromOption = None,
    valid_until: UntilOption = None,
    kind: KindsOption = None,
    division: DivisionOption = None,
) -> None:
    """Stage exactly these keys for an issuer; others that it had end.

    To be signed by the issuer, on its own machine, in its own copy of the repository.

    **Example**: `checkpoint trust set-keys 46 hainan-2026.pem -r copy --valid-until 2028-01-01`
    """
    from scanner.publishing.key_sets import stage_keys, with_keys
    from scanner.trust.bundle.issuer_keys import IssuerKeys
    from scanner.trust.bundle.layout import issuer_role

    limits = _limits(valid_from, valid_until, kind, division, None)
    with changing(repository) as folder:
        keys = with_keys(IssuerKeys(issuer, ()), _records(issuer, files, limits))
        stage_keys(folder, keys, now())
        staged_next(folder, [issuer_role(issuer)])


def add_key(
    issuer: IssuerArgument,
    files: FilesArgument,
    repository: RepositoryOption,
    valid_from: FromOption = None,
    valid_until: UntilOption = None,
    kind: KindsOption = None,
    division: DivisionOption = None,
    kid: KidOption = None,
) -> None:
    """Stage more keys for an issuer, beside those that it has.

    **Example**: `checkpoint trust add-key 33 hangzhou.pem -r copy --division 330100 --kind dynamic`
    """
    from scanner.publishing.key_sets import key_set, stage_keys, with_keys
    from scanner.trust.bundle.layout import issuer_role

    limits = _limits(valid_from, valid_until, kind, division, kid)
    with changing(repository) as folder:
        keys = with_keys(key_set(folder, issuer), _records(issuer, files, limits))
        stage_keys(folder, keys, now())
        staged_next(folder, [issuer_role(issuer)])


def revoke_key(
    issuer: IssuerArgument,
    kid: Annotated[str, typer.Argument(help="The key's id, or its first six digits or more.")],
    repository: RepositoryOption,
    yes: YesOption = False,
) -> None:
    """Stage that a key is taken back: no code that it ever signed counts any more.

    A key that merely ends is given a --valid-until instead.

    **Example**: `checkpoint trust revoke-key 33 0a1b2c3d4e5f6071 -r copy`
    """
    from scanner.publishing.key_sets import key_set, stage_keys, with_revoked
    from scanner.trust.bundle.layout import issuer_role

    with changing(repository) as folder:
        keys = with_revoked(key_set(folder, issuer), kid, now())
        agreed(f"Take back key {kid} of {issuer}, and every code that it signed?", yes=yes)
        stage_keys(folder, keys, now())
        staged_next(folder, [issuer_role(issuer)])


def _limits(
    valid_from: datetime | None,
    valid_until: datetime | None,
    kinds: list[PassKind] | None,
    division: str | None,
    kid: str | None,
) -> "Limits":
    from scanner.publishing.key_sets import Limits

    try:
        key_id = None if kid is None else bytes.fromhex(kid)
    except ValueError as error:
        raise typer.BadParameter(f"{kid!r} is not hexadecimal", param_hint="--kid") from error
    return Limits(
        valid_from=None if valid_from is None else valid_from.replace(tzinfo=UTC),
        valid_until=None if valid_until is None else valid_until.replace(tzinfo=UTC),
        kinds=tuple(kinds) if kinds else None,
        division=division,
        kid=key_id,
    )


def _records(issuer: str, files: list[Path], limits: "Limits") -> "list[KeyRecord]":
    from scanner.publishing.key_sets import limited, record, records_from_file

    if limits.division is not None and not limits.division.startswith(issuer):
        raise TrustError(
            f"Division {limits.division} lies outside issuer {issuer}.",
            f"It is {limits.division[:2]}'s to publish.",
        )
    found: list[KeyRecord] = []
    for path in files:
        if path.is_dir():
            found += [limited(record(key), limits) for key in _issuing_keys(path, issuer)]
        else:
            found += records_from_file(issuer, path, limits)
    return found


def _issuing_keys(path: Path, issuer: str) -> "list[TrustedKey]":
    from scanner.issuing.keys import load_issuer_keys

    keys = load_issuer_keys(path / PRIVATE / ISSUERS_FOLDER)
    own = [key.trusted() for key in keys if key.issuer == issuer]
    if not own:
        raise TrustError(
            f"{path} holds no key of issuer {issuer}.",
            f"Make one: checkpoint issue keys --folder {path} --issuer {issuer}",
        )
    return own
