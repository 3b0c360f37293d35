"""Words in the languages of the site: gettext catalogues, read from their .po files at start.

Keys are names (`reason.expired`), not English sentences, so that every language, English included,
is one file to translate: `locale/LANGUAGE/LC_MESSAGES/kiosk.po`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.core import Locale
from babel.dates import format_datetime, format_timedelta
from babel.messages.pofile import read_po
from babel.units import format_unit

LOCALES: Final = Path(__file__).parent / "locale"
SHIPPED: Final = tuple(sorted(path.name for path in LOCALES.iterdir() if path.is_dir()))
"""Every language that has a folder."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """One language."""

    language: str
    locale: Locale
    messages: dict[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The message under `key` with its `{placeholders}` filled.

        Raises:
            KeyError: no such message; the locale test makes sure that it never happens.
        """
        return self.messages[key].format(**values)

    def age(self, seconds: float) -> str:
        """A length of time, rounded to its largest unit: 3 minutes, 3分钟."""
        return format_timedelta(
            timedelta(seconds=seconds), locale=self.locale, threshold=1.5, format="long"
        )

    def days(self, count: int) -> str:
        """A number of days, never rounded to weeks or months: rules count in days."""
        return self._unit(count, "day")

    def hours(self, count: int) -> str:
        """The same for hours."""
        return self._unit(count, "hour")

    def _unit(self, count: int, unit: str) -> str:
        # Babel has no long forms for Chinese.
        return format_unit(count, f"duration-{unit}", length="short", locale=self.locale)

    def clock(self, at: datetime) -> str:
        """Date and time of day with seconds, as this language writes them."""
        return format_datetime(at, self("format.clock"), locale=self.locale)


@dataclass(frozen=True, slots=True)
class Speech:
    """The languages on the screen: large, and smaller beside it."""

    large: Words
    small: Words

    def both(self, key: str) -> str:
        """Both languages in one line."""
        return f"{self.large(key)}  {self.small(key)}"

    def switched(self) -> "Speech":
        """The two languages the other way round."""
        return Speech(self.small, self.large)


@lru_cache
def load(language: str) -> Words:
    """Read one language's catalogue.

    Raises:
        FileNotFoundError: the language is not shipped.
    """
    with (LOCALES / language / "LC_MESSAGES" / "kiosk.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    messages = {str(message.id): str(message.string) for message in catalogue if message.id}
    return Words(language, Locale.parse(language), messages)


def speech(languages: Iterable[str]) -> Speech:
    """The first two shipped languages of `languages`, filled up with what is shipped."""
    wanted = [language for language in languages if language in SHIPPED]
    ordered = list(dict.fromkeys([*wanted, "zh_CN", "en"]))
    return Speech(load(ordered[0]), load(ordered[1]))
