"""The group `checkpoint policy`: registers its commands."""

import typer

from scanner.cli.policy import checking, comparisons, explanation, simulation

app = typer.Typer(
    help="""Write rules, look what they do, and only then have them signed.

A layer is a short TOML file of a nation, a province, a city, a county or a site. It adds and
tightens and never loosens; docs/policy.md tells officials what may stand in it, and
`config/policies` has examples. These commands read files and change nothing.

**An afternoon**

`checkpoint policy lint 510100.toml` says what is wrong, by line

`checkpoint policy explain --policy 510100.toml --site venue --colour yellow` decides one person

`checkpoint policy test 510100.test.toml` decides a table of them

`checkpoint policy diff old.toml 510100.toml` says for whom it is new

`checkpoint policy simulate 510100.toml --ledger ledger.db` tries it on last week

`checkpoint trust put rules 510100.toml --layer 510100` hands it to whoever signs""",
    no_args_is_help=True,
)

app.command("lint")(checking.lint)
app.command("test")(checking.test)
app.command("explain")(explanation.explain)
app.command("diff")(comparisons.diff)
app.command("simulate")(simulation.simulate)
