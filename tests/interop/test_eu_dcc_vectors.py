"""The EU's published test certificates, judged from outside through the line protocol."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(os.environ.get("CHECKPOINT_DATA") or Path(__file__).parents[2] / "../shared/data")
VECTORS = DATA / "eu-dcc"
JUDGE = DATA / "../tools/dcc_vectors.py"


@pytest.mark.skipif(not VECTORS.is_dir(), reason=f"the vectors are not here: {VECTORS}")
@pytest.mark.skipif(not JUDGE.is_file(), reason=f"the judge is not here: {JUDGE}")
def test_the_judge_finds_nothing_wrong() -> None:
    command = f"{sys.executable} -m scanner.cli verify --jsonl"
    judged = subprocess.run(
        [sys.executable, JUDGE, VECTORS, "--cmd", command, "--pictures", "-v"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert " 0 failed" in judged.stdout
    assert "FALSE" not in judged.stdout
    assert "answers missing 0" in judged.stdout
