"""The ledger as people look at it in an SQLite browser: views, which hold no data.

Replacing them rewrites nothing, and an entry costs no byte more because of them. They are made by a
migration; `docs/ledger.md` tells what each one shows.
"""

from typing import Final

from sqlite_utils import Database

ENTRY_KEYS: Final = (
    "at", "type", "completes", "decision", "guard", "reasons", "asks", "format", "kind", "issuer",
    "division", "claimed_issuer", "digest", "colour", "code_age_s", "temperature_c",
    "id_compared", "document_seen",
    "guard_reason", "person", "party",
    "by", "role", "second", "second_role", "shift", "login_way", "login_failure",
    "undoes", "note", "subject", "subject_key", "sealed", "policy", "trust", "trust_age_s",
    "trust_before", "trust_way", "release", "first", "last", "count", "receipt", "export",
    "failed_rules", "direction", "dwell_s", "occupancy", "trace", "damage", "lost", "log_before",
    "clock", "clock_error_s", "clock_unsure", "boot", "mono_ms",
)  # fmt: skip
"""In the order of the columns; all keys of an entry but `v`, and `seq`, which comes first."""

_REASONS: Final = "(SELECT group_concat(value, ', ') FROM json_each(line, '$.reasons'))"
_LOCAL: Final = "datetime(json_extract(line, '$.at'), 'localtime')"

_SCANS: Final = f"""
SELECT seq, {_LOCAL} AS local_time,
       json_extract(line, '$.decision') AS decision, {_REASONS} AS reasons,
       json_extract(line, '$.kind') AS kind, json_extract(line, '$.issuer') AS issuer,
       json_extract(line, '$.colour') AS colour, json_extract(line, '$.code_age_s') AS code_age_s,
       (SELECT group_concat(value, ', ') FROM json_each(line, '$.asks')) AS asks,
       json_extract(line, '$.subject') AS subject
FROM lines WHERE json_extract(line, '$.type') = 'scan'
"""  # noqa: S608 - every part is ours

_GUARD_DECISIONS: Final = f"""
SELECT seq, {_LOCAL} AS local_time,
       json_extract(line, '$.guard') AS decision, json_extract(line, '$.guard_reason') AS reason,
       json_extract(line, '$.by') AS "by", json_extract(line, '$.second') AS "second",
       json_extract(line, '$.completes') AS visit,
       (SELECT json_extract(s.line, '$.decision') FROM lines s
        WHERE s.seq = json_extract(lines.line, '$.completes')) AS machine_decided,
       seq IN (SELECT json_extract(u.line, '$.undoes') FROM lines u
               WHERE json_extract(u.line, '$.type') = 'undo') AS undone
FROM lines WHERE json_extract(line, '$.type') = 'guard'
"""  # noqa: S608

# max() makes SQLite take the other columns from the row that has it: the last word on a visit.
_VISITS: Final = f"""
SELECT coalesce(json_extract(line, '$.completes'), seq) AS visit, max(seq) AS last_entry,
       {_LOCAL} AS local_time, json_extract(line, '$.decision') AS decision,
       {_REASONS} AS reasons
FROM lines WHERE json_extract(line, '$.type') IN ('scan', 'answer') GROUP BY 1
"""  # noqa: S608

_DECISIONS_PER_DAY: Final = """
SELECT date(local_time) AS day, count(*) AS visits,
       sum(decision = 'ADMIT') AS admitted, sum(decision = 'CHECK') AS checked,
       sum(decision = 'REFUSE') AS refused,
       (SELECT count(*) FROM guard_decisions g WHERE date(g.local_time) = date(visits.local_time)
        AND g.decision = 'ADMITTED_BY_GUARD' AND NOT g.undone) AS admitted_by_guard,
       (SELECT count(*) FROM guard_decisions g WHERE date(g.local_time) = date(visits.local_time)
        AND g.decision = 'REFUSED_BY_GUARD' AND NOT g.undone) AS refused_by_guard
FROM visits GROUP BY 1
"""

_ERASED: Final = """
SELECT first, last, last - first + 1 AS entries, entry AS told_in_entry, note AS receipt
FROM receipts
"""

_VIEWS: Final = {
    "scans": _SCANS,
    "guard_decisions": _GUARD_DECISIONS,
    "visits": _VISITS,
    "decisions_per_day": _DECISIONS_PER_DAY,
    "erased": _ERASED,
}


def make_views(db: Database) -> None:
    """Put the views of today in the place of any earlier ones."""
    columns = ", ".join(f"json_extract(line, '$.{key}') AS \"{key}\"" for key in ENTRY_KEYS)
    entries = f"SELECT seq, {columns}, lower(hex(head)) AS head FROM lines"  # noqa: S608
    for name, query in {"entries": entries, **_VIEWS}.items():
        db.execute(f"DROP VIEW IF EXISTS {name}")
        db.create_view(name, query.strip())
