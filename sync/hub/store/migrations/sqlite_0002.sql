-- Where each boot of a gate lies in time, so that entries written with an unsure clock have a true
-- one beside what was written: sync/hub/retime.py. A boot that goes on on another branch is another
-- row: a cloned card is another box.
CREATE TABLE boots (
    boot_no     INTEGER PRIMARY KEY,
    device_no   INTEGER NOT NULL REFERENCES devices,
    branch      INTEGER NOT NULL,
    boot        TEXT    NOT NULL,
    last_up_ms  INTEGER NOT NULL,
    -- at up_ms since boot the true time was from earliest_ms to latest_ms; NULL: nothing is known
    up_ms       INTEGER,
    earliest_ms INTEGER,
    latest_ms   INTEGER,
    basis       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (device_no, branch, boot)
) STRICT;

-- The last boots of a branch, without sorting all of them at every push.
CREATE INDEX boots_in_order ON boots (device_no, branch, boot_no);

-- NULL for entries that arrived before this step, and for unreadable ones.
ALTER TABLE entries ADD COLUMN boot_no INTEGER;
ALTER TABLE entries ADD COLUMN up_ms INTEGER;
ALTER TABLE entries ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;
