"""Brings an SQLite database to this program's schema, one numbered file and transaction a step."""

import re
import sqlite3
from importlib import resources

from sync.hub.store.base import StoreError

_NAME = re.compile(r"sqlite_(\d{4})\.sql")


def migrate(db: sqlite3.Connection) -> None:
    """Apply what is missing; `PRAGMA user_version` counts the steps.

    Raises:
        StoreError: the database is from a newer program; nothing was changed.
    """
    steps = _steps()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(steps):
        raise StoreError(
            f"The hub's database has schema {version}; this program knows {len(steps)}.",
            "Install the newer program again.",
        )
    for number, script in enumerate(steps[version:], version + 1):
        try:
            db.executescript(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
            )
        except sqlite3.OperationalError:
            if db.in_transaction:
                db.execute("ROLLBACK")
            if db.execute("PRAGMA user_version").fetchone()[0] < number:
                raise  # otherwise another command took this step at the same time


def _steps() -> list[str]:
    folder = resources.files("sync.hub.store") / "migrations"
    found = {
        int(match[1]): item.read_text("utf-8")
        for item in folder.iterdir()
        if (match := _NAME.fullmatch(item.name))
    }
    return [found[number] for number in range(1, len(found) + 1)]
