-- What a gate kept of a code that looked forged (docs/forgery.md); '' for every other entry.
ALTER TABLE entries ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE entries ADD COLUMN claimed_issuer TEXT NOT NULL DEFAULT '';

CREATE INDEX suspected ON entries (id) WHERE digest <> '';

-- Up to which entry the operator's webhook has been told; one row, none before it is first used.
CREATE TABLE told (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  INTEGER NOT NULL
) STRICT;
