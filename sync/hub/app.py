"""The hub over HTTP: FastAPI carries raw bodies in and msgspec answers out.

Store and signature work run in worker threads, so that a slow disk never stops the loop that reads
other gates' requests. Nothing here looks into a batch; `service` does.
"""

from typing import Final

import msgspec
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync import protocol, signatures
from sync.hub.bodies import read_body
from sync.hub.guard_page import add_guard_page
from sync.hub.live import add_events
from sync.hub.pages import add_pages
from sync.hub.refusal import RETRY_AFTER_S, STATUS, Refusal
from sync.hub.service import Hub
from sync.hub.store.base import StoreError
from sync.hub.trust_repository import PATH, TrustRepository
from sync.protocol import ErrorCode, ErrorReply, milliseconds

_ECHO: Final = protocol.REQUEST_NONCE.lower().encode()


def create_app(hub: Hub) -> FastAPI:
    """The ASGI application of one hub."""
    app = FastAPI(
        title=hub.config.title,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(EchoNonce)],
    )

    @app.post(protocol.ENTRIES_PATH)
    async def push(device: str, request: Request) -> Response:
        signed = await _signed(hub, request, protocol.MAX_COMPRESSED_BYTES, protocol.NDJSON)
        return _json(await run_in_threadpool(hub.push, device, signed))

    @app.post(protocol.LOCATE_PATH)
    async def locate(device: str, request: Request) -> Response:
        signed = await _signed(hub, request, protocol.MAX_MESSAGE_BYTES, protocol.JSON)
        return _json(await run_in_threadpool(hub.locate, device, signed))

    @app.post(protocol.SUNSET_PATH)
    async def sunset(device: str, request: Request) -> Response:
        signed = await _signed(hub, request, protocol.MAX_MESSAGE_BYTES, protocol.JSON)
        return _json(await run_in_threadpool(hub.sunset, device, signed))

    @app.post(protocol.NEIGHBOURS_PATH)
    async def neighbours(device: str, request: Request) -> Response:
        signed = await _signed(hub, request, protocol.MAX_NEIGHBOURS_BYTES, protocol.JSON)
        return _json(await run_in_threadpool(hub.neighbours, device, signed))

    @app.post(protocol.ENROL_PATH)
    async def enrol(request: Request) -> Response:
        signed = await _signed(hub, request, protocol.MAX_MESSAGE_BYTES, protocol.JSON)
        return _json(await run_in_threadpool(hub.enrol, signed))

    @app.get(protocol.TIME_PATH)
    async def time() -> Response:
        now = str(milliseconds(hub.clock()))
        return Response(
            status_code=204, headers={protocol.HUB_TIME: now, "Cache-Control": "no-store"}
        )

    @app.get("/healthz")
    def healthz() -> Response:
        try:
            hub.store.latest(1)
        except StoreError:
            return Response("the database cannot be read\n", 503, media_type="text/plain")
        return Response("ok\n", media_type="text/plain")

    @app.exception_handler(Refusal)
    async def refused(_request: Request, refusal: Refusal) -> Response:
        return _error(hub, refusal.code, refusal.detail)

    @app.exception_handler(HTTPException)
    async def not_found(_request: Request, error: HTTPException) -> Response:
        return _error(hub, ErrorCode.NOT_FOUND, "", status=error.status_code)

    if hub.config.trust is not None:
        app.mount(PATH, TrustRepository(hub.config.trust))
    add_events(app, hub.bell)
    add_pages(app, hub)
    add_guard_page(app, hub)
    return app


async def _signed(hub: Hub, request: Request, limit: int, media_type: str) -> signatures.Request:
    """The request as its signature covers it; the URL is the public one, whatever Host says."""
    if request.headers.get("content-type") != media_type:
        raise Refusal(ErrorCode.UNSUPPORTED, f"Content-Type must be {media_type}.")
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    query = f"?{request.url.query}" if request.url.query else ""
    return signatures.Request(
        method=request.method,
        url=f"{hub.config.public_url}{request.url.path}{query}",
        headers=headers,
        body=await read_body(request, limit),
    )


def _json(reply: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(reply), media_type=protocol.JSON)


def _error(hub: Hub, code: ErrorCode, detail: str, status: int | None = None) -> Response:
    reply = ErrorReply(code, milliseconds(hub.clock()), detail)
    response = Response(msgspec.json.encode(reply), status or STATUS[code])
    response.headers["Content-Type"] = protocol.JSON
    if code is ErrorCode.UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


class EchoNonce:
    """Repeats the request's nonce in every answer, so that a gate knows that a hub has answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI 3)."""
        nonce = _nonce_of(scope) if scope["type"] == "http" else None
        await self._app(scope, receive, send if nonce is None else _echoing(send, nonce))


def _nonce_of(scope: Scope) -> bytes | None:
    nonces: list[bytes] = [value for name, value in scope["headers"] if name == _ECHO]
    if len(nonces) != 1 or not protocol.is_request_nonce(nonces[0].decode("latin-1")):
        return None
    return nonces[0]


def _echoing(send: Send, nonce: bytes) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (_ECHO, nonce)]
        await send(message)

    return wrapped
