"""DEFLATE (RFC 1951) from a hostile hand: one stream, whole, and never larger than allowed."""

import zlib
from typing import Final

from scanner.formats.checks import Check, UnreadableError

_RAW_WBITS: Final = -zlib.MAX_WBITS


def inflate(data: bytes, limit: int, *, raw: bool = False) -> bytes:
    """What the one stream in `data` holds.

    Args:
        data: the compressed bytes; the caller has capped their length.
        limit: the most bytes that may come out; a bomb is stopped there.
        raw: a bare DEFLATE stream, else one in a zlib wrapper (RFC 1950) with its checksum.

    Raises:
        UnreadableError: no such stream, cut off, more than `limit`, or bytes left over.
    """
    stream = zlib.decompressobj(_RAW_WBITS if raw else zlib.MAX_WBITS)
    try:
        # One byte more than allowed: only so does a stream of just `limit` bytes reach its end.
        inflated = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise UnreadableError(Check.COMPRESSION, "not a DEFLATE stream") from error
    if not stream.eof or len(inflated) > limit:
        raise UnreadableError(Check.COMPRESSION, "DEFLATE stream is cut off or too large")
    if stream.unused_data:
        raise UnreadableError(Check.COMPRESSION, "trailing bytes after the DEFLATE stream")
    return inflated
