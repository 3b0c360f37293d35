"""The gate: from a camera frame to a durable ledger entry. `CONTRIBUTING.md` has the map."""

__version__ = "0.1.0"
