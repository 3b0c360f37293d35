"""What a newer bundle changes, in the words that a guard and an operator need. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from scanner.trust.bundle.repository import Repository


class Topic(StrEnum):
    """What else a bundle carries beside keys."""

    RULES = "rules"
    SITES = "sites"
    REVOCATIONS = "revocations"
    RECOGNITION = "recognition"
    OTHER = "other"


class Changes(Struct, frozen=True):
    """The difference between two bundles; issuers as their part of a path, "33" or "x0123…".

    Attributes:
        added: issuers that were not known before.
        removed: issuers that are not known any more.
        renewed: issuers whose keys are others now.
        topics: what else has changed.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()

    @property
    def are_any(self) -> bool:
        """False when only the time has passed: the same content, vouched for anew."""
        return bool(self.added or self.removed or self.renewed or self.topics)


_KEYS: Final = "keys"
_TOPICS: Final = {
    "policy": Topic.RULES,
    "sites": Topic.SITES,
    "revocation": Topic.REVOCATIONS,
    "recognition": Topic.RECOGNITION,
    "business-rules": Topic.RULES,
}


def changes(before: Repository | None, after: Repository) -> Changes:
    """What `after` changes; all of it is new where there was nothing."""
    old = {path: target.sha256 for path, target in before.files.items()} if before else {}
    new = {path: target.sha256 for path, target in after.files.items()}
    touched = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    had, have = _issuers(old), _issuers(new)
    return Changes(
        added=tuple(sorted(have - had)),
        removed=tuple(sorted(had - have)),
        renewed=tuple(sorted(_issuers(touched) & had & have)),
        topics=tuple(sorted({_topic(path) for path in touched if _room(path) != _KEYS})),
    )


def _issuers(paths: Iterable[str]) -> set[str]:
    return {path.split("/")[1] for path in paths if _room(path) == _KEYS and path.count("/") > 1}


def _room(path: str) -> str:
    return path.partition("/")[0]


def _topic(path: str) -> Topic:
    return _TOPICS.get(_room(path), Topic.OTHER)
