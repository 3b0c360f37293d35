"""What a guard wants, posted by screens and widgets upwards; the app turns it into commands."""

from textual.message import Message

from scanner.domain.reasons import GuardReason
from scanner.domain.walk_ins import PersonKind
from scanner.kiosk.forms import Field, Form


class Intent(Message):
    """Base of everything that a tap or a key can mean."""


class ChangeLanguage(Intent):
    """Swap the large and the small language."""


class OpenDecision(Intent):
    """Admit or refuse by hand: the person on the screen, or one without a code."""

    def __init__(self, *, admit: bool) -> None:
        super().__init__()
        self.admit = admit


class ChooseReason(Intent):
    """The guard decided."""

    def __init__(self, *, admit: bool, reason: GuardReason) -> None:
        super().__init__()
        self.admit = admit
        self.reason = reason


class GiveTemperature(Intent):
    """A complete reading was confirmed."""

    def __init__(self, celsius: float) -> None:
        super().__init__()
        self.celsius = celsius


class Back(Intent):
    """Leave the list of reasons without deciding."""


class SamePerson(Intent):
    """Name and document were compared: they are this person's."""


class SawDocument(Intent):
    """The document that the rules want was there."""


class TurnGate(Intent):
    """From now on people go the other way."""


class OpenInside(Intent):
    """The guard has counted the people inside."""


class GiveInside(Intent):
    """So many people are inside."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class CloseVerdict(Intent):
    """The person is done with, or has left."""


class ChangeDuty(Intent):
    """Come on duty, or leave."""


class UndoDecision(Intent):
    """Take the last decision back."""


class GivePin(Intent):
    """Number and PIN are complete."""

    def __init__(self, number: str, pin: str) -> None:
        super().__init__()
        self.number = number
        self.pin = pin


class GiveNote(Intent):
    """The guard said in words what it was."""

    def __init__(self, note: str) -> None:
        super().__init__()
        self.note = note


class ShowLetters(Intent):
    """A keyboard instead of the list of notes."""


class PressKey(Intent):
    """A key of an on-screen keypad: a character, or what it does, such as `backspace`."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class OpenWalkIn(Intent):
    """Somebody is here without a code."""


class ChoosePerson(Intent):
    """Who it is; some are asked more, some are let in by this."""

    def __init__(self, person: PersonKind) -> None:
        super().__init__()
        self.person = person


class OpenParty(Intent):
    """The person on the screen is a guardian, and others come along."""


class ChooseCount(Intent):
    """So many come along."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count


class ChooseField(Intent):
    """Keys go to this field from now on."""

    def __init__(self, chosen: Field) -> None:
        super().__init__()
        self.chosen = chosen


class SendForm(Intent):
    """What was typed is complete and goes to the gate."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form
