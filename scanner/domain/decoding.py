"""Typed decoding of bytes that somebody else wrote, with one exception for everything wrong.

msgspec lets two faults of hostile input through as they are: bytes that are no UTF-8 raise
`UnicodeDecodeError`, and deep nesting raises `RecursionError`. A caller that forgets one of them
turns a bad message into a crash, so nobody else in this project catches msgspec's errors.
"""

from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class UndecodableError(ValueError):
    """The bytes are not what was agreed.

    The message names the fault and may quote keys: it stays out of logs wherever the bytes can hold
    what a code says.
    """


class TypedDecoder(Protocol[T_co]):
    """`msgspec.json.Decoder` or `msgspec.msgpack.Decoder` of one type."""

    def decode(self, data: bytes, /) -> T_co:
        """The value, or one of the faults named above."""
        ...


def decode_json(data: bytes, kind: type[T]) -> T:
    """Decode JSON into a `kind`; for places where a decoder kept for speed does not pay.

    Raises:
        UndecodableError: as `decode`.
    """
    return decode(msgspec.json.Decoder(kind), data)


def decode(decoder: TypedDecoder[T_co], data: bytes) -> T_co:
    """Decode `data`.

    Raises:
        UndecodableError: not of the decoder's type, not of its format, not UTF-8, nested too deep.
    """
    try:
        return decoder.decode(data)
    except UnicodeDecodeError:
        raise UndecodableError("it is not UTF-8") from None
    except RecursionError:
        raise UndecodableError("it is nested too deeply") from None
    except msgspec.MsgspecError as error:
        raise UndecodableError(str(error)) from error
