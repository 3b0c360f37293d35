-- The last certificate of each gate that has erased itself, signed by the gate and by the hub.
CREATE TABLE sunsets (
    device_no   INTEGER PRIMARY KEY REFERENCES devices,
    certificate TEXT    NOT NULL,
    received_ms INTEGER NOT NULL
) STRICT;
