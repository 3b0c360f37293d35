"""A place in one device's log: the number of the last entry and the chain's head after it."""

from msgspec import Struct


class Position(Struct, frozen=True):
    """How far a log goes, or how far somebody has got in it.

    Attributes:
        seq: number of the last entry; 0 before the first one.
        head: 32 bytes, the chain's head after that entry (`scanner.ledger.chain`).
    """

    seq: int
    head: bytes
