"""docs/revocation.md says what the program does: its example is a file, its numbers are ours."""

import re
import subprocess
import sys
from pathlib import Path

from scanner.publishing.revocation import FILTER_ABOVE, publish_list
from scanner.trust.revocation.deltas import MAX_CHANGES
from scanner.trust.revocation.exact import ExactList
from scanner.trust.revocation.hashes import code_hash
from scanner.trust.revocation.index import LIST_NAME
from scanner.trust.revocation.layout import MAX_ENTRIES, MAX_SEQUENCE

DOCUMENT = Path("docs/revocation.md").read_text("utf-8")


def test_the_example_is_a_list_of_one_code(tmp_path: Path) -> None:
    (block,) = re.findall(r"```hex\n(.*?)```", DOCUMENT, re.DOTALL)
    example = bytes.fromhex("".join(line.partition("|")[0] for line in block.splitlines()))
    path = tmp_path / "example.bin"
    path.write_bytes(example)
    exact = ExactList(path)
    exact.verify()
    assert len(exact) == 1
    assert code_hash("33", b"code-001") in exact
    publish_list(tmp_path, [code_hash("33", b"code-001")])
    assert (tmp_path / LIST_NAME).read_bytes() == example


def test_the_limits_are_those_of_the_program() -> None:
    for limit in (FILTER_ABOVE, MAX_CHANGES, MAX_ENTRIES, MAX_SEQUENCE):
        assert f"{limit:,}" in DOCUMENT


def test_a_gate_asks_without_numpy() -> None:
    program = "import sys, scanner.trust.revocation.index; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
