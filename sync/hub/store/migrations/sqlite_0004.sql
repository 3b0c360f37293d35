-- What the guards' page reads: shifts, decisions and undone decisions, a small share of all entries.
CREATE INDEX guard_lines ON entries (device_no, branch, seq)
    WHERE type IN ('guard', 'undo', 'shift');
