"""`checkpoint policy diff`: what a change does."""

from pathlib import Path
from typing import Annotated

import typer


def diff(
    old: Annotated[Path, typer.Argument(help="A layer, or a folder with those of one place.")],
    new: Annotated[Path, typer.Argument(help="The same, changed.")],
    beside: Annotated[
        list[Path] | None,
        typer.Option("--with", help="A layer that holds before and after; again for each."),
    ] = None,
) -> None:
    """Say what differs between two sets of rules: keys, rules, and what becomes of whom.

    A table of typical people (colours, kinds of pass, kinds of site, persons, tests, vaccinations,
    measured or not) is decided by both. What becomes milder stands first.

    **Examples**

    `checkpoint policy diff 510100.toml 510100-new.toml`

    `checkpoint policy diff old.toml new.toml --with 33.toml`
    """
    from scanner.cli.policy.comparing import changed_keys, changed_rules, compare
    from scanner.cli.policy.stacks import read_layers, with_base
    from scanner.policy.joining import join

    others = beside or []
    before = with_base(read_layers([old, *others]))
    after = with_base(read_layers([new, *others]))
    for line in changed_keys(join(before), join(after)):
        typer.echo(line)
    for line in changed_rules(before, after):
        typer.echo(line)
    people, changes = compare(before, after)
    for change in changes:
        mark = "MILDER  " if change.is_milder else "        "
        typer.echo(f"{mark}{change.people:5} of {people}: {change.what}")
        typer.echo(f"{'':16}{change.they_are}")
    if not changes:
        typer.echo(f"Of {people} typical people each comes to the same.")
