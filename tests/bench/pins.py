"""What a guard's PIN costs: time, memory, and what the gate's loop feels.

Each comparison has a process of its own, so that its peak memory is its own.
"""

import subprocess
import sys
import threading
import time
from statistics import median
from typing import Final

from scanner.guards.pins import fits, seal_pin

ROUNDS: Final = 15
_ALONE: Final = """
import sys
from pathlib import Path
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
def peak():  # getrusage's would be the parent's
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
before = peak()
memory, passes = map(int, sys.argv[1:])
Argon2id(salt=bytes(16), length=32, iterations=passes, lanes=1, memory_cost=memory).derive(b"4711")
print(peak() - before)
"""


def run() -> None:
    """Print the settings that OWASP calls equally strong, and the loop's pace during ours."""
    print(f"{'memory KiB':>11}{'passes':>8}{'ms':>8}{'peak KiB':>10}")
    for memory_kib, passes in ((7168, 5), (9216, 4), (12288, 3), (19456, 2)):
        took_ms = median(_took_ms(memory_kib, passes) for _ in range(ROUNDS))
        command = [sys.executable, "-c", _ALONE, str(memory_kib), str(passes)]
        peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        ours = "  ours" if memory_kib == 7168 else ""
        print(f"{memory_kib:>11}{passes:>8}{took_ms:>8.1f}{peak:>10}{ours}")
    alone, beside = _pace(0.5), _pace_beside(0.5)
    print(f"a Python loop beside a comparison runs at {beside / alone:.2f} of its pace alone")


def _took_ms(memory_kib: int, passes: int) -> float:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    hasher = Argon2id(salt=bytes(16), length=32, iterations=passes, lanes=1, memory_cost=memory_kib)
    began = time.perf_counter()
    hasher.derive(b"4711")
    return (time.perf_counter() - began) * 1000


def _pace(seconds: float) -> float:
    """Rounds a second of a loop that computes."""
    rounds, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        rounds += 1
    return rounds / seconds


def _pace_beside(seconds: float) -> float:
    """The same while another thread compares PINs without a pause."""
    sealed, ending = seal_pin("4711"), threading.Event()

    def compare() -> None:
        while not ending.is_set():
            fits("4711", sealed)

    thread = threading.Thread(target=compare)
    thread.start()
    try:
        return _pace(seconds)
    finally:
        ending.set()
        thread.join()
