"""Which places of its log a gate offers to the hub as common ground."""

from typing import Final

_DENSE: Final = 9


def locator(last_seq: int) -> list[int]:
    """Entry numbers from the newest down: the last nine, then ever wider steps, then 0.

    After losing n entries the hub answers with a place at most about 2n entries back, in one round
    trip, and a log of a million entries needs 30 numbers.
    """
    places = list(range(last_seq, max(last_seq - _DENSE, 0), -1))
    step = 2
    while places and (place := places[-1] - step) > 0:
        places.append(place)
        step *= 2
    return [*places, 0]
