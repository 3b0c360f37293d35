"""The `checkpoint` command: puts the groups together and prints our errors as sentences."""

import sys

import typer

from scanner.cli import device, entries, hub, issue, phone, sync
from scanner.cli.camera import command as camera
from scanner.cli.demo.command import demo
from scanner.cli.kiosk import kiosk
from scanner.cli.run import run
from scanner.cli.trust import command as trust
from scanner.cli.verify import verify
from scanner.domain.errors import CheckpointError

app = typer.Typer(
    name="checkpoint",
    help="A health-code gate that keeps deciding when there is no network.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,  # locals can hold what a code said
)


app.command()(run)
app.command()(kiosk)
app.command()(demo)
app.command()(verify)
app.add_typer(camera.app, name="camera")
app.add_typer(issue.app, name="issue")
app.add_typer(phone.app, name="phone")
app.add_typer(entries.app, name="entries")
app.add_typer(hub.app, name="hub")
app.add_typer(sync.app, name="sync")
app.add_typer(device.app, name="device")
app.add_typer(trust.app, name="trust")


@app.callback()
def _root() -> None:
    """Keep `checkpoint COMMAND` a group even while only one command is registered."""


def main() -> None:
    """Entry point: exit status 1 with one sentence for the machine's faults, 130 for Ctrl-C."""
    try:
        app()
    except CheckpointError as error:
        print(f"checkpoint: {error.found}", file=sys.stderr)
        if error.remedy:
            print(f"  {error.remedy}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
