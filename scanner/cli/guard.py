"""`checkpoint guard`: who may decide at this gate, by PIN or by badge."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from scanner.cli.issuing_options import span
from scanner.domain.errors import GuardError
from scanner.domain.guards import PinFault, Role, is_guard_id, pin_fault

if TYPE_CHECKING:
    from scanner.guards.roster import Roster, RosterGuard

app = typer.Typer(
    help="""Who may decide at this gate: the roster of guards, their PINs and badges.

A guard is a number; no name is kept anywhere. While there is a roster, whoever decides beside the
machine has to log in at the kiosk; the gate takes every change up within a second.

`checkpoint guard add 07`, `checkpoint guard add 90 --role supervisor`, `checkpoint guard list`;
docs/guards.md tells who may do what.""",
    no_args_is_help=True,
)

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", help="The gate's settings file; the shipped defaults without it."),
]
NumberArgument = Annotated[str, typer.Argument(help="The guard's number: two to six digits.")]
KeyOption = Annotated[
    Path, typer.Option("--key", help="PEM file of the site's private badge key; it is secret.")
]
_BADGE_KEY = Path("badge-key.pem")
_FAULTS = {
    PinFault.NO_DIGITS: "a PIN is made of digits",
    PinFault.LENGTH: "a PIN has 4 to 8 digits",
    PinFault.REPEATED: "one part over and over is guessed first",
    PinFault.SEQUENCE: "digits in a row are guessed first",
    PinFault.OWN_NUMBER: "the guard's own number is guessed first",
}
_MAX_PIN_LINE = 64


@app.command()
def add(
    number: NumberArgument,
    role: Annotated[Role, typer.Option(help="What this person may do.")] = Role.GUARD,
    no_pin: Annotated[
        bool, typer.Option("--no-pin", help="Log in by badge only; nobody's second person.")
    ] = False,
    settings: SettingsOption = None,
) -> None:
    """Add a guard or a supervisor, and ask for the PIN: twice on a terminal, one line from a pipe.

    The PIN has 4 to 8 digits and is kept as an Argon2id string. It is never an option of a command:
    those end up in the shell's history.

    **Examples**

    `checkpoint guard add 07`

    `checkpoint guard add 90 --role supervisor --settings /etc/checkpoint/gate.toml`
    """
    from scanner.guards.roster import RosterGuard
    from scanner.guards.roster_file import edit_roster, read_roster

    path = _roster_path(settings)
    _check_number(number)
    _refuse_known(read_roster(path), number)
    pin = None if no_pin else _asked_pin(number)
    guard = RosterGuard(number, role, pin)

    def change(roster: "Roster") -> "Roster":
        _refuse_known(roster, number)
        return roster.put(guard)

    edit_roster(path, change)
    print(f"{number} is on the roster as {role}.")
    if role is Role.SUPERVISOR and pin is None:
        print("Without a PIN a supervisor's acts are closed to this number.")


@app.command("list")
def list_(settings: SettingsOption = None) -> None:
    """List who is on the roster: number, role, and how to log in.

    For example: `checkpoint guard list`
    """
    from scanner.guards.roster_file import read_roster

    path = _roster_path(settings)
    roster = read_roster(path)
    if roster is None:
        print(f"There is no roster at {path}: nobody logs in, and overrides name nobody.")
        return
    for guard in roster.guards:
        ways = "PIN" if guard.pin else "no PIN"
        since = f", badges from {guard.badges_from:%Y-%m-%d %H:%M} UTC" if guard.badges_from else ""
        print(f"{guard.id:>6}  {guard.role:10}  {ways}{since}")
    if roster.badges is None:
        print("no badge key: nobody logs in by badge")
    else:
        print(f"badges of {roster.badges.site}, key {roster.badges.key.hex()}")
    if not roster.guards:
        print(
            "Nobody is on the roster: nobody can override. `checkpoint guard add` puts somebody on."
        )
    elif not any(guard.role is Role.SUPERVISOR and guard.pin for guard in roster.guards):
        print("No supervisor has a PIN: nobody can admit an emergency with a red code.")


@app.command()
def remove(number: NumberArgument, settings: SettingsOption = None) -> None:
    """Take somebody off the roster: his shift ends, and PIN and badges count no longer.

    What he decided stays in the ledger.

    For example: `checkpoint guard remove 07`
    """
    from scanner.guards.roster_file import edit_roster

    def change(roster: "Roster") -> "Roster":
        _known(roster, number)
        return roster.without(number)

    edit_roster(_roster_path(settings), change)
    print(f"{number} is no longer on the roster.")


@app.command()
def pin(number: NumberArgument, settings: SettingsOption = None) -> None:
    """Give somebody another PIN; asked for as `add` does.

    A lock-out goes on: it counts what was wrong, not what was set.

    For example: `checkpoint guard pin 07`
    """
    from scanner.guards.roster_file import edit_roster, read_roster

    path = _roster_path(settings)
    _known(read_roster(path), number)
    sealed = _asked_pin(number)
    edit_roster(path, lambda roster: roster.put(replace(_known(roster, number), pin=sealed)))
    print(f"{number} has a new PIN.")


@app.command("badge-key")
def badge_key(
    key: KeyOption = _BADGE_KEY,
    public: Annotated[
        str | None,
        typer.Option(help="Only trust this key, as `badge-key` printed it at another gate."),
    ] = None,
    site: Annotated[
        str | None, typer.Option(help="As badges name it; site.id or site.name without it.")
    ] = None,
    settings: SettingsOption = None,
) -> None:
    """Make the site's badge key, or take the one that is there, and let this gate trust it.

    One key serves every gate of a site. Keep the private half away from the gates: whoever has it
    can make a badge for any guard. Another key in its place ends all older badges.

    **Examples**

    `checkpoint guard badge-key --key /media/office/badge-key.pem`

    `checkpoint guard badge-key --public 9f86d081…`
    """
    from config.settings import load_gate_settings
    from scanner.guards.roster import BadgeIssuer
    from scanner.guards.roster_file import edit_roster
    from scanner.issuing.guard_badge import load_badge_key, make_badge_key

    tree = load_gate_settings(settings)
    name = site or tree.site.id or tree.site.name
    if public is not None:
        content = _public_key(public)
    else:
        private = load_badge_key(key) if key.exists() else make_badge_key(key)
        content = private.public_key().public_bytes_raw()
        print(f"private half  {key}")
    issuer = BadgeIssuer(name, content)
    roster = edit_roster(tree.roster, lambda there: replace(there, badges=issuer))
    print(f"public half   {content.hex()}")
    print(f"Badges of {name} under this key count at this gate.")
    if not roster.guards:
        print("There is a roster now and nobody on it: overrides need a login from here on.")


@app.command()
def badge(
    number: NumberArgument,
    key: KeyOption = _BADGE_KEY,
    valid_for: Annotated[str, typer.Option(help="Such as 12h or 90d; at most 366d.")] = "180d",
    replaces: Annotated[
        bool,
        typer.Option("--replaces", help="All earlier badges of this number count no longer."),
    ] = False,
    png: Annotated[
        Path | None, typer.Option(help="Write a QR picture there to print; else it is shown here.")
    ] = None,
    as_text: Annotated[
        bool, typer.Option("--text", help="Print the code's text, for a printer of your own.")
    ] = False,
    settings: SettingsOption = None,
) -> None:
    """Make somebody's badge: a QR code that starts a shift when it is held before the gate's lens.

    A badge can be photographed. So it logs in a guard while nobody is on duty, and nothing else: a
    second person and a supervisor's acts always need the PIN.

    **Examples**

    `checkpoint guard badge 07 --png 07.png`

    `checkpoint guard badge 07 --replaces --valid-for 90d`
    """
    from scanner.formats.guard_badge import LONGEST
    from scanner.guards.roster_file import edit_roster, read_roster
    from scanner.issuing.guard_badge import issue_badge, load_badge_key

    lifetime = span(valid_for)
    if not lifetime or lifetime > LONGEST:
        raise typer.BadParameter(f"a badge holds for at most {LONGEST.days} days")
    from config.settings import load_gate_settings

    tree = load_gate_settings(settings)
    roster = read_roster(tree.roster)
    guard = _known(roster, number)
    private = load_badge_key(key)
    issuer = roster.badges if roster else None
    if issuer is None or issuer.key != private.public_key().public_bytes_raw():
        raise GuardError(
            "This gate does not trust that badge key.", "Run `checkpoint guard badge-key` first."
        )
    now = datetime.now(UTC).replace(microsecond=0)
    text = issue_badge(
        private,
        site=issuer.site,
        guard=number,
        role=guard.role,
        issued_at=now,
        expires_at=now + lifetime,
    )
    if replaces:
        edit_roster(
            tree.roster, lambda there: there.put(replace(_known(there, number), badges_from=now))
        )
    _give_out(text, png, as_text=as_text)
    print(f"{number} ({guard.role}), until {now + lifetime:%Y-%m-%d %H:%M} UTC", file=sys.stderr)


def _give_out(text: str, png: Path | None, *, as_text: bool) -> None:
    """As a picture, as text, or as a code in the terminal."""
    from scanner.issuing.picture import qr_modules, qr_png

    if png is not None:
        descriptor = os.open(png, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(qr_png(text))
    if as_text:
        print(text)
    elif png is None:
        from rich.console import Console

        from scanner.cli.terminal_code import half_blocks

        Console().print(half_blocks(qr_modules(text)))


def _roster_path(settings: Path | None) -> Path:
    from config.settings import load_gate_settings

    return load_gate_settings(settings).roster


def _check_number(number: str) -> None:
    if not is_guard_id(number):
        raise typer.BadParameter("a guard's number has two to six digits", param_hint="NUMBER")


def _refuse_known(roster: "Roster | None", number: str) -> None:
    if roster is not None and roster.find(number) is not None:
        raise GuardError(
            f"{number} is on the roster already.",
            "Use `checkpoint guard pin` for another PIN, or remove the number first.",
        )


def _known(roster: "Roster | None", number: str) -> "RosterGuard":
    guard = roster.find(number) if roster is not None else None
    if guard is None:
        raise GuardError(
            f"{number!r} is not on the roster.", "`checkpoint guard list` shows who is."
        )
    return guard


def _asked_pin(number: str) -> str:
    """Ask for a new PIN and seal it; echoed nowhere."""
    from scanner.guards.pins import seal_pin

    if sys.stdin.isatty():
        typed = str(typer.prompt("PIN", hide_input=True, confirmation_prompt=True))
    else:
        typed = sys.stdin.readline(_MAX_PIN_LINE).rstrip("\r\n")
    fault = pin_fault(typed, number)
    if fault is not None:
        raise GuardError(f"That PIN is refused: {_FAULTS[fault]}.", "Choose another one.")
    return seal_pin(typed)


def _public_key(text: str) -> bytes:
    """The 32 bytes of a key that somebody else may have chosen.

    Raises:
        GuardError: they are no key that only one person can sign for.
    """
    from scanner.trust.cose_keys import read_cose_key

    try:
        content = bytes.fromhex(text)
        read_cose_key({1: 1, -1: 6, -2: content})
    except ValueError as error:
        raise GuardError(
            "That is no public badge key.", "Copy the 64 digits that `badge-key` printed."
        ) from error
    return content
