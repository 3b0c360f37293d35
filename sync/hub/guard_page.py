"""The guards' page: who decided beside the machine how often, and why. Server-rendered, no script.

A guard is a number, and only the site knows whose it is. The page is asked for, it does not renew
itself: counting a day's scans is work.
"""

from datetime import timedelta
from typing import Final

from fastapi import FastAPI, Response

from scanner.domain.overrides import OverrideRow
from sync.hub.pages import HEADERS, templates
from sync.hub.refusal import Refusal
from sync.hub.service import Hub
from sync.hub.store.base import StoreError
from sync.protocol import ErrorCode

SHOWN: Final = timedelta(hours=24)
MOST: Final = 20_000
"""Lines of guards that one page reads: a busy hub's last hours, a small one's whole day."""


def share_in_words(row: OverrideRow) -> str:
    """Overrides by the scans of that guard's shifts."""
    return "–" if row.share is None else f"{row.share:.1%}"


def add_guard_page(app: FastAPI, hub: Hub) -> None:
    """Add `/guards`."""
    template = templates().get_template("guards.html")

    @app.get("/guards")
    def guards() -> Response:
        now = hub.clock()
        try:
            sites = hub.store.overrides(now - SHOWN, MOST)
        except StoreError as error:
            raise Refusal(ErrorCode.UNAVAILABLE, "The database cannot be read now.") from error
        page = template.render(
            title=hub.config.title,
            now=now.astimezone(),
            hours=SHOWN // timedelta(hours=1),
            sites=[
                (site, [(row, share_in_words(row)) for row in rows]) for site, rows in sites.items()
            ],
        )
        return Response(page, media_type="text/html", headers=HEADERS)
