"""What the demo prints: a line a person, and a table at the end."""

from collections.abc import Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from scanner.cli.demo.audit import Audit
from scanner.cli.demo.play import Outcome
from scanner.domain.verdicts import Decision

_COLOURS = {Decision.ADMIT: "green", Decision.CHECK: "yellow", Decision.REFUSE: "red"}


def print_person(console: Console, number: int, outcome: Outcome) -> None:
    """One line: who came and what the gate did."""
    mark = "[green]ok[/]" if outcome.is_as_expected else "[red bold]UNEXPECTED[/]"
    who = outcome.person.who
    if outcome.last is None:
        console.print(f"{number:2}  {mark}  [red]no verdict[/]  {who}")
        return
    last = outcome.last
    reasons = ", ".join(reason.value for reason in last.reasons)
    guard = f" -> {last.guard.value}" if last.guard else ""
    colour = _COLOURS[last.decision]
    console.print(
        f"{number:2}  {mark}  [{colour}]{last.decision.value:6}[/]{guard}  {who}"
        f"{f' [dim]({reasons})[/]' if reasons else ''}"
        f"  [dim]entry {last.visit}, {outcome.first_ms or 0:.0f} ms[/]",
        soft_wrap=True,
    )


def print_summary(
    console: Console, outcomes: Sequence[Outcome], audit: Audit, restarts: int, seconds: float
) -> None:
    """The table at the end and every fault."""
    decided = [outcome for outcome in outcomes if outcome.last is not None]
    times = sorted(outcome.first_ms for outcome in decided if outcome.first_ms is not None)
    table = Table(show_header=False, title="Summary", title_justify="left")
    table.add_row("people seen", str(len(outcomes)))
    table.add_row("decided", str(len(decided)))
    table.add_row("as expected", str(sum(outcome.is_as_expected for outcome in outcomes)))
    table.add_row("entries recorded at the gate", str(audit.recorded))
    table.add_row("entries at the hub", str(audit.at_hub))
    if times:
        table.add_row(
            "frame to durable verdict", f"median {median(times):.1f} ms, slowest {times[-1]:.1f} ms"
        )
    if restarts:
        table.add_row("processes killed and restarted", str(restarts))
    table.add_row("took", f"{seconds:.0f} s")
    console.print(table)
    for fault in audit.faults:
        console.print(f"[red]FAULT[/] {fault}")
    if not audit.faults:
        console.print(
            "[green]Everybody was decided as expected; every entry is at the hub once.[/]"
        )
