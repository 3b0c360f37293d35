"""One file a format. `scanner.formats.registry` finds each module here that has a `READER`."""
