"""Gives the trust repository out, as files: public, signed elsewhere, in need of no login.

The publisher's command writes the folder; the hub only reads it and holds no key that signs in it.
What has a version or a hash in its name never changes and may be cached for ever; only the
timestamp is asked for again and again.
"""

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PATH: Final = "/trust"
TIMESTAMP: Final = "metadata/timestamp.json"
_PART: Final = r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,159}"
_NAMES: Final = re.compile(rf"metadata/{_PART}\.json|targets/({_PART}/){{0,4}}{_PART}(?<!\.part)")
"""What is still being copied here ends in ".part"."""

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_ALWAYS: Final = "no-cache"
_MAX_TIMESTAMP: Final = 16 << 10
_MARK_DIGITS: Final = 16


class TrustRepository(StaticFiles):
    """The files of the repository in `folder`, which need not be there yet.

    GET and HEAD, ranges, ETags and 304 are Starlette's; it also keeps within the folder. Names
    that no repository has, folders and half-written files are not found.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)

    async def check_config(self) -> None:
        """Any folder will do, also one that comes later."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or an answer without a body."""
        name = path.replace(os.sep, "/")
        try:
            if not _NAMES.fullmatch(name):
                raise HTTPException(404)
            response = await super().get_response(path, scope)
        except HTTPException as error:
            # Tomorrow's root may have this name: nobody shall remember that it is missing.
            headers = {**(error.headers or {}), "Cache-Control": _ASK_ALWAYS}
            return Response(status_code=error.status_code, headers=headers)
        response.headers["Cache-Control"] = _ASK_ALWAYS if name == TIMESTAMP else _FOR_EVER
        del response.headers["Last-Modified"]  # the ETag says the same, and the wire is narrow
        return response


class TrustMark:
    """Which state of the repository is given out, for the answers to pushes. For any thread."""

    def __init__(self, folder: Path | None) -> None:
        self._timestamp = folder / TIMESTAMP if folder else None
        self._known: tuple[tuple[int, int, int], str] | None = None

    def read(self) -> str | None:
        """The first 16 hex digits of the SHA-256 of the timestamp; None when there is none."""
        if self._timestamp is None:
            return None
        try:
            stat = self._timestamp.stat()
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if self._known is None or self._known[0] != seen:
                with self._timestamp.open("rb") as file:
                    digest = sha256(file.read(_MAX_TIMESTAMP)).hexdigest()
                self._known = seen, digest[:_MARK_DIGITS]
        except OSError:
            return None
        return self._known[1]
