"""The loop of `checkpoint neighbours`: from the gate to the others, and from them to the gate."""

import selectors
import threading
import time
from typing import Final, Protocol

from scanner.post import Post
from sync.neighbours.lan import Lan

_TURN_S: Final = 0.5


class HubWay(Protocol):
    """The way by the hub; it has a thread of its own, since an answer may take long."""

    def send(self, datagram: bytes) -> None:
        """Take a datagram along with the next request."""
        ...

    def received(self) -> list[bytes]:
        """What the last answers brought."""
        ...

    def lan_heard(self, mono_s: float) -> None:
        """The local network brings something, too."""
        ...


def carry(post: Post, lan: Lan | None, hub: HubWay | None, stop: threading.Event) -> None:
    """Work until `stop` is set.

    Args:
        post: to and from the gate.
        lan: the local network; None where there is none.
        hub: the way by the hub; None likewise.
        stop: ends it within half a second.
    """
    with selectors.DefaultSelector() as selector:
        for end in (post, lan):
            if end is not None:
                selector.register(end, selectors.EVENT_READ)
        while not stop.is_set():
            selector.select(_TURN_S)
            for datagram in post.receive():
                if lan is not None:
                    lan.send(datagram)
                if hub is not None:
                    hub.send(datagram)
            mono_s = time.monotonic()
            if lan is not None:
                lan.join(mono_s)
                heard = lan.receive(mono_s)
                for datagram in heard:
                    post.send(datagram)
                if heard and hub is not None:
                    hub.lan_heard(mono_s)
            if hub is not None:
                for datagram in hub.received():
                    post.send(datagram)
