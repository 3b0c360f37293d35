"""No code: who is it? The second of two taps, for those who come most."""

from functools import partial
from typing import ClassVar, Final, Self

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid

from scanner.domain.walk_ins import NUMBERED, PersonKind
from scanner.kiosk.intents import Back, ChoosePerson, OpenDecision
from scanner.kiosk.palette import PLAIN, ButtonKind
from scanner.kiosk.screens.desk import DeskScreen
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.touch_button import TouchButton

PEOPLE: Final = (
    PersonKind.ELDER,
    PersonKind.CHILD,
    PersonKind.PAPER_PASS,
    PersonKind.GUARDIAN,
    PersonKind.RESIDENT_CARD,
    PersonKind.TYPED_NUMBER,
    PersonKind.PASSPORT,
    PersonKind.VISITOR,
    PersonKind.STAFF,
    PersonKind.EMERGENCY,
)
"""In the order of their digits; the permits stand beside the passport on its own screen."""

ASKED_MORE: Final = NUMBERED | {PersonKind.VISITOR, PersonKind.GUARDIAN}
"""Whose button leads to another screen; each other one lets in, once what is asked is told."""

_KEYS = ("key.language", "key.numbers", "key.admit", "key.refuse", "key.back")


class WhoScreen(DeskScreen):
    """Kinds of people as large buttons."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "back", ""),
        ("f2", "decide(True)", ""),
        ("f3", "decide(False)", ""),
    ]

    def compose(self) -> ComposeResult:
        """Title, people, the reasons without a person, the way back."""
        speech = self.session.speech
        title = (speech.large("walk_in.choose"), speech.small("walk_in.choose"))
        yield BigText(self.session, *title, scheme=PLAIN, widget_id="choose")
        with Grid(id="reasons"):
            for number, person in enumerate(PEOPLE, start=1):
                is_passport = person is PersonKind.PASSPORT
                key = "button.passport_or_permit" if is_passport else f"person.{person.value}"
                kind = ButtonKind.PLAIN if person in ASKED_MORE else ButtonKind.ADMIT
                label = f"{number % 10}\N{NO-BREAK SPACE}{speech.large(key)}", speech.small(key)
                yield TouchButton(
                    self.session,
                    *label,
                    intent=partial(ChoosePerson, person),
                    kind=kind,
                    widget_id=f"person-{person.value}",
                )
            for key, intent in (
                ("button.other_reason", partial(OpenDecision, admit=True)),
                ("button.back", Back),
            ):
                name = key.removeprefix("button.")
                label = speech.large(key), speech.small(key)
                yield TouchButton(self.session, *label, intent=intent, widget_id=name)
        yield KeyHints(self.session, _KEYS, PLAIN)

    def again(self) -> Self:
        """The same after somebody else's verdict."""
        return type(self)(self.session)

    def on_key(self, event: events.Key) -> None:
        """A digit chooses the person that carries it."""
        if event.character is None or not event.character.isdigit():
            return
        event.stop()
        self.post_message(ChoosePerson(PEOPLE[(int(event.character) or 10) - 1]))

    def action_decide(self, admit: bool) -> None:
        """A reason without a person: a system outage, say."""
        self.post_message(OpenDecision(admit=admit))

    def action_back(self) -> None:
        """Nobody is here."""
        self.post_message(Back())
