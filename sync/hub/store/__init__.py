"""One module a database dialect behind one Protocol."""
