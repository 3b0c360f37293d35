"""One issuer's public keys as its target has them: `keys/33/keys.json`.

A key is loaded, and checked for its algorithm, when a code first names it: a P-256 key costs 65 µs,
and 31 issuers have some hundreds of them. One that is no key is not there: it costs the codes that
it signed and no other. `IssuerKeys.check` finds it before it is published.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from msgspec.structs import replace

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm, PassKind
from scanner.log import EventLog
from scanner.trust.algorithms import SCHEMES, fits
from scanner.trust.bundle import layout
from scanner.trust.bundle.signed import KEPT
from scanner.trust.key_ring import revoked_first
from scanner.trust.keys import TrustedKey

ISSUERS: Final = r"^([0-9]{2}|[A-Z]{2,3}|(https://|did:)[!-~]{1,240})\Z"
"""Provinces, EU and ICAO states, and who names itself by an address: never two of one form."""

_log = EventLog(__name__)

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class KeyRecord(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One key; `kid` and `spki` (DER SubjectPublicKeyInfo, RFC 5280) are base64.

    Attributes:
        kinds: the pass kinds it may sign; absent is every kind.
        division: six digits when it belongs to one city's back end.
        revoked_at: when the issuer took it back; nothing that it signed counts, whenever.
    """

    kid: Annotated[bytes, msgspec.Meta(min_length=1, max_length=64)]
    algorithm: Algorithm
    spki: Annotated[bytes, msgspec.Meta(max_length=1024)]
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    kinds: Annotated[tuple[PassKind, ...], msgspec.Meta(min_length=1)] | None = None
    division: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z")] | None = None
    revoked_at: Moment | None = None


class IssuerKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole target."""

    issuer: Annotated[str, msgspec.Meta(pattern=ISSUERS)]
    keys: Annotated[tuple[KeyRecord, ...], msgspec.Meta(max_length=1000)]

    def check(self) -> None:
        """See that every key is one for its algorithm.

        Raises:
            TrustError: one is not; the message names it.
        """
        for at, record in enumerate(self.keys):
            _trusted(self.issuer, record, at)


def encode_issuer_keys(keys: IssuerKeys) -> bytes:
    """The target's bytes."""
    return msgspec.json.encode(keys)


def decode_issuer_keys(path: str, data: bytes) -> IssuerKeys:
    """Read a verified target. Whoever may publish `keys/33/*` may publish keys of 33 only.

    Raises:
        TrustError: it is no key set, or one of another issuer.
    """
    try:
        keys = decode_json(data, IssuerKeys)
    except UndecodableError as error:
        raise TrustError(f"{path} is signed, but is no key set: {error}.", KEPT) from error
    _are_its_own(keys, path)
    return keys


def _are_its_own(keys: IssuerKeys, path: str) -> None:
    if layout.keys_path(keys.issuer) != path:
        raise TrustError(f"{path} holds the keys of another issuer.", KEPT)


class IssuerKeyRing:
    """A `KeySource` over key sets."""

    def __init__(self, sets: Iterable[IssuerKeys]) -> None:
        by_kid: defaultdict[tuple[str, bytes], list[tuple[int, KeyRecord]]] = defaultdict(list)
        for keys in sets:
            for at, record in enumerate(_revoked_wherever_listed(keys.keys)):
                by_kid[keys.issuer, record.kid].append((at, record))
        self._by_kid = dict(by_kid)
        self._issuers = frozenset(issuer for issuer, _ in self._by_kid)
        self._loaded: dict[tuple[str, bytes], tuple[TrustedKey, ...]] = {}

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:
        """Every key of `issuer` under `key_id`, revoked ones first; empty when there is none."""
        name = issuer, key_id
        if name not in self._by_kid:
            return ()
        if name not in self._loaded:
            self._loaded[name] = revoked_first(_usable(issuer, self._by_kid[name]))
        return self._loaded[name]

    def knows(self, issuer: str) -> bool:
        """True when at least one key of `issuer` is here."""
        return issuer in self._issuers


def _revoked_wherever_listed(records: Sequence[KeyRecord]) -> Iterator[KeyRecord]:
    """A key that was taken back under one id is taken back under every other: a thief has it."""
    revoked = {record.spki: record.revoked_at for record in records if record.revoked_at}
    for record in records:
        if record.revoked_at is None and record.spki in revoked:
            yield replace(record, revoked_at=revoked[record.spki])
        else:
            yield record


def _usable(issuer: str, records: Iterable[tuple[int, KeyRecord]]) -> Iterator[TrustedKey]:
    for at, record in records:
        try:
            yield _trusted(issuer, record, at)
        except TrustError as error:
            _log.error("key_unusable", found=error.found)


def _trusted(issuer: str, record: KeyRecord, at: int) -> TrustedKey:
    """A record with its key loaded and checked for its algorithm."""
    where = f"{layout.keys_path(issuer)}: keys[{at}]"
    try:
        public_key = load_der_public_key(record.spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TrustError(f"{where}.spki is no public key.", KEPT) from error
    checked = fits(public_key, record.algorithm)
    if checked is None:
        raise TrustError(
            f"{where} is no key for {record.algorithm}, which needs "
            f"{SCHEMES[record.algorithm].key}.",
            KEPT,
        )
    return TrustedKey(
        issuer=issuer,
        key_id=record.kid,
        algorithm=record.algorithm,
        public_key=checked,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        kinds=None if record.kinds is None else frozenset(record.kinds),
        division=record.division,
        revoked_at=record.revoked_at,
    )
