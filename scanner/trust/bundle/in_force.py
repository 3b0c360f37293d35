"""The bundle that a store or a plain repository has to offer: the newest that holds."""

import re
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

from scanner.domain.errors import TrustError
from scanner.trust.bundle import layout
from scanner.trust.bundle.bundle import Bundle, load_bundle
from scanner.trust.bundle.store import BundleStore

_VERSION: Final = re.compile(r"([0-9]{1,20})\.([0-9]{1,20})")
_SEPARATOR: Final = "<"
_NONE: Final = "none"


class BundleVersion(NamedTuple):
    """Which of two bundles is the newer one: the root's version counts before the timestamp's."""

    root: int
    timestamp: int

    def __str__(self) -> str:
        return f"{self.root}.{self.timestamp}"

    @classmethod
    def of(cls, bundle: Bundle) -> "BundleVersion":
        """The version of a loaded bundle."""
        return cls(bundle.repository.root.version, bundle.repository.timestamp.version)

    def below(self, floor: "BundleVersion | None") -> str:
        """How entries name it: "1.5", or "1.5<1.9" where 1.9 was in force here before."""
        return str(self) if floor is None or self >= floor else f"{self}{_SEPARATOR}{floor}"


def none_below(floor: BundleVersion | None) -> str:
    """How entries name that there is no bundle: "none", or "none<1.9" where 1.9 was in force."""
    return _NONE if floor is None else f"{_NONE}{_SEPARATOR}{floor}"


def newest_named(recorded: str) -> BundleVersion | None:
    """The newest version that an entry's `trust` names; None for what is no version."""
    found = [_VERSION.fullmatch(part) for part in recorded.split(_SEPARATOR)]
    return max((BundleVersion(int(m[1]), int(m[2])) for m in found if m), default=None)


class Loaded(Struct, frozen=True):
    """What came of looking for a bundle.

    Attributes:
        bundle: the first of the candidates that holds; None when none does.
        refused: what was wrong with those before it.
    """

    bundle: Bundle | None
    refused: tuple[TrustError, ...]


def load_newest(store: BundleStore, root: Path) -> Loaded:
    """Load the bundle in force, or else the newest one beside it that holds.

    Raises:
        TrustError: the installed root cannot be read.
    """
    pinned = read_root(root)
    refused: list[TrustError] = []
    for folder in store.candidates():
        try:
            return Loaded(load_bundle(folder, pinned), tuple(refused))
        except TrustError as error:
            refused.append(error)
    return Loaded(None, tuple(refused))


def read_root(path: Path) -> bytes:
    """The root metadata that were installed with this gate.

    Raises:
        TrustError: there are none, or they are too large.
    """
    remedy = "Install the root.json that the publisher handed over, or name it in trust.root."
    try:
        with path.open("rb") as file:
            data = file.read(layout.MAX_ROOT + 1)
    except OSError as error:
        raise TrustError(f"{path} cannot be read: {error.strerror}.", remedy) from error
    if len(data) > layout.MAX_ROOT:
        raise TrustError(f"{path} is larger than {layout.MAX_ROOT} bytes.", remedy)
    return data
