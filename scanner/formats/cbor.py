"""CBOR (RFC 8949) from a hostile hand: bounded, and nothing is built from a tag.

cbor2 would make regular expressions, shared references, huge numbers and more out of tags before
any signature is checked, and would ignore what follows the first item. Here a message is one item,
tags 0 and 1 (dates) give the text or number that they carry or are refused, and only COSE_Sign1
(18) and CWT (61) stay tags.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Final, NoReturn, TypeGuard

from cbor2 import CBORDecodeError, CBORDecoder, CBORTag, frozendict

from scanner.formats.checks import Check, UnreadableError

SIGN1_TAG: Final = 18
CWT_TAG: Final = 61
MAX_DEPTH: Final = 16

_DATE_TAGS: Final = (0, 1)
_BUILT_INTO_CBOR2: Final = (
    2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799,
)  # fmt: skip


def _refuse(_value: object, _immutable: bool) -> NoReturn:
    raise CBORDecodeError("tag not allowed")


def _unwrap(value: object, _immutable: bool) -> object:
    if type(value) not in (str, int, float):
        raise CBORDecodeError("date tag on something else")
    return value


def _keep_envelope(tag: CBORTag, _immutable: bool) -> CBORTag:
    if tag.tag not in (SIGN1_TAG, CWT_TAG):
        raise CBORDecodeError("tag not allowed")
    return tag


_STRICT: Final = dict.fromkeys((*_BUILT_INTO_CBOR2, *_DATE_TAGS), _refuse)
_TOLERANT: Final = _STRICT | dict.fromkeys(_DATE_TAGS, _unwrap)


def read(data: bytes, *, strict: bool) -> object:
    """The one item that `data` holds.

    Args:
        data: the whole message; the caller has capped its length.
        strict: also refuse duplicate map keys, indefinite lengths and tagged dates. EU certificates
            in the field have all three. Their issuer has signed them, and the last value of a key
            counts.

    Raises:
        UnreadableError: no CBOR, too deep, a foreign tag, or bytes left over.
    """
    stream = BytesIO(data)
    try:
        item: object = CBORDecoder(
            stream,
            max_depth=MAX_DEPTH,
            allow_duplicate_keys=not strict,
            allow_indefinite=not strict,
            semantic_decoders=_STRICT if strict else _TOLERANT,
            tag_hook=_keep_envelope,
        ).decode()
    except (CBORDecodeError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise UnreadableError(Check.ENVELOPE, "not well-formed CBOR within our limits") from error
    if stream.tell() != len(data):
        raise UnreadableError(Check.ENVELOPE, "trailing bytes after CBOR")
    return item


def is_map(item: object) -> TypeGuard[Mapping[object, object]]:
    """True for a CBOR map: cbor2 makes a `frozendict` of it beneath tags and arrays."""
    return isinstance(item, (dict, frozendict))
