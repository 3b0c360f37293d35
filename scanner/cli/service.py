"""The gate and the kiosk, started without Typer where the options are plain.

Typer validates options with pydantic. For a person who types a command that is well spent; a
service is always started with the same few words, and there the two libraries are a third of the
time until a gate that crashed reads codes again, and 8 MB of the kiosk (`docs/gate.md`). So
`checkpoint` looks here first. Whatever is not plainly one of these commands, a mistake or `--help`
included, is Typer's: an option that is missing here costs time, never meaning.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn


class _NotPlainError(Exception):
    """These words are for Typer."""


class _PlainParser(argparse.ArgumentParser):
    """Takes complete and correct options only, and answers nobody."""

    def __init__(self) -> None:
        super().__init__(add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise _NotPlainError(message)


def run_service(words: Sequence[str]) -> int | None:
    """Run the service that the command line's `words` name.

    Returns:
        Its exit status; None when the words are for Typer, and nothing has happened.

    Raises:
        CheckpointError: the service cannot run.
    """
    if not words or words[0] not in PARSERS:
        return None
    try:
        given = PARSERS[words[0]].parse_args(words[1:])
    except _NotPlainError:
        return None
    if words[0] == "kiosk":
        from scanner.cli.screen import open_kiosk

        graphics = None if given.graphics == "auto" else given.graphics
        return open_kiosk(given.settings, given.socket, graphics, given.language)
    from scanner.cli.gate import run_gate

    run_gate(given.settings, given.camera, once=given.once)
    return 0


def _gate_options() -> argparse.ArgumentParser:
    parser = _PlainParser()
    parser.add_argument("--headless", action="store_true", required=True)
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--camera")
    parser.add_argument("--once", action="store_true")
    return parser


def _kiosk_options() -> argparse.ArgumentParser:
    parser = _PlainParser()
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--socket", type=Path)
    parser.add_argument("--graphics", choices=("auto", "sixel", "blocks"), default="auto")
    parser.add_argument("--language")
    return parser


PARSERS: Final = {"run": _gate_options(), "kiosk": _kiosk_options()}
