"""`checkpoint hub`: take entries from many gates and show them."""

from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from config.settings import HubSettings
    from sync.hub.service import HubConfig
    from sync.hub.travel import Place

app = typer.Typer(
    help="""Take entries from many gates and show how they are.

One process on one SQLite file; the first start makes the database and the hub's two keys. Put a
proxy before it that terminates TLS and asks supervisors who they are; gates need no login, they
sign what they send.

**Examples**

`checkpoint hub --settings /etc/checkpoint/hub.toml`

`checkpoint hub token` makes a token with which one gate can enrol""",
    invoke_without_command=True,
)

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="The hub's settings file; the shipped defaults without it."),
]


@app.callback()
def hub(context: typer.Context, settings: SettingsOption = None) -> None:
    """Serve until SIGTERM."""
    if context.invoked_subcommand is not None:
        return
    from scanner.cli.logs import configure_logs
    from sync.hub.server import open_hub, serve

    configure_logs()
    tree = _load(settings)
    serve(open_hub(_config(tree), tree.state), tree.host, tree.port)


@app.command()
def token(
    settings: SettingsOption = None,
    minutes: Annotated[int, typer.Option(min=1, max=10_080, help="How long it may be used.")] = 60,
) -> None:
    """Print a token with which one gate can enrol, once.

    The hub keeps only its hash. It carries a fingerprint of the hub's keys: hand it over like a
    password, and the gate will notice a stranger in between.
    """
    from sync.hub.enrolment import make_token
    from sync.hub.server import open_hub

    tree = _load(settings)
    opened = open_hub(_config(tree), tree.state)
    try:
        print(make_token(opened.store, opened.keys, datetime.now(UTC), timedelta(minutes=minutes)))
    finally:
        opened.store.close()


@app.command()
def retire(
    device: Annotated[str, typer.Argument(help="The gate's id, such as d-0123456789abcdef.")],
    settings: SettingsOption = None,
) -> None:
    """Take nothing more from a gate that was lost, sold or cloned; what it sent stays.

    A new token takes it back.
    """
    from scanner.domain.errors import CheckpointError
    from sync.hub.server import DATABASE
    from sync.hub.store.sqlite import SqliteStore

    store = SqliteStore(_load(settings).state / DATABASE)
    try:
        if not store.retire(device, datetime.now(UTC)):
            raise CheckpointError("There is no gate of that id.", "The first page lists them.")
    finally:
        store.close()
    print(f"{device} is retired.")


@app.command()
def place(
    device: Annotated[str, typer.Argument(help="The gate's id, such as d-0123456789abcdef.")],
    latitude: Annotated[
        float | None, typer.Option(min=-90, max=90, help="Degrees north; south is negative.")
    ] = None,
    longitude: Annotated[
        float | None, typer.Option(min=-180, max=180, help="Degrees east; west is negative.")
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Look at that gate no more.")] = False,
    settings: SettingsOption = None,
) -> None:
    """Say where a gate stands, so that the hub can tell when nobody gets from it to another.

    From the second place on, gates that have one mark who came, under a key that the hub gives out
    for each day. One person at two gates sooner than any car goes is a suspicion on the first page:
    gates and times, no name, and no verdict is changed by it. docs/passback.md says what the hub
    can learn from it; without places no gate marks anybody.

    **Examples**

    `checkpoint hub place d-0123456789abcdef --latitude 30.25 --longitude 120.17`

    `checkpoint hub place d-0123456789abcdef --forget`
    """
    from scanner.domain.errors import CheckpointError
    from sync.hub.server import DATABASE
    from sync.hub.store.sqlite import SqliteStore

    where = None if forget else _place(latitude, longitude)
    if forget and not (latitude is None and longitude is None):
        raise CheckpointError("--forget takes no place.", "Name either a place or --forget.")
    store = SqliteStore(_load(settings).state / DATABASE)
    try:
        if not store.set_place(device, where):
            raise CheckpointError("There is no gate of that id.", "The first page lists them.")
    finally:
        store.close()
    if where is None:
        print(f"{device} has no place any more.")
    else:
        print(f"{device} stands at {where.latitude:.5f}, {where.longitude:.5f}.")


@app.command()
def sunset(
    file: Annotated[
        Path | None, typer.Argument(help="A certificate that a gate without network wrote.")
    ] = None,
    settings: SettingsOption = None,
) -> None:
    """Keep the last certificate of a gate that erased itself; without a file, print all of them.

    A gate that reaches the hub brings its certificate itself.
    """
    from sync.hub.server import open_hub
    from sync.hub.sunsets import take_file

    tree = _load(settings)
    opened = open_hub(_config(tree), tree.state)
    try:
        if file is not None:
            device = take_file(file, opened.store, opened.keys, datetime.now(UTC))
            print(f"The certificate of {device} is kept.")
            return
        for device, at, certificate in opened.store.sunsets():
            print(f"{device}, kept since {at:%F %T}Z\n\n{certificate}")
    finally:
        opened.store.close()


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The copy; best on another disk.")],
    settings: SettingsOption = None,
) -> None:
    """Copy the database while the hub runs, and count what is in the copy as archived.

    Gates keep every entry at least until it is archived. The two key files are not in the copy.
    """
    from sync.hub.server import DATABASE
    from sync.hub.store.sqlite import SqliteStore

    store = SqliteStore(_load(settings).state / DATABASE)
    try:
        moved = store.backup(target)
    finally:
        store.close()
    print(f"{target} holds everything; {moved} logs have more archived entries than before.")


def _place(latitude: float | None, longitude: float | None) -> "Place":
    """A place on the earth.

    Raises:
        CheckpointError: half of it is missing, or is no number.
    """
    from scanner.domain.errors import CheckpointError
    from sync.hub.travel import Place

    if latitude is None or longitude is None or not (isfinite(latitude) and isfinite(longitude)):
        raise CheckpointError(
            "A place is a latitude and a longitude, both numbers of degrees.",
            "Such as --latitude 30.25 --longitude 120.17; a map shows both.",
        )
    return Place(latitude, longitude)


def _load(path: Path | None) -> "HubSettings":
    from config.settings import load_hub_settings

    return load_hub_settings(path)


def _config(tree: "HubSettings") -> "HubConfig":
    from sync.hub.service import HubConfig

    return HubConfig(
        title=tree.title,
        public_url=tree.public_url.rstrip("/"),
        next_sync_s=tree.next_sync_s,
        trust=tree.trust,
        notify_url=tree.notify_url,
    )
