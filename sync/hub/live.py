"""Open pages hear at once of a suspected forgery: `/events`, server-sent events (WHATWG HTML 9.2).

An event says only that there is something to see; the page then loads itself anew. A browser whose
connection ends connects again by itself, and one without scripts renews the page as before.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from fastapi import FastAPI, Response
from starlette.responses import StreamingResponse

from sync.hub.bell import Bell

PATH: Final = "/events"
MOST_LISTENERS: Final = 64
"""Far below the connections that the hub takes at all: gates must always find one."""

ALIVE_S: Final = 15.0
"""A comment at least so often, so that proxies keep the connection and a dead one is noticed."""

_EVENT: Final = b"event: suspicion\ndata:\n\n"
_COMMENT: Final = b": alive\n\n"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def add_events(app: FastAPI, bell: Bell) -> None:
    """Add the stream of events."""

    @app.get(PATH)
    async def events() -> Response:
        if len(bell) >= MOST_LISTENERS or bell.is_closed:
            return Response("too many pages are open\n", 503, media_type="text/plain")
        return StreamingResponse(_events(bell), media_type="text/event-stream", headers=_HEADERS)


async def _events(bell: Bell) -> AsyncIterator[bytes]:
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop has ended before this listener could leave
            loop.call_soon_threadsafe(news.set)

    with bell.listening(wake):
        yield _COMMENT
        while not bell.is_closed:
            try:
                await asyncio.wait_for(news.wait(), ALIVE_S)
            except TimeoutError:
                yield _COMMENT
                continue
            news.clear()
            if not bell.is_closed:
                yield _EVENT
