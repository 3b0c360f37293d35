"""The guard's screen: events in, commands out; no keys and no database."""
