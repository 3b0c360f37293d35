"""Every step from an empty file to today's schema. Only additive: a card is never rewritten.

Kept apart from the gate's hot start, because sqlite-utils takes longer to import than a ledger
takes to open.
"""

import sqlite3
from typing import Final

from sqlite_utils import Database, Migrations

from scanner.ledger.schema import SCHEMA_VERSION
from scanner.ledger.views import make_views

_MIGRATIONS: Final = Migrations("checkpoint-ledger")

_TEXT_KEYS: Final = (
    "at", "type", "completes", "decision", "guard", "reasons", "asks", "format", "kind", "issuer",
    "division", "colour", "code_age_s", "temperature_c", "guard_reason", "subject", "subject_key",
    "policy", "trust", "trust_age_s", "release", "boot", "mono_ms",
)  # fmt: skip
_CLOCK_KEYS: Final = ("clock", "clock_error_s", "clock_unsure")


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing; each step is one transaction, its version number included.

    Raises:
        sqlite3.Error: a step failed and was rolled back.
    """
    _MIGRATIONS.apply(Database(connection, execute_plugins=False))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != SCHEMA_VERSION:
        raise AssertionError(f"the migrations end at {version}, not at {SCHEMA_VERSION}")


@_MIGRATIONS(name="0001_lines")
def _lines(db: Database) -> None:
    db.table("lines").create(
        {"seq": int, "line": str, "head": bytes},
        pk="seq",
        not_null={"line", "head"},
        strict=True,
    )
    db.table("log").create(
        {"id": int, "device_id": str, "nonce": bytes, "format": int, "created_at": str},
        pk="id",
        not_null={"device_id", "nonce", "format", "created_at"},
        strict=True,
    )
    _view(db, _TEXT_KEYS)
    db.execute("PRAGMA user_version = 1")


@_MIGRATIONS(name="0002_clock")
def _clock(db: Database) -> None:
    _view(db, (*_TEXT_KEYS, *_CLOCK_KEYS))
    db.execute("PRAGMA user_version = 2")


@_MIGRATIONS(name="0003_retention")
def _retention(db: Database) -> None:
    db.table("leaves").create({"seq": int, "leaf": bytes}, pk="seq", not_null={"leaf"}, strict=True)
    db.table("receipts").create(
        {"last": int, "first": int, "head": bytes, "entry": int, "note": str},
        pk="last",
        not_null={"first", "head", "entry", "note"},
        strict=True,
    )
    db.execute("ALTER TABLE log ADD COLUMN erased_seq INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE log ADD COLUMN erased_head BLOB")
    make_views(db)
    db.execute("PRAGMA user_version = 3")


def _view(db: Database, keys: tuple[str, ...]) -> None:
    """The lines as columns, for people; it holds no data, so that replacing it rewrites nothing."""
    columns = ", ".join(f"json_extract(line, '$.{key}') AS {key}" for key in keys)
    db.execute("DROP VIEW IF EXISTS entries")
    db.create_view("entries", f"SELECT seq, {columns}, lower(hex(head)) AS head FROM lines")  # noqa: S608
