"""Reads a request's body under limits: bytes, time, and what it may grow to."""

import asyncio
import zlib
from typing import Final

from starlette.requests import ClientDisconnect, Request

from sync.hub.refusal import Refusal
from sync.protocol import ErrorCode

BODY_TIMEOUT_S: Final = 30
_GZIP: Final = 16 + zlib.MAX_WBITS


async def read_body(request: Request, limit: int) -> bytes:
    """The body as it crossed the wire; a longer one is refused before or while it comes.

    Raises:
        Refusal: it is longer than `limit`, too slow, or breaks off.
    """
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > limit:
        raise Refusal(ErrorCode.TOO_LARGE, f"At most {limit} bytes.")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise Refusal(ErrorCode.TOO_LARGE, f"At most {limit} bytes.")
    except TimeoutError as error:
        raise Refusal(ErrorCode.TOO_SLOW) from error
    except ClientDisconnect as error:
        raise Refusal(ErrorCode.BAD_REQUEST, "The body broke off.") from error
    return bytes(body)


def gunzip(data: bytes, limit: int) -> bytes:
    """Decompress exactly one gzip member (RFC 1952) of at most `limit` bytes.

    Raises:
        Refusal: it is no gzip, is cut off, has something behind it, or grows over `limit`.
    """
    inflater = zlib.decompressobj(_GZIP)
    try:
        plain = inflater.decompress(data, limit + 1)
    except zlib.error as error:
        raise Refusal(ErrorCode.BAD_BATCH, "Not gzip.") from error
    if len(plain) > limit:
        raise Refusal(ErrorCode.TOO_LARGE, f"At most {limit} bytes after gzip.")
    if not inflater.eof or inflater.unused_data:
        raise Refusal(ErrorCode.BAD_BATCH, "Not one whole gzip member.")
    return plain
