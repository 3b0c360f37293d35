"""`checkpoint policy lint | test`: what is wrong with a file, and with what it does."""

from pathlib import Path
from typing import Annotated

import typer


def lint(
    files: Annotated[
        list[Path], typer.Argument(help="Layers, or folders of them: the wider ones, too.")
    ],
) -> None:
    """Say what is wrong with layers, by file, line and key.

    Each file is looked at under those of the others that are wider, and under the shipped national
    rules. A value that is milder than what these say has no effect at any gate and is an error. The
    exit status is 1 where there is one.

    **Examples**

    `checkpoint policy lint config/policies`

    `checkpoint policy lint 33.toml 330100.toml north-gate.toml`
    """
    from scanner.cli.policy.linting import Severity, lint
    from scanner.cli.policy.stacks import files_of

    paths = list(files_of(files))
    mistakes = lint(paths)
    for mistake in mistakes:
        typer.echo(str(mistake))
    errors = sum(mistake.severity is Severity.ERROR for mistake in mistakes)
    typer.echo(f"{len(paths)} files, {errors} errors, {len(mistakes) - errors} pieces of advice")
    if errors:
        raise typer.Exit(1)


def test(
    files: Annotated[list[Path], typer.Argument(help="Tables of people: NAME.test.toml.")],
) -> None:
    """Decide a table of people and say where something else comes out than was expected.

    The table names its layers and what each person shall come to; docs/policy.md has an example.
    The exit status is 1 where something differs.

    **Examples**

    `checkpoint policy test config/policies/510100.test.toml`

    `checkpoint policy test config/policies/*.test.toml`
    """
    from scanner.cli.policy.table_tests import run_table

    failed = total = 0
    for path in files:
        for outcome in run_table(path):
            total += 1
            failed += bool(outcome.differs)
            if outcome.differs:
                typer.echo(f"{path}: {outcome.name}")
            for line in outcome.differs:
                typer.echo(f"    {line}")
    typer.echo(f"{total} people, {failed} come to something else")
    if failed:
        raise typer.Exit(1)
