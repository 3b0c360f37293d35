"""What every `checkpoint entries` command is told: which ledger, and how to answer."""

import sys
from pathlib import Path
from typing import Annotated

import typer

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="The gate's settings file; names where the ledger is."),
]
LedgerOption = Annotated[
    Path | None,
    typer.Option("--ledger", help="A ledger file, such as a copy from another gate's card."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="JSON lines even on a terminal (a pipe always gets them).")
]


def ledger_path(settings: Path | None, ledger: Path | None) -> Path:
    """The ledger that was named, or the one of the settings."""
    if ledger is not None:
        return ledger
    from config.settings import load_gate_settings

    return load_gate_settings(settings).ledger


def wants_json(as_json: bool) -> bool:
    """Whether to answer in JSON lines: when asked to, and into a pipe."""
    return as_json or not sys.stdout.isatty()
