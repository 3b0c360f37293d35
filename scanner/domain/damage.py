"""What can be wrong with a ledger's file, so that it cannot be written on."""

from enum import StrEnum


class Damage(StrEnum):
    """Why a ledger had to be put aside."""

    CORRUPT = "corrupt"  # pages of the file make no sense
    UNREADABLE = "unreadable"  # the disk cannot give back what was written
    ALTERED = "altered"  # its last entries do not follow one another
    MISSING = "missing"  # there was a ledger here, and it is gone or empty
