"""What is in this process's memory stays in RAM: no core file, no look from beside.

The day's pseudonym key, the device's key and the code that is being read are in there. The units
say `LimitCORE=0` and `MemorySwapMax=0`; this holds however the gate was started.
"""

import ctypes
import os
import resource
from pathlib import Path
from typing import Final

from scanner.log import EventLog

_PR_SET_DUMPABLE: Final = 4
_SWAPS: Final = Path("/proc/swaps")
_IN_RAM: Final = ("/dev/zram", "/zram")
_log = EventLog(__name__)


def keep_in_ram() -> None:
    """Leave no memory image behind, and say so in the log where swapping would write one.

    A core file is refused twice: by its size, and by prctl(2) PR_SET_DUMPABLE, which also counts
    where core_pattern hands the image to a program, and keeps other processes of the same user from
    attaching.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0):
        _log.warning("memory_can_be_dumped", cause=os.strerror(ctypes.get_errno()))
    if swaps := swaps_on_disk():
        _log.warning("memory_can_be_swapped", to=list(swaps))


def swaps_on_disk(table: Path = _SWAPS) -> tuple[str, ...]:
    """Swap areas that outlive the power; compressed RAM (zram) is none.

    Args:
        table: as /proc/swaps (proc(5)); one that cannot be read names none.
    """
    try:
        lines = table.read_text("utf-8", "replace").splitlines()[1:]
    except OSError:
        return ()
    names = (line.split()[0] for line in lines if line.strip())
    return tuple(name for name in names if not name.startswith(_IN_RAM))
