"""Names as far as a screen may show them: enough to compare with a document, not to copy.

A Chinese name keeps its ends (`张*三`, `张*`); a name in words keeps each word's first letter
(`G*** M***`). The number of stars says nothing about the length of a word.
"""

import unicodedata
from typing import Final

_MAX_WORDS: Final = 4
_STARS: Final = "***"


def mask(name: str) -> str:
    """A name in one piece of Chinese characters keeps its ends, any other its initials."""
    return mask_chinese(name) if is_chinese(name) else mask_words(name)


def is_chinese(name: str) -> bool:
    """True when every character is Chinese, with no blank between; also for an empty name."""
    return all("\u3400" <= char <= "\u9fff" for char in name)


def mask_chinese(name: str) -> str:
    """First and last character of a name without blanks; only the first one of a short name."""
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_words(name: str) -> str:
    """The first letter of each word, four words at most; empty when there is no letter."""
    initials = []
    for word in unicodedata.normalize("NFC", name).replace("<", " ").split():
        letter = next(filter(str.isalpha, word), None)
        if letter is not None:
            initials.append(letter.upper()[0] + _STARS)
    return " ".join(initials[:_MAX_WORDS])
