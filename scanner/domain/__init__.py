"""Pure values that every room shares: passes, reasons, verdicts, entries, issuers, errors."""
