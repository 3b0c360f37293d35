"""The way by the hub, for gates that the local network does not join.

It takes what the gate says to the hub and brings what the others said: every five seconds while
the local network is silent, else once a minute for gates that only the hub reaches. A failed
request loses what it carried; the next datagrams make that good.
"""

import base64
import threading
import time
from collections import OrderedDict, deque
from datetime import timedelta
from typing import Final

import msgspec

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.log import EventLog
from scanner.post import MOST_BYTES
from sync import protocol
from sync.agent.client import HubClient, UnreachableError

ALONE_S: Final = 5.0
BESIDE_LAN_S: Final = 60.0
LAN_SILENT_S: Final = 15.0
_POLL_S: Final = 0.5
_ROOMS: Final = 2
"""Today's and, around midnight, the one before."""
_log = EventLog(__name__)


class ByHub:
    """Carries through one hub. `run` has a thread of its own; the rest is for another one.

    Args:
        client: speaks to the hub for this device.
    """

    def __init__(self, client: HubClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._out: deque[bytes] = deque(maxlen=protocol.MAX_DATAGRAMS)
        self._in: deque[bytes] = deque(maxlen=4 * protocol.MAX_DATAGRAMS)
        self._rooms: OrderedDict[str, None] = OrderedDict()
        self._after = 0
        self._lan_heard_s = -LAN_SILENT_S
        self._is_reached: bool | None = None

    def send(self, datagram: bytes) -> None:
        """Take a datagram along with the next request; the oldest make way."""
        room = protocol.room_of(datagram)
        if room is None:
            return
        with self._lock:
            self._rooms[room] = None
            self._rooms.move_to_end(room)
            while len(self._rooms) > _ROOMS:
                self._rooms.popitem(last=False)
            self._out.append(datagram)

    def received(self) -> list[bytes]:
        """What the last answers brought."""
        with self._lock:
            datagrams = list(self._in)
            self._in.clear()
        return datagrams

    def lan_heard(self, mono_s: float) -> None:
        """The local network brings something: then the hub is asked less."""
        self._lan_heard_s = mono_s

    def run(self, stop: threading.Event) -> None:
        """Exchange with the hub until `stop` is set."""
        next_s = 0.0
        while not stop.wait(_POLL_S):
            mono_s = time.monotonic()
            if mono_s >= next_s:
                is_alone = mono_s - self._lan_heard_s >= LAN_SILENT_S
                next_s = mono_s + (ALONE_S if is_alone else BESIDE_LAN_S)
                self.exchange()

    def exchange(self) -> None:
        """One request and its answer."""
        with self._lock:
            rooms, out = tuple(self._rooms), list(self._out)
            self._out.clear()
        if not rooms:
            return
        wanted = protocol.NeighboursRequest(
            rooms, self._after, tuple(protocol.encode_bytes(datagram) for datagram in out)
        )
        try:
            answer = self._client.neighbours(msgspec.json.encode(wanted), timedelta(0))
            is_ok = answer.status == 200 and answer.is_from_hub
            reply = decode_json(answer.body, protocol.NeighboursReply) if is_ok else None
        except (UnreachableError, UndecodableError):
            reply = None
        if (reply is not None) is not self._is_reached:
            self._is_reached = reply is not None
            _log.info("neighbours_by_hub", reached=self._is_reached)
        if reply is None:
            return
        self._after = reply.after
        with self._lock:
            self._in.extend(filter(None, map(_decoded, reply.datagrams)))


def _decoded(text: str) -> bytes:
    """The datagram; empty for what is none, which the gate would throw away."""
    try:
        datagram = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return b""
    return datagram if len(datagram) <= MOST_BYTES else b""
