"""Whether the receipts of a log cover what was erased, without a gap and with the right heads."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner.ledger import chain
from scanner.ledger.note import NoteError
from scanner.ledger.position import Position
from scanner.ledger.reader import LedgerReader
from scanner.ledger.receipt import Receipt, read_receipt, verify_receipt

_PAGE: Final = 1000


def receipted_through(reader: LedgerReader, public_key: Ed25519PublicKey | None) -> int:
    """Number of the last erased entry that sound receipts lead to; 0 where the first is unsound.

    Args:
        reader: of the log.
        public_key: the device's; None where it is not at hand: signatures are then not checked.

    Raises:
        LedgerError: the log cannot be read.
    """
    position = Position(0, reader.genesis)
    for note in reader.receipts():
        receipt = _sound(note, public_key)
        if (
            receipt is None
            or receipt.device_id != reader.device_id
            or receipt.before != position
            or _walk(reader, position, receipt.after.seq) != receipt.after
        ):
            break
        position = receipt.after
    return position.seq


def _sound(note: str, public_key: Ed25519PublicKey | None) -> Receipt | None:
    try:
        return read_receipt(note) if public_key is None else verify_receipt(note, public_key)
    except NoteError:
        return None


def _walk(reader: LedgerReader, position: Position, through: int) -> Position | None:
    """The chain over the leaf hashes up to entry `through`; None where one is missing."""
    while position.seq < through:
        page = reader.leaves_after(position.seq, min(_PAGE, through - position.seq))
        if not page or page[0][0] != position.seq + 1:
            return None
        for seq, leaf in page:
            position = Position(seq, chain.extend_by_leaf(position.head, leaf))
    return position
