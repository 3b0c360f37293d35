"""How the gate is: each part as sign and word, calm when all is well."""

from typing import Final

from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from scanner.gate.messages import Health, Part, Status
from scanner.kiosk.palette import SCHEMES, Tone, css
from scanner.kiosk.session import Session

SIGNS: Final = {Health.WELL: "✓", Health.WARNING: "!", Health.FAULT: "✗", Health.UNKNOWN: "?"}
_CALM: Final = Style(color="#9fb0c0")
_LOUD: Final = {
    Health.WARNING: Tone.CHECK,
    Health.FAULT: Tone.REFUSE,
}


class StatusLine(Static):
    """The parts of the gate, what waits for the hub, and the age of the keys."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="status", markup=False)
        self._session = session

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show()

    def show(self) -> None:
        """Show the session's newest status."""
        self.update(status_text(self._session))


def status_text(session: Session) -> Text:
    """One part after another; a part that the gate did not name is unknown."""
    words, status = session.speech.large, session.status
    text = Text()
    for part in Part:
        health = status.parts.get(part, Health.UNKNOWN) if status else Health.UNKNOWN
        label = f"{SIGNS[health]} {words(f'part.{part.value}')} {words(f'health.{health.value}')}"
        text.append(f" {label} ", _style(health))
        text.append("  ")
    if status is not None:
        text.append("\n " + "   ".join(_figures(session, status)), _CALM)
    if session.font is None:
        text.append(f"\n ! {words('idle.no_font')} ", _style(Health.WARNING))
    return text


def _figures(session: Session, status: Status) -> tuple[str, str]:
    words = session.speech.large
    queue = (
        words("idle.queue_unknown")
        if status.queue is None
        else words("idle.queue", count=status.queue)
    )
    return queue, words("idle.keys_age", age=words.age(status.keys_age_s))


def _style(health: Health) -> Style:
    tone = _LOUD.get(health)
    if tone is None:
        return _CALM
    scheme = SCHEMES[tone]
    return Style(color=css(scheme.ink), bgcolor=css(scheme.ground), bold=True)
