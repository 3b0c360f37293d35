"""What becomes of the machine's faults and of Ctrl-C at the end of a command."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scanner.domain.errors import CheckpointError


@contextmanager
def told_as_sentences() -> Iterator[None]:
    """Exit status 1 with one sentence for the machine's faults, 130 for Ctrl-C."""
    try:
        yield
    except CheckpointError as error:
        print(f"checkpoint: {error.found}", file=sys.stderr)
        if error.remedy:
            print(f"  {error.remedy}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
