"""Why a request is not taken, and the HTTP status that says so."""

from http import HTTPStatus
from typing import Final

from sync.protocol import ErrorCode

STATUS: Final = {
    ErrorCode.UNKNOWN_PREDECESSOR: HTTPStatus.CONFLICT,
    ErrorCode.BAD_BATCH: HTTPStatus.BAD_REQUEST,
    ErrorCode.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    ErrorCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.UNSUPPORTED: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ErrorCode.IDENTITY: HTTPStatus.UNAUTHORIZED,
    ErrorCode.CLOCK: HTTPStatus.UNAUTHORIZED,
    ErrorCode.TOKEN: HTTPStatus.FORBIDDEN,
    ErrorCode.RETIRED: HTTPStatus.GONE,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    ErrorCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
RETRY_AFTER_S: Final = 30


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The request ends here with `code`; `detail` never repeats what was sent."""

    def __init__(self, code: ErrorCode, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
