import subprocess
import sys
from pathlib import Path

from scanner.peripherals.memory import swaps_on_disk

REPORT = """
import resource, ctypes
from scanner.peripherals.memory import keep_in_ram
keep_in_ram()
print(*resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_a_process_that_crashes_leaves_no_memory_image() -> None:
    done = subprocess.run(
        [sys.executable, "-c", REPORT], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0", "0", "0"]  # core size, soft and hard; PR_GET_DUMPABLE


def test_swap_on_a_card_is_named_and_compressed_ram_is_not(tmp_path: Path) -> None:
    table = tmp_path / "swaps"
    table.write_text(
        "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
        "/var/swap                               file\t\t102396\t\t0\t\t-2\n"
        "/dev/zram0                              partition\t1048572\t\t0\t\t100\n"
    )
    assert swaps_on_disk(table) == ("/var/swap",)
    assert swaps_on_disk(tmp_path / "absent") == ()
