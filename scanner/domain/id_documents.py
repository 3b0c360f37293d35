"""Numbers of identity documents as a guard types them: plausible or not, and why not. Pure.

What can be proven of a typed number is little: that it was typed as it stands there. The resident
card has a check character for that (GB 11643-1999, by ISO 7064 MOD 11-2); of passports and permits
only the form is known. Whose number it is, the guard sees by comparing document and person.

Sources: GB 11643-1999 for the resident card; the residence permits of Hong Kong, Macau and Taiwan
residents have the same form under 81, 82 and 83; ICAO Doc 9303 part 3 for the characters of a
document number. The forms of the two travel permits are those printed on the cards.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from scanner.domain.issuers import EU, ISSUERS, NATIONAL
from scanner.domain.passes import IdKind

MAX_TYPED: Final = 32
"""Characters that anybody looks at; longer input is refused unread."""

_EARLIEST_BIRTH: Final = date(1890, 1, 1)
_OLD_LENGTH: Final = 15
_LENGTH: Final = 18
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS: Final = "10X98765432"
"""By the weighted sum modulo 11."""
_DIVISIONS: Final = frozenset({*ISSUERS} - {NATIONAL, EU}) | {"71", "81", "82", "83"}
_GAPS: Final = str.maketrans("", "", " -\N{NO-BREAK SPACE}")
_DIGITS: Final = frozenset("0123456789")
_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class NumberFault(StrEnum):
    """Why a typed number cannot be one; the screen says what to look at."""

    UNFINISHED = "unfinished"
    TOO_LONG = "too_long"
    BAD_CHARACTER = "bad_character"
    OLD_FORM = "old_form"
    DIVISION = "division"
    BIRTH_DATE = "birth_date"
    CHECK_CHARACTER = "check_character"
    FORM = "form"


class Alphabet(StrEnum):
    """What a site's own registration numbers are written with."""

    DIGITS = "digits"
    DIGITS_AND_LETTERS = "digits_and_letters"

    @property
    def characters(self) -> frozenset[str]:
        """The characters themselves; letters are capitals."""
        return _DIGITS if self is Alphabet.DIGITS else _DIGITS | _LETTERS


class NumberForm(msgspec.Struct, frozen=True):
    """What a site's registration numbers look like: characters and length, no pattern to get wrong.

    Attributes:
        shortest, longest: in characters.
    """

    alphabet: Alphabet = Alphabet.DIGITS_AND_LETTERS
    shortest: int = 4
    longest: int = 20


class DocumentNumber(msgspec.Struct, frozen=True):
    """A number that can be one. It goes into a pseudonym and nowhere else.

    Attributes:
        kind: the document; None for a site's own registration number.
        text: capitals and digits, without gaps.
    """

    kind: IdKind | None
    text: str

    def __repr__(self) -> str:
        """Without the number: a repr ends up in logs and tracebacks."""
        return f"DocumentNumber(kind={self.kind!r})"


class _Form(msgspec.Struct, frozen=True):
    """What a document's number is made of; `longest` stops the typing, `pattern` decides."""

    characters: frozenset[str]
    longest: int
    pattern: re.Pattern[str]


_FORMS: Final = {
    # ICAO 9303-3: capitals and digits, nine at most in the field; each state chooses within that.
    IdKind.PASSPORT: _Form(_DIGITS | _LETTERS, 9, re.compile(r"(?=.*[0-9])[A-Z0-9]{6,9}")),
    # H for Hong Kong, M for Macau; older cards print two digits more, the count of renewals.
    IdKind.HONG_KONG_MACAU_PERMIT: _Form(
        _DIGITS | frozenset("HM"), 11, re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?")
    ),
    # Eight digits; the paper booklets before 2015 had ten and a letter.
    IdKind.TAIWAN_PERMIT: _Form(_DIGITS | _LETTERS, 11, re.compile(r"[0-9]{8}|[0-9]{10}[A-Z]?")),
}
READABLE: Final = frozenset({IdKind.RESIDENT_CARD, *_FORMS})
"""The documents whose numbers can be typed here."""


def read_number(kind: IdKind, typed: str, today: date) -> DocumentNumber | NumberFault:
    """The number of a document, as it was typed.

    Args:
        kind: one of `READABLE`.
        typed: small letters, blanks and hyphens are forgiven.
        today: nobody is born later.

    Returns:
        The number, or the first fault; `UNFINISHED` while more characters could still mend it.
    """
    text = _cleaned(typed)
    if isinstance(text, NumberFault):
        return text
    fault = _resident_fault(text, today) if kind is IdKind.RESIDENT_CARD else _fault(text, kind)
    return fault or DocumentNumber(kind, text)


def read_registered(form: NumberForm, typed: str) -> DocumentNumber | NumberFault:
    """A number under which a site, or its province, has registered somebody.

    Args:
        form: of the site.
        typed: as in `read_number`.
    """
    text = _cleaned(typed)
    if isinstance(text, NumberFault):
        return text
    if not form.alphabet.characters.issuperset(text):
        return NumberFault.BAD_CHARACTER
    if len(text) < form.shortest:
        return NumberFault.UNFINISHED
    return NumberFault.TOO_LONG if len(text) > form.longest else DocumentNumber(None, text)


def check_character(body: str) -> str:
    """The eighteenth character of a resident card: ISO 7064 MOD 11-2 over the seventeen digits.

    It catches every single wrong character and every exchange of two neighbours.
    """
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def _cleaned(typed: str) -> str | NumberFault:
    if len(typed) > MAX_TYPED:
        return NumberFault.TOO_LONG
    text = typed.translate(_GAPS)
    # Before upper(): a letter of another alphabet may become a plain one there.
    return text.upper() if text.isascii() else NumberFault.BAD_CHARACTER


def _fault(text: str, kind: IdKind) -> NumberFault | None:
    form = _FORMS.get(kind)
    if form is None:
        return NumberFault.FORM
    if not form.characters.issuperset(text):
        return NumberFault.BAD_CHARACTER
    if len(text) > form.longest:
        return NumberFault.TOO_LONG
    if form.pattern.fullmatch(text):
        return None
    return NumberFault.UNFINISHED if len(text) < form.longest else NumberFault.FORM


def _resident_fault(text: str, today: date) -> NumberFault | None:
    body, last = text[: _LENGTH - 1], text[_LENGTH - 1 :]
    if not _DIGITS.issuperset(body) or not (_DIGITS | {"X"}).issuperset(last):
        return NumberFault.BAD_CHARACTER
    if len(text) > _LENGTH:
        return NumberFault.TOO_LONG
    if len(text) >= 2 and text[:2] not in _DIVISIONS:
        return NumberFault.DIVISION
    if len(text) >= 14 and not _may_be_born(text[6:14], today):
        # The number of before 1999: fifteen digits, two of them for the year, no check character.
        is_old = len(text) == _OLD_LENGTH and _may_be_born(f"19{text[6:12]}", today)
        return NumberFault.OLD_FORM if is_old else NumberFault.BIRTH_DATE
    if len(text) < _LENGTH:
        return NumberFault.UNFINISHED
    return None if check_character(body) == last else NumberFault.CHECK_CHARACTER


def _may_be_born(digits: str, today: date) -> bool:
    """Whether YYYYMMDD is a day on which somebody alive may have been born."""
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return _EARLIEST_BIRTH <= born <= today
