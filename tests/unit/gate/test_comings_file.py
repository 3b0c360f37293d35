"""What a former process left in RAM, where it makes no sense."""

from pathlib import Path

import pytest

from scanner.domain.direction import Direction
from scanner.gate.comings import Comings
from scanner.gate.comings_file import ComingsFile
from scanner.gate.comings_memory import nothing_known
from tests.builders import NOW

GATE = b"d-0123456789abcdef"


@pytest.mark.parametrize("byte", [b"\xff", b"\x00", b"\xc1"])
def test_a_memory_with_a_wrong_byte_anywhere_starts_the_gate_all_the_same(
    tmp_path: Path, byte: bytes
) -> None:
    file = ComingsFile(tmp_path)
    file.save(Comings(nothing_known(GATE.decode(), 0, NOW)), Direction.IN)
    file.close()
    path = tmp_path / "comings"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + byte + whole[place + 1 :])
        ComingsFile(tmp_path).load()
    path.write_bytes(whole.replace(GATE, b"\xff" * len(GATE)))
    assert ComingsFile(tmp_path).load() is None
