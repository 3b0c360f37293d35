"""The `checkpoint` command: puts the groups together."""

import typer

from scanner.cli import device, entries, guard, hub, issue, phone, proofs, sync
from scanner.cli.camera import command as camera
from scanner.cli.demo.command import demo
from scanner.cli.faults import told_as_sentences
from scanner.cli.kiosk import kiosk
from scanner.cli.neighbours import neighbours
from scanner.cli.policy import command as policy
from scanner.cli.run import run
from scanner.cli.sunset import sunset
from scanner.cli.trust import command as trust
from scanner.cli.verify import verify

app = typer.Typer(
    name="checkpoint",
    help="A health-code gate that keeps deciding when there is no network.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,  # locals can hold what a code said
)


app.command()(run)
app.command()(kiosk)
app.command()(neighbours)
app.command()(demo)
app.command()(verify)
app.command()(sunset)
app.add_typer(camera.app, name="camera")
app.add_typer(issue.app, name="issue")
app.add_typer(phone.app, name="phone")
proofs.register(entries.app)
app.add_typer(entries.app, name="entries")
app.add_typer(hub.app, name="hub")
app.add_typer(sync.app, name="sync")
app.add_typer(device.app, name="device")
app.add_typer(trust.app, name="trust")
app.add_typer(guard.app, name="guard")
app.add_typer(policy.app, name="policy")


@app.callback()
def _root() -> None:
    """Keep `checkpoint COMMAND` a group even while only one command is registered."""


def main() -> None:
    """Every command through Typer; what is installed is `scanner.cli.__main__`."""
    with told_as_sentences():
        app()


if __name__ == "__main__":
    main()
