"""How the gate is: each part as sign and word, calm when all is well."""

from collections.abc import Iterable
from typing import Final

from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from scanner.domain.direction import Direction
from scanner.gate.status import GuardStatus, Health, Part, Passing, Status
from scanner.kiosk.palette import SCHEMES, Tone
from scanner.kiosk.session import Session
from scanner.kiosk.words import Words

SIGNS: Final = {Health.WELL: "✓", Health.WARNING: "!", Health.FAULT: "✗", Health.UNKNOWN: "?"}
_CALM: Final = Style(color="#9fb0c0")
WAY_SIGNS: Final = {Direction.IN: "⇥", Direction.OUT: "⇤"}
_LOUD: Final = {
    Health.WARNING: Tone.CHECK,
    Health.FAULT: Tone.REFUSE,
}


class StatusLine(Static):
    """The parts of the gate, what waits for the hub, and the age of the keys."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="status", markup=False)
        self._session = session

    def on_resize(self) -> None:
        """Pack the parts anew."""
        self.show()

    def show(self) -> None:
        """Show the session's newest status."""
        self.update(status_text(self._session, self.size.width))


def status_text(session: Session, width: int) -> Text:
    """As many parts a line as fit; a part that the gate does not name is not fitted."""
    words, status = session.speech.large, session.status
    parts = status.parts if status else dict.fromkeys(Part, Health.UNKNOWN)
    labels = [] if status is None or status.passing is None else _passing(words, status.passing)
    for part in (part for part in Part if part in parts):
        health = parts[part]
        state = words(_state(part, health, status))
        sign = f" {SIGNS[health]} {words(f'part.{part.value}')} {state} "
        labels.append(Text(sign, _style(health)))
    if status is not None:
        labels += [Text(f" {figure} ", _CALM) for figure in _figures(words, status)]
    if status is not None and status.keys_trouble is not None:
        trouble = words(f"keys_trouble.{status.keys_trouble.value}")
        labels.append(Text(f" ! {trouble} ", _style(Health.WARNING)))
    if status is not None:
        labels += _guards(words, status.guards)
    if session.font is None:
        labels.append(Text(f" ! {words('idle.no_font')} ", _style(Health.WARNING)))
    return Text("\n").join(_packed(labels, width))


def _passing(words: Words, passing: Passing) -> list[Text]:
    """Which way people go and how many are inside; loud when the site is full, or nobody knows."""
    number = f"{passing.inside}" if passing.is_counted else f"≈{passing.inside}"
    limit = "" if passing.limit is None else f" / {passing.limit}"
    is_full = passing.limit is not None and passing.inside >= passing.limit
    way = words(f"way.{passing.direction.value}")
    inside = words("idle.inside", number=f"{number}{limit}")
    labels = [
        Text(f" {WAY_SIGNS[passing.direction]} {way} ", _CALM),
        Text(f" {inside} ", _style(Health.WARNING) if is_full else _CALM),
    ]
    if not passing.is_followed:
        labels.append(Text(f" ! {words('idle.not_followed')} ", _style(Health.WARNING)))
    return labels


def _state(part: Part, health: Health, status: Status | None) -> str:
    """The word's key: a camera or a clock at fault says what is wrong with it."""
    if part is Part.CAMERA and status is not None and status.camera_fault is not None:
        return f"camera_fault.{status.camera_fault.value}"
    if part is Part.CLOCK and status is not None and status.clock_doubt is not None:
        return f"clock_doubt.{status.clock_doubt.value}"
    return f"health.{health.value}"


def _guards(words: Words, guards: GuardStatus) -> list[Text]:
    """Who is on duty; nothing where nobody has to be."""
    if guards.is_roster_damaged:
        return [Text(f" ! {words('duty.damaged')} ", _style(Health.FAULT))]
    if guards.guard is not None and guards.role is not None:
        who = words(f"duty.{guards.role.value}", number=guards.guard)
        return [Text(f" {SIGNS[Health.WELL]} {who} ", _CALM)]
    if guards.is_login_needed:
        return [Text(f" {SIGNS[Health.WARNING]} {words('duty.nobody')} ", _style(Health.WARNING))]
    return []


def _packed(labels: Iterable[Text], width: int) -> list[Text]:
    lines: list[Text] = []
    for label in labels:
        if lines and lines[-1].cell_len + 1 + label.cell_len <= width:
            lines[-1].append(" ").append_text(label)
        else:
            lines.append(label.copy())
    return lines


def _figures(words: Words, status: Status) -> tuple[str, str]:
    queue = (
        words("idle.queue_unknown")
        if status.queue is None
        else words("idle.queue", count=status.queue)
    )
    age = words("idle.keys_age", age=words.age(status.keys_age_s))
    return queue, f"{age} ({status.keys_version})" if status.keys_version else age


def _style(health: Health) -> Style:
    tone = _LOUD.get(health)
    if tone is None:
        return _CALM
    scheme = SCHEMES[tone]
    return Style(color=scheme.css_ink, bgcolor=scheme.css_ground, bold=True)
