"""`checkpoint trust init | add-issuer | add-layer | remove-role | rotate`: who may sign what."""

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.trust.options import (
    PublicKeysOption,
    RepositoryOption,
    ThresholdOption,
    YesOption,
    agreed,
    changing,
    now,
    public_keys,
    staged_next,
)
from scanner.domain.errors import TrustError


def init(
    repository: RepositoryOption,
    root: Annotated[
        list[Path], typer.Option("--root-key", help="A root key's NAME.pub, again for each.")
    ],
    targets: Annotated[
        list[Path], typer.Option("--targets-key", help="NAME.pub of who says who may sign what.")
    ],
    snapshot: Annotated[
        list[Path], typer.Option("--snapshot-key", help="NAME.pub of the hub's snapshot key.")
    ],
    timestamp: Annotated[
        list[Path], typer.Option("--timestamp-key", help="NAME.pub of the hub's timestamp key.")
    ],
    threshold: Annotated[int, typer.Option(min=1, help="How many root keys must sign.")] = 2,
    targets_threshold: Annotated[
        int, typer.Option(min=1, help="How many targets keys must sign.")
    ] = 1,
) -> None:
    """Begin a repository: stage the first root and the first targets.

    Two of three root keys are a good beginning: one may be lost and one may be stolen, and nothing
    happens but that the others replace it.

    **Example**

    `checkpoint trust init -r trust --threshold 2 --root-key li.pub --root-key wang.pub
    --root-key chen.pub --targets-key office.pub --snapshot-key snapshot.pub --timestamp-key
    timestamp.pub`
    """
    from scanner.publishing.staging import begin

    named = {"root": root, "targets": targets, "snapshot": snapshot, "timestamp": timestamp}
    keys = {role: public_keys(paths) for role, paths in named.items()}
    thresholds = {"root": threshold, "targets": targets_threshold, "snapshot": 1, "timestamp": 1}
    with changing(repository) as folder:
        begin(folder, keys, thresholds, now())
        staged_next(folder, ["root", "targets"])


def add_issuer(
    issuer: Annotated[
        str, typer.Argument(help="33, EU, UTO, did:web:… or https://…: what its codes say.")
    ],
    repository: RepositoryOption,
    key: PublicKeysOption,
    threshold: ThresholdOption = 1,
) -> None:
    """Let an issuer publish its own keys and revocations, and nothing else.

    Stages `targets`, to be signed by the office that holds its key, and the issuer's first version,
    to be signed by the issuer.

    **Example**: `checkpoint trust add-issuer 46 -r trust --key hainan.pub`
    """
    from scanner.trust.bundle.issuer_keys import IssuerKeys, decode_issuer_keys, encode_issuer_keys
    from scanner.trust.bundle.layout import issuer_role, keys_path

    # Refused here in words, before anything is staged under a name that no code can carry.
    decode_issuer_keys(keys_path(issuer), encode_issuer_keys(IssuerKeys(issuer, ())))
    _add(repository, issuer_role(issuer), key, threshold)


def add_layer(
    layer: Annotated[
        str,
        typer.Argument(help="nation, a province's two digits, a city's six, or `sites`."),
    ],
    repository: RepositoryOption,
    key: PublicKeysOption,
    threshold: ThresholdOption = 1,
) -> None:
    """Let an office publish the rules of its layer, or the profiles of sites.

    **Example**: `checkpoint trust add-layer 330100 -r trust --key hangzhou.pub`
    """
    from scanner.trust.bundle.layout import SITES_ROLE, policy_role

    try:
        role = SITES_ROLE if layer == SITES_ROLE else policy_role(layer)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    _add(repository, role, key, threshold)


def remove_role(
    role: Annotated[str, typer.Argument(help="issuer-46, policy-33, sites; `show` lists them.")],
    repository: RepositoryOption,
    yes: YesOption = False,
) -> None:
    """Take an issuer or a layer out: no gate believes anything that it published any more.

    Its files stay until gates fetch the next publication; its name stays in the snapshot for ever,
    because clients refuse a snapshot that forgets a role.

    **Example**: `checkpoint trust remove-role issuer-46 -r trust`
    """
    from scanner.publishing.offices import remove_role as stage_removal

    with changing(repository) as folder:
        agreed(f"Take {role} out, with everything that it published?", yes=yes)
        stage_removal(folder, role, now())
        staged_next(folder, ["targets"])


def rotate(
    role: Annotated[
        str, typer.Argument(help="root, targets, snapshot, timestamp, issuer-33, policy-33, sites.")
    ],
    repository: RepositoryOption,
    add: Annotated[
        list[Path] | None,
        typer.Option("--add", help="NAME.pub of a key that may sign from now on."),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(
            "--remove", help="Owner, or first digits of the id, of a key that may no longer."
        ),
    ] = None,
    threshold: Annotated[
        int | None, typer.Option(min=1, help="How many must sign from now on.")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Replace a role's keys: one was lost, stolen, or its owner left.

    For root, targets, snapshot and timestamp this stages the next root, which needs the signatures
    that the old root asks for and those that the new one asks for. For an issuer or a layer it
    stages `targets`. Where the role's own metadata would lose the signatures they need, they are
    staged as well, to be signed with the new key.

    **Examples**

    `checkpoint trust rotate root -r trust --remove "Chen Gang, ministry" --add he.pub`

    `checkpoint trust rotate issuer-33 -r trust --remove "Zhejiang" --add zhejiang-2.pub`

    A thief of snapshot and timestamp keys may have published very high version numbers. Rotating
    both keys makes gates count anew: `checkpoint trust rotate timestamp …`, `… snapshot …`.
    """
    from scanner.publishing import offices

    if not add and not remove and threshold is None:
        raise TrustError("Nothing would change.", "Name --add, --remove or --threshold.")
    with changing(repository) as folder:
        if remove:
            agreed(f"Take {' and '.join(remove)} out of {role}?", yes=yes)
        affected = offices.rotate(
            folder, role, public_keys(add or ()), remove or (), threshold, now()
        )
        staged_next(folder, affected)


def _add(repository: Path, role: str, keys: list[Path], threshold: int) -> None:
    from scanner.publishing.offices import add_role

    with changing(repository) as folder:
        add_role(folder, role, public_keys(keys), threshold, now())
        staged_next(folder, ["targets", role])
