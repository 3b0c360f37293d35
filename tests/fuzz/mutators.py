"""Changing valid codes in every layer, by a plain seeded generator: fast, and the same again.

`Mutator` is the one set of changes: `tests.fuzz.mutations` applies it a million times to valid
codes, and the coverage-guided targets give it to libFuzzer, whose own edits then reach the inner
layers too.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import cbor2

from scanner.formats.base45 import ALPHABET
from tests.builders import P256_ORDER
from tests.fuzz.layers import Layers
from tests.fuzz.odd_coding import odd_cbor, odd_json

MAX_EDITS: Final = 3
TAGS: Final = ((), (18,), (61,), (18, 61), (61, 18), (18, 18), (98,), (55799, 18))
VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 23, 24, 255, 2**31, 2**32, 2**63, 2**64, -(2**64), 2**70,
    1.0, 0.5, -0.0, float("nan"), float("inf"), 1795424400, 1795424400.5, 1795424400000,
    -1795424400, 253402300799, 253402300800, "", "33", "EU", "00", "99", "ES256", "none",
    b"", b"\0", bytes(8), bytes(64), "x" * 200, "张*三", "a\u202eb", "a\0b", "\ud800",
    "e\u0301" * 40, "<<<", "2026-11-23", "2026-11-23T09:00:00+00:00", "0001-01-01T00:00:00+14:00",
    "9999-12-31", [], {}, [[]], {"a": 1}, {1: 1}, [1, 2], {4: b"kid"}, {2: [4]},
    "did:web:issuer.example",
)  # fmt: skip


@dataclass(frozen=True)
class Donor:
    """A valid code whose pieces stand in others: its text, layers and parts."""

    text: str
    layers: Layers
    parts: tuple[Any, ...]


Change = Callable[["Mutator", str, Layers], str]


class Mutator:
    """Changes texts; every change takes a text of `layers`, valid or not.

    A change of an inner layer that does not exist raises `ValueError`.
    """

    def __init__(
        self, rng: Random, donors: Sequence[Donor], edit: Callable[[bytes], bytes] | None = None
    ) -> None:
        """Draw from `rng`, take pieces of `donors`; `edit` replaces the own edits of bytes."""
        self.rng = rng
        self._donors = donors
        self._edit = edit or self.edited

    def edited(self, data: bytes) -> bytes:
        """One to three edits: bytes put in, taken out, replaced, repeated, or one bit turned."""
        for _ in range(self.rng.randint(1, MAX_EDITS)):
            at = self.rng.randrange(len(data) + 1)
            length = self.rng.choice((0, 1, 1, 2, 4))
            new = self.rng.randbytes(self.rng.choice((0, 1, 1, 2, 4)))
            match self.rng.randrange(8):
                case 0 if at < len(data):
                    new, length = bytes((data[at] ^ 1 << self.rng.randrange(8),)), 1
                case 1:
                    length = len(data)
                case 2:
                    new = data[at : at + 16] * 2
                case _:
                    pass
            data = data[:at] + new + data[at + length :]
        return data

    def text(self, text: str, _layers: Layers) -> str:
        """Any characters anywhere."""
        edited = self._edit(text.encode("utf-8", "surrogateescape"))
        return edited.decode("utf-8", "surrogateescape")

    def alphabet(self, text: str, layers: Layers) -> str:
        """Characters that the text's own encoding may hold, behind the prefix."""
        start = len(layers.prefix)
        for _ in range(self.rng.randint(1, MAX_EDITS)):
            at = self.rng.randint(start, max(start, len(text)))
            letters = text[start:] if self.rng.random() < 0.7 else ALPHABET
            new = "".join(self.rng.choices(letters or ALPHABET, k=self.rng.randrange(4)))
            text = text[:at] + new + text[at + self.rng.choice((len(new), 0, 1)) :]
        return text

    def packed(self, text: str, layers: Layers) -> str:
        """The bytes beneath the text's encoding: compressed ones, where the format compresses."""
        data = layers.text.decode(text[len(layers.prefix) :])
        return f"{layers.prefix}{layers.text.encode(self._edit(data))}"

    def envelope(self, text: str, layers: Layers) -> str:
        """The envelope's bytes."""
        return layers.close(self._edit(layers.open(text)))

    def parts(self, text: str, layers: Layers) -> str:
        """Parts exchanged with another code's, replaced, edited; tags put around or taken off."""
        parts = self._parts(text, layers)
        at = self.rng.randrange(4)
        match self.rng.randrange(4):
            case 0:
                parts[at] = self.rng.choice(self._donors).parts[at]
            case 1:
                parts[at] = self.value()
            case 2:
                parts[1] = {self.rng.choice((1, 2, 4, 5, 33)): self.value()}
            case _ if isinstance(parts[at], bytes):
                parts[at] = self._edit(parts[at])
            case _:
                parts.insert(at, self.value())
        return self._closed(parts, layers)

    def header(self, text: str, layers: Layers) -> str:
        """The protected header's entries."""
        parts = self._parts(text, layers)
        parts[0] = layers.content.encode(self.changed(layers.content.decode(parts[0])))
        return layers.close(layers.envelope.encode(parts))

    def claims(self, text: str, layers: Layers) -> str:
        """The claims, decoded, changed, encoded again."""
        parts = self._parts(text, layers)
        data = self.content(layers.payload.decode(parts[2]), layers)
        parts[2] = layers.payload.encode(data)
        return layers.close(layers.envelope.encode(parts))

    def signature(self, text: str, layers: Layers) -> str:
        """The signature's other half of the curve, and other bytes in its place."""
        parts = self._parts(text, layers)
        signature = parts[3] if isinstance(parts[3], bytes) else b""
        half = len(signature) // 2
        match self.rng.randrange(5):
            case 0:
                s = (P256_ORDER - int.from_bytes(signature[half:], "big")) % 2**256
                parts[3] = signature[:half] + s.to_bytes(32, "big")
            case 1:
                parts[3] = signature[half:] + signature[:half]
            case 2:
                parts[3] = b"\0" + signature if self.rng.random() < 0.5 else signature[1:]
            case 3:
                parts[3] = bytes(len(signature))
            case _:
                parts[3] = self._edit(signature)
        return layers.close(layers.envelope.encode(parts))

    def exchange(self, text: str, layers: Layers) -> str:
        """A piece of another code, of any issuer and format, in this one's layers."""
        donor = self.rng.choice(self._donors)
        match self.rng.randrange(4):
            case 0:
                return layers.close(donor.layers.open(donor.text))
            case 1:
                body = donor.text[len(donor.layers.prefix) :]
                return layers.prefix + body
            case 2:
                parts = self._parts(text, layers)
                at = self.rng.randrange(4)
                parts[at] = donor.parts[at]
                return layers.close(layers.envelope.encode(parts))
            case _:
                cut, other = (self.rng.randrange(len(t) + 1) for t in (text, donor.text))
                return text[:cut] + donor.text[other:]

    def recoding(self, text: str, layers: Layers) -> str:
        """The same content in another coding of some layer; what is signed may change or not."""
        parts = self._parts(text, layers)
        match self.rng.randrange(4):
            case 0:
                return self._closed(parts, layers)
            case 1:
                data = layers.packing.decode(layers.text.decode(text[len(layers.prefix) :]))
                packed = zlib.compress(data, self.rng.randint(0, 9))
                return f"{layers.prefix}{layers.text.encode(packed)}"
            case 2:
                at = self.rng.choice((0, 2))
                inner = layers.payload if at else None
                data = inner.decode(parts[at]) if inner else parts[at]
                odd = self._odd(layers.content.decode(data), layers)
                parts[at] = inner.encode(odd) if inner else odd
                return layers.close(layers.envelope.encode(parts))
            case _:
                return self.rng.choice((text.lower(), text.upper(), text + "=", f" {text}\n"))

    def content(self, data: bytes, layers: Layers) -> bytes:
        """Claims' bytes with some of the claims changed, or edited as they are."""
        try:
            claims = layers.content.decode(data)
        except ValueError:
            return self._edit(data)
        for _ in range(self.rng.randint(1, MAX_EDITS)):
            claims = self.changed(claims)
        try:
            return (
                self._odd(claims, layers)
                if self.rng.random() < 0.2
                else (layers.content.encode(claims))
            )
        except (ValueError, TypeError, OverflowError):
            return self._edit(data)

    def changed(self, value: Any) -> Any:
        """One change somewhere inside a tree of maps, lists and values, each place as likely."""
        path = self.rng.choice(list(_paths(value)))
        return self._replaced(value, path)

    def _replaced(self, value: Any, path: tuple[Any, ...]) -> Any:
        if len(path) > 1:
            copy = dict(value) if isinstance(value, dict) else list(value)
            copy[path[0]] = self._replaced(copy[path[0]], path[1:])
            return copy
        if not path:
            return self._other(value)
        entries = dict(value) if isinstance(value, dict) else dict(enumerate(value))
        match self.rng.randrange(8):
            case 0:
                del entries[path[0]]
            case 1:
                entries[self._key()] = self.value()
            case 2:
                entries[path[0]] = entries[self.rng.choice(list(entries))]
            case _:
                entries[path[0]] = self._other(entries[path[0]])
        return entries if isinstance(value, dict) else list(entries.values())

    def value(self) -> Any:
        """Something unpleasant."""
        return self.rng.choice(VALUES)

    def _other(self, value: Any) -> Any:
        choice = self.rng.random()
        if choice < 0.4:
            return self.value()
        if isinstance(value, bool):
            return not value
        if isinstance(value, int | float):
            return value + self.rng.choice((1, -1, 60, -86400, 10**6, 2**32, 0.5))
        if isinstance(value, bytes):
            return self._edit(value)
        if isinstance(value, str):
            return self._edit(value.encode("utf-8", "replace")).decode("utf-8", "replace")
        return self.value()

    def _key(self) -> Any:
        return self.rng.choice(
            (1, 4, 5, 6, 7, 8, -260, -65537, 17, -1, "iss", "exp", "vc", "x", "")
        )

    def _parts(self, text: str, layers: Layers) -> list[Any]:
        return list(layers.envelope.decode(layers.open(text)))

    def _closed(self, parts: list[Any], layers: Layers) -> str:
        """The parts under any tags and codings, where the envelope is CBOR."""
        if layers.content.encode is not cbor2.dumps:
            return layers.close(layers.envelope.encode(parts))
        message: Any = parts
        for tag in self.rng.choice(TAGS):
            message = cbor2.CBORTag(tag, message)
        odd = self.rng.random() < 0.5
        return layers.close(odd_cbor(self.rng, message) if odd else cbor2.dumps(message))

    def _odd(self, value: Any, layers: Layers) -> bytes:
        odd = odd_cbor if layers.content.encode is cbor2.dumps else odd_json
        return odd(self.rng, value)


LEVELS: Final[dict[str, Change]] = {
    "text": Mutator.text,
    "alphabet": Mutator.alphabet,
    "packed": Mutator.packed,
    "envelope": Mutator.envelope,
    "parts": Mutator.parts,
    "header": Mutator.header,
    "claims": Mutator.claims,
    "signature": Mutator.signature,
    "exchange": Mutator.exchange,
    "recoding": Mutator.recoding,
}
"""Every change, by the layer that it is made in."""


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every place in a tree, its root first."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _paths(item, (*path, at))


def mutated(mutator: Mutator, level: str, text: str, layers: Layers) -> str:
    """`text` changed in one layer; in its characters where that layer cannot be reached."""
    try:
        return LEVELS[level](mutator, text, layers)
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError):
        return mutator.text(text, layers)
