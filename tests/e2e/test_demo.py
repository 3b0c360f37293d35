"""The whole system as a newcomer starts it, and as a bad day treats it."""

import subprocess
import sys
from pathlib import Path

import pytest

# What the twelve people's codes say, and how codes begin: nothing of it may be left on the disk.
SECRETS = ("张*三", "王*明", "吴*英", "郑*宝", "李*", "MUSTERFRAU", "JKM1:", "HC1:", "/pay/")


def demo(state: Path, *options: str, timeout_s: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "scanner.cli",
            "demo",
            "--headless",
            "--state",
            state,
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@pytest.mark.e2e
def test_twelve_people_pass_as_expected_and_every_entry_reaches_the_hub_once(
    tmp_path: Path,
) -> None:
    done = demo(tmp_path, timeout_s=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as expected                  │ 12" in done.stdout
    for path in tmp_path.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for secret in SECRETS:
            assert secret.encode() not in content, f"{secret} in {path.name}"


@pytest.mark.e2e
@pytest.mark.timeout(240)
def test_killing_gate_sync_and_hub_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    done = demo(tmp_path, "--kills", "12", "--seed", "7", timeout_s=220)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "processes killed and restarted │ 12" in done.stdout
