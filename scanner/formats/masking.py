"""Names as far as a screen may show them: enough to compare with a document, not to copy.

One rule for every format, applied to whatever an issuer sent, masked or not: masking a masked name
changes nothing. A Chinese name keeps its ends (`张*三`, `张*`, `买*·*逊`), a name in any other
script each word's first letter (`G*** M***`). Nothing else of the text comes out: no marks that
stack on a letter, nothing invisible, nothing that turns the line. However long the text is, it
takes the same time and gives at most `MAX_MASKED` characters.
"""

import re
import unicodedata
from typing import Final

MAX_MASKED: Final = 32
_MAX_LOOKED_AT: Final = 256
"""Characters; longer than any name, and few enough for any of them."""
_MAX_WORDS: Final = 4
_STARS: Final = "***"
_MAX_INNER_STARS: Final = 4
"""Between the ends of a Chinese name: it shows the length of names of up to six characters."""

_STAR: Final = "*"
_STARS_OF_ISSUERS: Final = frozenset("*∗✱★☆●○◯×□■")
"""What stands for a hidden character; full-width stars are ordinary ones by then (NFKC)."""
_DOTS: Final = "·•‧∙⋅・."
"""Between the parts of a minority's or a foreigner's name in Chinese characters."""
_LETTERS: Final = frozenset({"Lu", "Ll", "Lt", "Lo"})
"""Categories; modifier letters, such as an okina or a tatweel, are no initial."""
_FIRST_HAN: Final = "〇"
"""Of all that `_is_han` knows the lowest code point."""
_BLANKS: Final = frozenset("\u115f\u1160")
"""Hangul fillers: letters to Unicode, and nothing to the eye."""


_MASKED: Final = re.compile(
    r"[\u4e00-\u9fff](\*|\*{1,4}[\u4e00-\u9fff])|[A-Z]\*{3}( [A-Z]\*{3}){0,3}"
)
"""What most issuers send and this rule leaves as it is: told at once, on the way of every scan."""


def mask(name: str) -> str:
    """As much of a name as may be shown; empty when there is no letter to show.

    Args:
        name: as sent by an issuer or typed by one; hostile, masked already or not.
    """
    if _STAR in name and _MASKED.fullmatch(name):
        return name
    text = unicodedata.normalize("NFKC", name[:_MAX_LOOKED_AT]).replace("<", " ")
    masked: list[str] = []
    chinese = ""
    for word in text.split():
        letter = _first_letter(word)
        if not letter:
            continue
        if _is_han(letter):  # a blank between surname and given name separates nothing
            chinese += word
            continue
        if chinese:
            masked.append(_mask_chinese(chinese))
            chinese = ""
        masked.append(letter.title()[0] + _STARS)
    if chinese:
        masked.append(_mask_chinese(chinese))
    return " ".join([word for word in masked if word][:_MAX_WORDS])


def is_chinese(name: str) -> bool:
    """True when a name, or a part of one, is of Chinese characters only: its family comes first."""
    return bool(name) and all(map(_is_han, name))


def _mask_chinese(name: str) -> str:
    """The ends of a name in Chinese characters; of a short one only the first.

    A character that the issuer replaced by a star stays a star, and what is not Chinese becomes
    one. Empty when neither end is there.
    """
    characters = [
        character if _is_han(character) else _STAR
        for character in name
        if character in _STARS_OF_ISSUERS or character.isalnum() or _is_han(character)
    ]
    count = len(characters)
    first, last = (characters[0], characters[-1]) if characters else (_STAR, _STAR)
    if count == 2 and first != _STAR:
        last = _STAR
    if first == last == _STAR:
        return ""
    if count == 1:
        return first
    inside = name.strip(_DOTS)
    if any(dot in inside for dot in _DOTS):
        return f"{first.rstrip(_STAR)}*·*{last.rstrip(_STAR)}"
    return first + _STAR * min(count - 2, _MAX_INNER_STARS) + last


def _first_letter(word: str) -> str:
    """Empty when the word has none."""
    first = word[0]
    if first.isascii() and first.isalpha():
        return first
    for character in word:
        if _is_letter(character):
            return character
    return ""


def _is_letter(character: str) -> bool:
    if character.isascii():  # most are, and for these the categories say the same
        return character.isalpha()
    is_letter = unicodedata.category(character) in _LETTERS and character not in _BLANKS
    return is_letter or _is_han(character)


def _is_han(character: str) -> bool:
    """True for ideographs, those beyond the basic plane included."""
    return (
        character >= _FIRST_HAN
        and (
            "\u4e00" <= character <= "\u9fff"
            or "\u3400" <= character <= "\u4dbf"
            or "\U00020000" <= character <= "\U0003fffd"
            or "\uf900" <= character <= "\ufaff"
            or character == "〇"
        )
        and character.isprintable()
    )
