"""Keys in memory, by issuer and kid: what every key source comes down to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from scanner.trust.keys import KeySource, TrustedKey


class KeyRing:
    """A `KeySource` over the keys that it is given."""

    def __init__(self, keys: Iterable[TrustedKey] = ()) -> None:
        by_kid: defaultdict[tuple[str, bytes], list[TrustedKey]] = defaultdict(list)
        for key in keys:
            by_kid[key.issuer, key.key_id].append(key)
        self._by_kid = {name: revoked_first(keys) for name, keys in by_kid.items()}
        self._issuers = frozenset(issuer for issuer, _ in self._by_kid)

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:
        """Every key of `issuer` under `key_id`, revoked ones first; empty when there is none."""
        return self._by_kid.get((issuer, key_id), ())

    def knows(self, issuer: str) -> bool:
        """True when at least one key of `issuer` is here."""
        return issuer in self._issuers


class JoinedKeys:
    """Two `KeySource`s as one: what either of them has counts."""

    def __init__(self, first: KeySource, second: KeySource) -> None:
        self._first = first
        self._second = second

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:
        """Every key of `issuer` under `key_id` in either, revoked ones first."""
        found = (*self._first.find(issuer, key_id), *self._second.find(issuer, key_id))
        return revoked_first(found)

    def knows(self, issuer: str) -> bool:
        """True when at least one key of `issuer` is in either."""
        return self._first.knows(issuer) or self._second.knows(issuer)


def revoked_first(keys: Iterable[TrustedKey]) -> tuple[TrustedKey, ...]:
    """In the order in which they are tried: a key that is there twice, once revoked, is revoked."""
    return tuple(sorted(keys, key=lambda key: key.revoked_at is None))
