"""How a new ledger file is laid out in pages, and what becomes of those that erasing sets free.

Both are fixed when the file is made: SQLite changes neither afterwards, short of writing it anew.
"""

import sqlite3
from enum import StrEnum
from typing import Final

from scanner.ledger.schema import PAGE_BYTES

SPARE_PAGES: Final = 2048
"""A mebibyte that stays free for the next entries, so that pages do not come and go."""

GIVEN_AT_ONCE: Final = 64
"""Pages that one step gives back."""


class FreePages(StrEnum):
    """What becomes of pages that erased lines leave.

    Attributes:
        REUSE: the next entries take them; the file keeps its largest size.
        GIVE_BACK: the file system gets them back in small steps. Each entry then writes a third
            more, because SQLite keeps a map of its pages.
    """

    REUSE = "reuse"
    GIVE_BACK = "give_back"


def lay_out(connection: sqlite3.Connection, free: FreePages) -> None:
    """Say how a file is laid out that has no content yet; one that has stays as it is."""
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # first: auto_vacuum fixes it
    if free is FreePages.GIVE_BACK:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")


def give_back(connection: sqlite3.Connection, spare: int = SPARE_PAGES) -> bool:
    """Give some free pages at the file's end back; True while there are more to give.

    A file that was made to reuse them gives none.
    """
    (mode,) = connection.execute("PRAGMA auto_vacuum").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    if not mode or free <= spare:
        return False
    pages = min(GIVEN_AT_ONCE, free - spare)
    connection.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
    return bool(free - pages > spare)
