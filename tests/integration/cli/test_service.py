"""Services start without Typer: what their processes import, and that both ways mean the same."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer.main

from scanner.cli.demo.setup import Deployment, deploy
from scanner.cli.main import app
from scanner.cli.service import PARSERS, run_service
from scanner.issuing.keys import IssuerKey
from scanner.issuing.picture import qr_png

HEAVY = {
    *("typer", "click", "rich", "pydantic", "structlog", "asyncio", "textual", "babel"),
    *("fastapi", "uvicorn", "requests", "jinja2", "sqlite_utils", "email", "serial"),
}
REPORT = """
import sys
from scanner.cli.__main__ import main
try:
    main()
finally:
    print(*{name.partition(".")[0] for name in sys.modules})
"""


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    made = deploy(tmp_path, [IssuerKey.generate("33")], datetime.now(UTC))
    (tmp_path / "code.png").write_bytes(qr_png("a poster"))
    yield made
    made.remove_runtime()


def imported_by(*words: object) -> set[str]:
    command = [sys.executable, "-c", REPORT, *map(str, words)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.stdout, ended.stderr
    return set(ended.stdout.split())


def test_a_gate_that_comes_back_imports_nothing_that_it_does_not_need(
    deployment: Deployment, tmp_path: Path
) -> None:
    words = ("run", "--headless", "--once", "--settings", deployment.gate_settings)
    camera = ("--camera", tmp_path / "code.png")
    imported_by(*words, *camera)  # the first start makes the ledger, with sqlite-utils
    modules = imported_by(*words, *camera)
    assert {"cv2", "zxingcpp", "cryptography", "sqlite3"} <= modules
    assert not HEAVY & modules


def test_a_kiosk_imports_no_command_line(tmp_path: Path) -> None:
    modules = imported_by("kiosk", "--socket", tmp_path / "gate.sock")
    assert {"textual", "PIL"} <= modules
    assert not {"typer", "pydantic", "structlog", "cv2", "cryptography", "fastapi"} & modules


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_a_service_knows_every_option_of_its_command(name: str) -> None:
    options = {word for it in PARSERS[name]._actions for word in it.option_strings}
    command = typer.main.get_group(app).commands[name]
    assert options == {word for it in command.params for word in it.opts} - {"--help"}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--help"],
        ["run"],
        ["run", "--help"],
        ["run", "--headless", "--help"],
        ["run", "--headless", "--camrea", "0"],
        ["run", "--headless", "--camera"],
        ["run", "--head"],
        ["run", "--headless", "extra"],
        ["kiosk", "--graphics", "vulkan"],
        ["verify", "--jsonl"],
    ],
    ids=" ".join,
)
def test_whatever_is_not_plain_is_left_to_typer(words: list[str]) -> None:
    assert run_service(words) is None


def test_a_mistake_is_explained_as_before() -> None:
    command = [sys.executable, "-m", "scanner.cli", "run", "--headless", "--camrea", "0"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert "--camera" in ended.stderr


def test_a_fault_of_the_machine_is_one_sentence(tmp_path: Path) -> None:
    words = ["run", "--headless", "--settings", str(tmp_path / "none.toml")]
    command = [sys.executable, "-m", "scanner.cli", *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.startswith("checkpoint: ")
    assert "Traceback" not in ended.stderr
