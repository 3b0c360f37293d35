"""Calls that must come to an end: `requests` limits each read, never the sum."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

_MAX_STUCK: Final = 4

Result = TypeVar("Result")


class OverdueError(Exception):
    """The call takes too long, or earlier ones still do."""


class Deadline:
    """Runs calls in threads of their own and waits for each one only so long.

    A thread that overstays cannot be ended, only left to its own read limit; who keeps it busy
    byte by byte shall not make us collect such threads without end.

    Args:
        seconds: how long a call may take.
        name: of the threads.
    """

    def __init__(self, seconds: float, name: str) -> None:
        self._seconds = seconds
        self._name = name
        self._stuck: list[threading.Thread] = []

    def run(self, call: Callable[[], Result]) -> Result:
        """What `call` returns.

        Raises:
            OverdueError: it did not end in time; it must not use what it got ever again.
            Exception: whatever `call` raises.
        """
        self._stuck = [thread for thread in self._stuck if thread.is_alive()]
        if len(self._stuck) >= _MAX_STUCK:
            raise OverdueError("earlier answers are still coming")
        results: list[Result] = []
        errors: list[Exception] = []

        def work() -> None:
            try:
                results.append(call())
            except Exception as error:  # noqa: BLE001 - raised again below, in the caller's thread
                errors.append(error)

        worker = threading.Thread(target=work, name=self._name, daemon=True)
        worker.start()
        worker.join(self._seconds)
        if results:
            return results[0]
        if errors:
            raise errors[0]
        self._stuck.append(worker)
        raise OverdueError("the whole answer took too long")
