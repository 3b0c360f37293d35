"""Rings for whoever wants to know at once that a gate suspects a forgery.

It says that there is something new, never what: each listener looks at the store by itself, so that
a lost ring costs time and no knowledge.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Bell:
    """Calls its listeners from any thread; a listener must return at once and not raise."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._closed = threading.Event()

    def __len__(self) -> int:
        with self._lock:
            return len(self._listeners)

    @property
    def is_closed(self) -> bool:
        """True once the hub goes down."""
        return self._closed.is_set()

    @contextmanager
    def listening(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call `listener` at each ring while the block lasts."""
        with self._lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)

    def ring(self) -> None:
        """Tell everybody that there is something new."""
        with self._lock:
            for listener in self._listeners:
                listener()

    def close(self) -> None:
        """The hub goes down: ring once more, so that whoever waits sees it and leaves."""
        self._closed.set()
        self.ring()
