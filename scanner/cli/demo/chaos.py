"""kill -9 at random moments: what a power cut, a crash or the memory killer does to a process."""

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from scanner.cli.demo.processes import Supervised

_GAP_S: Final = (0.5, 3.0)


class Chaos:
    """Kills processes while the play goes on.

    Args:
        kills: how many processes, in all; they are taken in turn, so that each gets its share.
        seed: decides the moments.
    """

    def __init__(self, kills: int, seed: int) -> None:
        self._kills = kills
        self._random = random.Random(seed)  # noqa: S311 - moments, not secrets

    @contextmanager
    def let_loose(self, victims: Sequence[Supervised]) -> Iterator[None]:
        """Kill in the background for the length of the block."""
        ending = threading.Event()

        def strike() -> None:
            for number in range(self._kills):
                if ending.wait(self._random.uniform(*_GAP_S)):
                    return
                victims[number % len(victims)].kill()

        thread = threading.Thread(target=strike, name="chaos", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()
