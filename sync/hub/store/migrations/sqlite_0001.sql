CREATE TABLE devices (
    device_no   INTEGER PRIMARY KEY,
    device_id   TEXT    NOT NULL UNIQUE,
    public_key  BLOB    NOT NULL,
    site        TEXT    NOT NULL,
    gate        TEXT    NOT NULL,
    enrolled_ms INTEGER NOT NULL,
    retired_ms  INTEGER,
    -- what the last push said
    seen_ms     INTEGER,
    sent_ms     INTEGER,
    boot        TEXT,
    backlog     INTEGER NOT NULL DEFAULT 0,
    -- kept beside the entries, so that the page never counts them
    entries     INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The leaves of each device's tree. The row is the lock and the proof that nothing is double.
CREATE TABLE heads (
    device_no    INTEGER NOT NULL REFERENCES devices,
    branch       INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    head         BLOB    NOT NULL,
    opened_seq   INTEGER NOT NULL,  -- the branch's first own entry
    opened_ms    INTEGER NOT NULL,
    parent       INTEGER,           -- NULL: begins at the log's genesis
    genesis      BLOB    NOT NULL,  -- of the log that it belongs to
    archived_seq  INTEGER NOT NULL, -- up to here the branch is in a backup too
    archived_head BLOB    NOT NULL,
    checkpoint    TEXT    NOT NULL, -- for the leaf, signed by the gate and by the hub
    PRIMARY KEY (device_no, branch)
) STRICT, WITHOUT ROWID;

-- `id` is the order of arrival, so the latest entries need no index of their own. The words are
-- read out of `line` for the page; `line` is what was hashed, signed for and acknowledged.
CREATE TABLE entries (
    id          INTEGER PRIMARY KEY,
    device_no   INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    head        BLOB    NOT NULL,
    branch      INTEGER NOT NULL,
    line        BLOB    NOT NULL,
    received_ms INTEGER NOT NULL,
    readable    INTEGER NOT NULL,
    at_ms       INTEGER,
    type        TEXT    NOT NULL,
    decision    TEXT    NOT NULL,
    guard       TEXT    NOT NULL,
    reasons     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    issuer      TEXT    NOT NULL,
    colour      TEXT    NOT NULL,
    UNIQUE (device_no, seq, head)
) STRICT;

CREATE VIEW quarantine AS SELECT * FROM entries WHERE NOT readable;

CREATE TABLE tokens (
    token_hash BLOB    PRIMARY KEY,
    made_ms    INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    spent_ms   INTEGER,
    device_no  INTEGER REFERENCES devices
) STRICT, WITHOUT ROWID;
