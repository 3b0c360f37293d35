-- Where gates stand, as the operator said (docs/passback.md). A gate that is not here is not asked
-- to mark who came.
CREATE TABLE places (
    device_no INTEGER PRIMARY KEY REFERENCES devices,
    latitude  REAL NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude REAL NOT NULL CHECK (longitude BETWEEN -180 AND 180)
) STRICT;

-- Marked scans of gates that have a place, for as long as the key of their day lasts: small, in the
-- order of days, so that what is over goes in one piece.
CREATE TABLE sightings (
    day         INTEGER NOT NULL,  -- since 1970, UTC
    trace       TEXT    NOT NULL,
    device_no   INTEGER NOT NULL,
    earliest_ms INTEGER NOT NULL,
    latest_ms   INTEGER NOT NULL,
    PRIMARY KEY (day, trace, device_no, earliest_ms)
) STRICT, WITHOUT ROWID;

-- Suspicions: two scans between which nobody can have travelled. One a person, day and pair of gates.
CREATE TABLE travels (
    travel_no   INTEGER PRIMARY KEY,
    day         INTEGER NOT NULL,
    trace       TEXT    NOT NULL,
    low_no      INTEGER NOT NULL REFERENCES devices,
    high_no     INTEGER NOT NULL REFERENCES devices,
    low_at_ms   INTEGER NOT NULL,
    high_at_ms  INTEGER NOT NULL,
    distance_m  INTEGER NOT NULL,
    noticed_ms  INTEGER NOT NULL,
    UNIQUE (day, trace, low_no, high_no)
) STRICT;
CREATE INDEX travels_by_time ON travels (noticed_ms);
