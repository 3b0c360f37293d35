"""`checkpoint demo`: twelve people at a gate on this machine, without network or camera."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def demo(
    state: Annotated[
        Path, typer.Option(help="Folder for the demo's keys, ledger and hub; made anew.")
    ] = Path("var/demo"),
    headless: Annotated[
        bool, typer.Option("--headless", help="No kiosk: one line a person and a table.")
    ] = False,
    kills: Annotated[
        int,
        typer.Option(min=0, help="kill -9 gate, sync or hub this often, at random moments."),
    ] = 0,
    seed: Annotated[int, typer.Option(help="For the moments of --kills.")] = 0,
) -> None:
    """Watch a gate work: hub, gate, sync and kiosk, and a queue of twelve people.

    Every part is the real one except the lens: a simulated camera plays rendered frames of phones
    and papers. With a terminal the kiosk opens here, and you may answer as the guard would (the
    demo's own guard answers after a while); press q to leave. Exit status 0 means that everybody
    was decided as expected and that every entry reached the hub exactly once.
    """
    from scanner.cli.demo.performance import perform

    watched = not headless and sys.stdout.isatty()
    if not perform(state, watched=watched, kills=kills, seed=seed):
        raise typer.Exit(1)
