"""What the guard reads of keys that came and of a stick that was put in. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scanner.domain.entries import TrustWay
from scanner.gate.messages import StickState, StickTold, TrustChanged
from scanner.kiosk.issuers import issuer_name
from scanner.kiosk.words import Speech, Words

NEWS_S: Final = 60.0
"""How long news stay on the idle screen: long enough to walk back from the stick to the desk."""

_MOST_NAMED: Final = 3
_SEPARATOR: Final = " · "
_REFUSED: Final = frozenset(
    {
        StickState.OLDER,
        StickState.NOT_GENUINE,
        StickState.UNREADABLE,
        StickState.NO_SPACE,
        StickState.BUSY,
    }
)


@dataclass(frozen=True, slots=True)
class News:
    """As much as fits a bar.

    Attributes:
        headline: in both languages, the large one first.
        detail: one line in the large language; empty when there is nothing to add.
        is_refusal: something that the guard brought was not used.
    """

    headline: tuple[str, str]
    detail: str = ""
    is_refusal: bool = False


def is_worth_telling(event: TrustChanged) -> bool:
    """False for the hub's daily word that nothing has changed: the status line shows its age."""
    has_changes = event.added or event.removed or event.renewed or event.topics
    return bool(has_changes) or event.way is not TrustWay.HUB


def news_of(event: TrustChanged | StickTold, speech: Speech) -> News:
    """An event in words."""
    if isinstance(event, StickTold):
        key = f"stick.{event.state.value}"
        both = speech.large(key), speech.small(key)
        return News(both, is_refusal=event.state in _REFUSED)
    return News(
        (_headline(event, speech.large), _headline(event, speech.small)),
        _detail(event, speech.large),
    )


def _headline(event: TrustChanged, words: Words) -> str:
    if event.before is None:
        return words("trust.first", after=event.after)
    return words("trust.changed", before=event.before, after=event.after)


def _detail(event: TrustChanged, words: Words) -> str:
    parts = [words(f"trust.way.{event.way.value}")] if event.way is not TrustWay.UNKNOWN else []
    for key, issuers in (
        ("trust.added", event.added),
        ("trust.removed", event.removed),
        ("trust.renewed", event.renewed),
    ):
        if issuers:
            names = [issuer_name(issuer, None, words) for issuer in issuers]
            parts.append(words(key, names=_listed(names, words)))
    parts += [words(f"trust.topic.{topic.value}") for topic in event.topics]
    if event.signers:
        parts.append(words("trust.signed", names=_listed(event.signers, words)))
    return _SEPARATOR.join(parts)


def _listed(names: Iterable[str], words: Words) -> str:
    """Some names, and how many more there are."""
    every = list(names)
    shown = words("trust.comma").join(every[:_MOST_NAMED])
    more = len(every) - _MOST_NAMED
    return shown if more <= 0 else words("trust.more", names=shown, count=more)
