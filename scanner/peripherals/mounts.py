"""File systems that come while the gate runs: a stick that somebody put in.

The kernel tells by `poll` on /proc/self/mountinfo that a mount has come or gone (proc(5)); who
mounts is not our matter: systemd/checkpoint-stick@.service on an appliance, a desktop elsewhere.
"""

import re
import select
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

MOUNTINFO: Final = Path("/proc/self/mountinfo")
_MAX_BYTES: Final = 1 << 20
_OCTAL: Final = re.compile(rb"\\([0-7]{3})")
_POINT: Final = 4


class Mount(Struct, frozen=True):
    """One mount.

    Attributes:
        number: its id, unique while it lasts; `device` beside it, because ids are used again.
        device: major and minor number.
        point: where it is mounted.
    """

    number: str
    device: str
    point: Path


def read_mounts(table: bytes, below: Sequence[Path]) -> frozenset[Mount]:
    """The mounts at or below the folders `below`; lines of another form are left out.

    Args:
        table: content of /proc/self/mountinfo (proc(5)).
        below: absolute folders.
    """
    found = set()
    for line in table.split(b"\n"):
        fields = line.split(b" ")
        if len(fields) <= _POINT:
            continue
        point = Path(_OCTAL.sub(_character, fields[_POINT]).decode("utf-8", "surrogateescape"))
        if any(point.is_relative_to(folder) for folder in below):
            number, device = fields[0].decode("ascii", "replace"), fields[2].decode("latin-1")
            found.add(Mount(number, device, point))
    return frozenset(found)


class MountWatch:
    """Tells of each mount once, those that are there at the start included.

    Args:
        below: absolute folders below which mounts count.
        table: the kernel's table of mounts.
    """

    def __init__(self, below: Sequence[Path], table: Path = MOUNTINFO) -> None:
        self._below = tuple(below)
        self._table = table.open("rb", buffering=0)
        self._poll = select.poll()
        self._poll.register(self._table, select.POLLPRI | select.POLLERR)
        self._known: frozenset[Mount] = frozenset()

    def close(self) -> None:
        """Let go of the table."""
        self._table.close()

    def wait(self, seconds: float) -> list[Mount]:
        """What was mounted since the last call, waiting up to `seconds` for news.

        Raises:
            OSError: the table cannot be read.
        """
        self._poll.poll(seconds * 1000)
        self._table.seek(0)
        now = read_mounts(self._read(), self._below)
        news = now - self._known
        self._known = now
        return sorted(news, key=lambda mount: mount.point)

    def _read(self) -> bytes:
        data = bytearray()
        while (chunk := self._table.read(_MAX_BYTES)) and len(data) < _MAX_BYTES:
            data += chunk
        return bytes(data)


def _character(match: re.Match[bytes]) -> bytes:
    """Space, tab, line feed and backslash are written in octal; nothing over 377 can be meant."""
    return bytes([int(match[1], 8) & 0xFF])
