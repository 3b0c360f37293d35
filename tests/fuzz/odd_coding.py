"""The same value in codings that no honest encoder writes: long heads, open ends, twins, tags."""

import json
import struct
from random import Random
from typing import Any, Final

import cbor2

_HEADS: Final = ((24, 1), (25, 2), (26, 4), (27, 8))
_BREAK: Final = b"\xff"
_OPEN: Final = 31
_ODDS: Final = 0.15


def odd_cbor(rng: Random, value: Any) -> bytes:
    """CBOR of `value` with detours on the way; what it means may change where keys are doubled."""
    if rng.random() < _ODDS / 3:
        return _head(rng, 6, rng.choice((0, 1, 2, 18, 24, 28, 29, 35, 61, 258))) + odd_cbor(
            rng, value
        )
    match value:
        case bool() | None | float():
            return cbor2.dumps(value)
        case int() if -(2**64) <= value < 2**64:
            if rng.random() < _ODDS / 3:
                return b"\xfb" + struct.pack(">d", value)
            return _head(rng, 1, -1 - value) if value < 0 else _head(rng, 0, value)
        case bytes():
            return _string(rng, 2, value)
        case str():
            return _string(rng, 3, value.encode("utf-8", "surrogatepass"))
        case list() | tuple():
            items = b"".join(odd_cbor(rng, item) for item in value)
            return _group(rng, 4, len(value), items)
        case dict() | cbor2.frozendict():
            entries = list(value.items())
            if entries and rng.random() < _ODDS:
                entries.insert(rng.randrange(len(entries)), rng.choice(entries))
            items = b"".join(odd_cbor(rng, part) for entry in entries for part in entry)
            return _group(rng, 5, len(entries), items)
        case cbor2.CBORTag():
            return _head(rng, 6, value.tag) + odd_cbor(rng, value.value)
        case _:
            return cbor2.dumps(value)


def _head(rng: Random, major: int, argument: int) -> bytes:
    """A head (RFC 8949 section 3), now and then longer than it need be."""
    if argument < _HEADS[0][0] and rng.random() > _ODDS:
        return bytes((major << 5 | argument,))
    fitting = [head for head in _HEADS if argument < 1 << 8 * head[1]]
    info, length = fitting[0] if rng.random() > _ODDS else rng.choice(fitting)
    return bytes((major << 5 | info,)) + argument.to_bytes(length, "big")


def _string(rng: Random, major: int, data: bytes) -> bytes:
    if rng.random() > _ODDS:
        return _head(rng, major, len(data)) + data
    cut = rng.randint(0, len(data))
    chunks = b"".join(_head(rng, major, len(part)) + part for part in (data[:cut], data[cut:]))
    return bytes((major << 5 | _OPEN,)) + chunks + _BREAK


def _group(rng: Random, major: int, count: int, items: bytes) -> bytes:
    if rng.random() > _ODDS:
        return _head(rng, major, count) + items
    return bytes((major << 5 | _OPEN,)) + items + _BREAK


def odd_json(rng: Random, value: Any) -> bytes:
    """JSON of `value` with blanks, escapes, doubled keys, or whole numbers as fractions."""
    if isinstance(value, dict) and value and rng.random() < 3 * _ODDS:
        entries = [*value.items(), rng.choice(list(value.items()))]
        inner = b",".join(json.dumps(str(k)).encode() + b":" + odd_json(rng, v) for k, v in entries)
        return b"{" + inner + b"}"
    if isinstance(value, int) and not isinstance(value, bool) and rng.random() < 3 * _ODDS:
        return rng.choice((f"{value}.0", f"{value}e0", f"-{value}", f"{value}.5")).encode()
    blanks = rng.choice((None, 1))
    text = json.dumps(value, indent=blanks, ensure_ascii=rng.random() < 0.5, default=repr)
    return text.encode("utf-8", "surrogatepass")
