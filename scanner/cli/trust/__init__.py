"""`checkpoint trust`: the repository that gates get keys, rules and revocations from."""
