"""Pushes ledger lines whenever there is a hub; no verdict ever waits for it."""
