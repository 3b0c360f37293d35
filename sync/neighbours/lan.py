"""The local network: each datagram goes to every other gate by UDP, and theirs to this gate.

Nobody is asked who they are: a datagram that no gate of the site has sealed is thrown away by the
gate. What is too long, or comes faster than gates talk, is thrown away here.
"""

import socket
import struct
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final, Self

from scanner.domain.errors import ProtocolError
from scanner.log import EventLog
from scanner.post import MOST_BYTES

Address = tuple[str, int]
MOST_A_SECOND: Final = 400
"""Of what comes: five gates that answer a newcomer at once, and no more."""
_MOST_A_TURN: Final = 64
_JOIN_EVERY_S: Final = 30.0
_log = EventLog(__name__)


class Lan:
    """One UDP socket.

    Args:
        listen: address and port of this gate.
        peers: of the others; a multicast address is joined.

    Raises:
        ProtocolError: the address cannot be listened on.
    """

    def __init__(self, listen: Address, peers: Sequence[Address]) -> None:
        is_v6 = ip_address(listen[0]).version == 6
        self._peers = tuple(peers)
        self._groups = [host for host, _ in peers if ip_address(host).is_multicast and not is_v6]
        self._socket = socket.socket(
            socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
        )
        self._socket.setblocking(False)
        try:
            if self._groups:  # several on one machine may share a group's port
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
            self._socket.bind(listen)
        except OSError as error:
            self._socket.close()
            raise ProtocolError(
                f"{listen[0]} port {listen[1]} cannot be listened on: {error.strerror}.",
                "Correct neighbours.listen, or end what listens there.",
            ) from error
        self._second = 0
        self._left = MOST_A_SECOND
        self._next_join_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def address(self) -> Address:
        """Where it listens."""
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    def fileno(self) -> int:
        """For a selector."""
        return self._socket.fileno()

    def send(self, datagram: bytes) -> None:
        """To every peer; one that cannot be reached now is told by the next datagram."""
        for peer in self._peers:
            try:
                self._socket.sendto(datagram, peer)
            except OSError:
                continue

    def receive(self, mono_s: float) -> list[bytes]:
        """What has come, as far as it may be anything."""
        if int(mono_s) != self._second:
            self._second, self._left = int(mono_s), MOST_A_SECOND
        taken = []
        for _ in range(_MOST_A_TURN):
            try:
                datagram = self._socket.recv(MOST_BYTES + 1)
            except BlockingIOError:
                break
            except OSError:  # a peer that is down refused an earlier datagram (ICMP)
                continue
            if self._left > 0 and len(datagram) <= MOST_BYTES:
                self._left -= 1
                taken.append(datagram)
        return taken

    def join(self, mono_s: float) -> None:
        """Join the groups once there is a network; asked often, tried now and then."""
        if not self._groups or mono_s < self._next_join_s:
            return
        self._next_join_s = mono_s + _JOIN_EVERY_S
        for group in list(self._groups):
            member = struct.pack("4sl", socket.inet_aton(group), socket.INADDR_ANY)
            try:
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            except OSError as error:
                _log.warning("group_not_joined", cause=error.strerror)
            else:
                self._groups.remove(group)
