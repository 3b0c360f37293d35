"""A gate in a process of its own: `python -m tests.faults.ledger.writer LEDGER COUNT`.

Appends COUNT entries and prints `acked SEQ` once each is durable. A failed append is printed as
`failed SEQ` and tried again, three times at most.
"""

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
        print("opened", ledger.position.seq, flush=True)
        for _ in range(count):
            _append(ledger)


def _append(ledger: Ledger) -> None:
    entry = an_entry(ledger.next_seq)
    for _ in range(TRIES):
        try:
            ledger.append(entry)
        except LedgerError as error:
            print("failed", entry.seq, error.found, flush=True)
        else:
            print("acked", entry.seq, flush=True)
            return
    sys.exit(f"entry {entry.seq} was refused {TRIES} times")


if __name__ == "__main__":
    main()
