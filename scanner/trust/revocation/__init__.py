"""Codes that their issuers took back, by digests of code ids: see `docs/revocation.md`."""
