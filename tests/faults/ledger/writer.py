"""A gate in a process of its own: `python -m tests.faults.ledger.writer LEDGER COUNT`.

Appends COUNT entries and prints `acked SEQ` once each is durable. A failed append is printed as
`failed SEQ` and tried again, three times at most.
"""

import os
import sys
from pathlib import Path

from scanner.domain.errors import LedgerError
from scanner.ledger.store import Ledger
from tests.ledger_builders import DEVICE_ID, an_entry

TRIES = 4


def main() -> None:
    """Write until done or killed."""
    path, count = Path(sys.argv[1]), int(sys.argv[2])
    with Ledger.open(path, DEVICE_ID) as ledger:
        say(f"opened {ledger.position.seq}")
        for _ in range(count):
            _append(ledger)


def say(line: str, descriptor: int = 1) -> None:
    """One line in one system call, so that whoever watches sees it whole and in its place."""
    os.write(descriptor, f"{line}\n".encode())


def _append(ledger: Ledger) -> None:
    entry = an_entry(ledger.next_seq)
    for _ in range(TRIES):
        try:
            ledger.append(entry)
        except LedgerError as error:
            say(f"failed {entry.seq} {error.found}")
        else:
            say(f"acked {entry.seq}")
            return
    sys.exit(f"entry {entry.seq} was refused {TRIES} times")


if __name__ == "__main__":
    main()
