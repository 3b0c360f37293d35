"""One file a format behind one registry: hostile text in, a verified pass or a rejection out."""
