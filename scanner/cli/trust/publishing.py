"""`checkpoint trust publish | refresh | expire`: what is served, and how long it holds."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scanner.cli.issuing_options import span
from scanner.cli.trust.options import (
    KeysOption,
    PassphraseFileOption,
    RepositoryOption,
    YesOption,
    agreed,
    changing,
    now,
    opened,
    signers,
    staged_next,
    tell,
)
from scanner.domain.errors import TrustError

if TYPE_CHECKING:
    from scanner.publishing.overview import Office

DUE: Final = 3
EXPIRED: Final = 4
_LONGEST_WARNING: Final = timedelta(days=30)


def publish(
    repository: RepositoryOption,
    key: KeysOption,
    passphrase_file: PassphraseFileOption = None,
    yes: YesOption = False,
) -> None:
    """Serve everything that is staged and signed, at one moment.

    Asks for the keys of snapshot and timestamp. Every signature and every file is first verified
    exactly as a gate verifies them; what a gate would refuse is not published. Interrupted at any
    point, the folder serves what it served before, or the new state, and nothing in between.

    **Example**: `checkpoint trust publish -r trust --key snapshot.key --key timestamp.key`
    """
    from scanner.publishing.comparing import staged_changes
    from scanner.publishing.publication import publish as serve

    with changing(repository) as folder:
        waiting = folder.staged_roles()
        if waiting and not yes:
            for role in waiting:
                tell(staged_changes(folder, role))
            agreed("Publish this?", yes=yes)
        done = serve(folder, signers(key, passphrase_file), now())
    before = done.before.version if done.before else "nothing"
    typer.echo(f"Published: version {before} -> {done.after.version}, in {repository}")
    if done.before is None:
        typer.echo(
            f"Gates are installed with {repository}/metadata/1.root.json as their root.json."
        )


def refresh(
    repository: RepositoryOption,
    key: KeysOption,
    passphrase_file: PassphraseFileOption = None,
) -> None:
    """Vouch anew that nothing newer is published: the next timestamp, and in time a snapshot.

    Gates count the age of their keys from it. A timer runs this at the hub every six hours, with
    the passphrase as a systemd credential (systemd/checkpoint-trust-refresh.timer). What is staged
    stays staged.

    **Example**: `checkpoint trust refresh -r trust --key snapshot.key --key timestamp.key`
    """
    from scanner.publishing.publication import refresh as vouch

    with changing(repository) as folder:
        done = vouch(folder, signers(key, passphrase_file), now())
    typer.echo(f"Version {done.after.version}, good until {done.after.timestamp.expires_at:%F}.")


def expire(
    repository: RepositoryOption,
    role: Annotated[
        str | None, typer.Argument(help="A role whose next version shall last so long.")
    ] = None,
    lasts: Annotated[
        str | None, typer.Option("--in", help="With a role: such as 90d, or 12h.")
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(help="What ends so soon is due, such as 14d; else a quarter of its lifetime."),
    ] = None,
) -> None:
    """Tell what expires when; or stage a role anew so that it lasts longer or shorter.

    For monitoring: the exit status is 0, 3 when something is due to be signed again, 4 when
    something has expired. Gates go on with what has expired and call it old; other TUF clients
    refuse it.

    **Examples**

    `checkpoint trust expire -r trust`

    `checkpoint trust expire issuer-33 -r trust --in 30d`
    """
    from scanner.publishing.overview import offices
    from scanner.publishing.staging import relabel

    if role is not None:
        if lasts is None:
            raise typer.BadParameter("say how long it shall last: --in 90d")
        if role in ("snapshot", "timestamp"):
            raise TrustError(
                f"{role} is signed at each publication and is never staged.",
                "checkpoint trust refresh signs it anew.",
            )
        with changing(repository) as folder:
            relabel(folder, role, now(), span(lasts))
            staged_next(folder, [role])
        return
    soon = None if within is None else span(within)
    worst = 0
    for office in sorted(offices(opened(repository).required()), key=lambda held: held.expires_at):
        status = _status(office, now(), soon)
        words = {0: "", DUE: "  due", EXPIRED: "  EXPIRED"}[status]
        tell([f"{office.expires_at:%Y-%m-%d %H:%M}  {office.role} {office.version}{words}"])
        worst = max(worst, status)
    raise typer.Exit(worst)


def _status(office: "Office", at: datetime, soon: timedelta | None) -> int:
    left = office.expires_at - at
    lasts = office.expires_at - (office.issued_at or at)
    if left <= timedelta():
        return EXPIRED
    return DUE if left < (soon or min(lasts / 4, _LONGEST_WARNING)) else 0
