"""Whose signatures the gate believes, offline: keys by (issuer, kid), their age and staleness."""
