"""What a guard wants, posted by screens and widgets upwards; the app turns it into commands."""

from textual.message import Message

from scanner.domain.reasons import GuardReason


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
    """A key of a keyboard on the screen: a character, `space`, `backspace` or `enter`."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
