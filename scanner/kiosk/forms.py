"""What a guard types about a person without a code: fields, keys and faults. Pure.

A form lives as long as its screen. It is emptied when it is sent, left, or forgotten about; nothing
here is logged, and no repr shows a field.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from scanner.domain.id_documents import (
    MAX_TYPED,
    DocumentNumber,
    NumberFault,
    NumberForm,
    read_number,
    read_registered,
)
from scanner.domain.walk_ins import (
    DOCUMENTS,
    MAX_FIELD,
    PersonKind,
    TypedNumber,
    VisitorDetails,
    is_phone,
)

_CARD_LENGTH: Final = 18
_PHONE_LENGTH: Final = 15
_DIGITS: Final = "0123456789"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Field(StrEnum):
    """One thing to type."""

    NUMBER = "number"
    HOST = "host"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a field is typed with.

    Attributes:
        beside: keys beside the ten digits.
        letters: the alphabet has a page of its own.
        longest: further keys do nothing.
    """

    beside: str = ""
    letters: bool = False
    longest: int = MAX_TYPED

    def takes(self, character: str) -> bool:
        """Whether this key, or its small letter, belongs to the field."""
        return character in _DIGITS + self.beside + (_LETTERS if self.letters else "")


_PERSON_KEYS: Final = {
    PersonKind.RESIDENT_CARD: Keys("X", longest=_CARD_LENGTH),
    PersonKind.PASSPORT: Keys(letters=True, longest=9),
    PersonKind.HONG_KONG_MACAU_PERMIT: Keys("HM", longest=11),
    PersonKind.TAIWAN_PERMIT: Keys(letters=True, longest=11),
}
_FIELD_KEYS: Final = {
    Field.HOST: Keys("-", letters=True, longest=MAX_FIELD),
    Field.PHONE: Keys(longest=_PHONE_LENGTH),
    Field.NAME: Keys(" ", letters=True, longest=MAX_FIELD),
}

_USUAL: Final = {
    PersonKind.RESIDENT_CARD: _CARD_LENGTH,
    PersonKind.PASSPORT: 9,
    PersonKind.HONG_KONG_MACAU_PERMIT: 9,
    PersonKind.TAIWAN_PERMIT: 8,
}
_USUAL_FIELD: Final = {Field.HOST: 8, Field.PHONE: 11, Field.NAME: 8}


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed so far.

    Attributes:
        person: who came.
        numbers: of the site, what registered numbers look like.
        active: the field that keys go to.
    """

    person: PersonKind
    numbers: NumberForm
    active: Field = Field.NUMBER
    _texts: dict[Field, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, person: PersonKind, numbers: NumberForm) -> "Form":
        """An empty form; keys go to its first field."""
        empty = cls(person, numbers)
        return replace(empty, active=empty.fields[0])

    @property
    def fields(self) -> tuple[Field, ...]:
        """From the top."""
        if self.person is PersonKind.VISITOR:
            return (Field.HOST, Field.PHONE, Field.NAME)
        return (Field.NUMBER,)

    @property
    def keys(self) -> Keys:
        """Of the active field."""
        if self.active is not Field.NUMBER:
            return _FIELD_KEYS[self.active]
        if self.person is PersonKind.TYPED_NUMBER:
            letters = self.numbers.alphabet.characters.issuperset(_LETTERS)
            return Keys(letters=letters, longest=self.numbers.longest)
        return _PERSON_KEYS[self.person]

    def text(self, of: Field) -> str:
        """What stands in a field."""
        return self._texts.get(of, "")

    def push(self, character: str) -> "Form":
        """One more character in the active field; what does not belong there is ignored."""
        character = character.upper() if character.isascii() else ""
        text = self.text(self.active)
        if len(character) != 1 or not self.keys.takes(character) or len(text) >= self.keys.longest:
            return self
        return self._with(text + character)

    def erase(self) -> "Form":
        """Without the last character of the active field."""
        return self._with(self.text(self.active)[:-1])

    def clear(self) -> "Form":
        """The active field empty."""
        return self._with("")

    def at(self, active: Field) -> "Form":
        """Keys go to another field."""
        return replace(self, active=active) if active in self.fields else self

    def following(self) -> "Form | None":
        """Keys go to the next field; None after the last one."""
        place = self.fields.index(self.active) + 1
        return self.at(self.fields[place]) if place < len(self.fields) else None

    def fault(self, today: date) -> NumberFault | None:
        """What is wrong with the whole form; None once it can be sent."""
        if self.person is PersonKind.VISITOR:
            host, phone = self.text(Field.HOST).strip(), self.text(Field.PHONE)
            return None if host and is_phone(phone) else NumberFault.UNFINISHED
        read = self._read(today)
        return None if isinstance(read, DocumentNumber) else read

    def number(self) -> TypedNumber | None:
        """For the gate, where the form has one."""
        return TypedNumber(self.text(Field.NUMBER)) if Field.NUMBER in self.fields else None

    def visitor(self) -> VisitorDetails | None:
        """For the gate, where the form is a visitor's."""
        if self.person is not PersonKind.VISITOR:
            return None
        host, name = self.text(Field.HOST).strip(), self.text(Field.NAME).strip()
        return VisitorDetails(host, self.text(Field.PHONE), name)

    def shown(self, of: Field) -> str:
        """A field for reading aloud beside a document: in groups, with gaps for what is missing.

        The field that is typed has as many places as are usual, so that its size stays.
        """
        text = self.text(of)
        if of is self.active:
            text = text.ljust(self._usual_length, "_")
            text += "_" if "_" not in text and len(text) < self.keys.longest else ""
        if self.person is PersonKind.RESIDENT_CARD:
            return f"{text[:6]} {text[6:14]} {text[14:]}"
        return f"{text[:3]} {text[3:7]} {text[7:]}" if of is Field.PHONE else text

    @property
    def _usual_length(self) -> int:
        """Of what stands in the active field."""
        if self.active is not Field.NUMBER:
            return _USUAL_FIELD[self.active]
        return _USUAL.get(self.person, self.numbers.shortest)

    def _with(self, text: str) -> "Form":
        return replace(self, _texts={**self._texts, self.active: text})

    def _read(self, today: date) -> DocumentNumber | NumberFault:
        typed, kind = self.text(Field.NUMBER), DOCUMENTS.get(self.person)
        if kind is None:
            return read_registered(self.numbers, typed)
        return read_number(kind, typed, today)
