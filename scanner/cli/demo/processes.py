"""The demo's processes, each restarted when it dies, as systemd does on a real box."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from scanner.domain.errors import CheckpointError

_RESTART_PAUSE_S: Final = 0.2
_STOP_WAIT_S: Final = 8.0


class Supervised:
    """One long-running `checkpoint` command.

    Args:
        name: for messages and for its log file.
        arguments: of the `checkpoint` command.
        logs: folder for its output.
    """

    def __init__(self, name: str, arguments: Sequence[str], logs: Path) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "scanner.cli", *arguments]
        self._log = logs / f"{name}.log"
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_alive, name=name, daemon=True)
        self.restarts = 0

    def __enter__(self) -> Self:
        self._spawn()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for one that does not listen; safe to call twice."""
        self._ending.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join(_STOP_WAIT_S)
        if self._thread.is_alive() and self._process is not None:
            self._process.kill()
            self._thread.join()

    def kill(self) -> None:
        """SIGKILL, as a power cut or the kernel's memory killer would end it."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)

    def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _keep_alive(self) -> None:
        while self._process is not None:
            self._process.wait()
            if self._ending.is_set():
                return
            self.restarts += 1
            self._ending.wait(_RESTART_PAUSE_S)
            if self._ending.is_set():
                return
            self._spawn()


def run_once(arguments: Sequence[str], what: str) -> str:
    """Run a `checkpoint` command to its end and return what it printed.

    Raises:
        CheckpointError: it failed; the message carries what it said.
    """
    done = subprocess.run(
        [sys.executable, "-m", "scanner.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CheckpointError(f"{what} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def wait_for(path: Path, timeout_s: float, what: str) -> None:
    """Wait until a file or a socket is there.

    Raises:
        CheckpointError: it did not appear in time.
    """
    deadline = time.monotonic() + timeout_s
    while not path.exists():
        if time.monotonic() > deadline:
            raise CheckpointError(f"{what} did not come up within {timeout_s:.0f} s.")
        time.sleep(0.05)


def wait_for_port(port: int, timeout_s: float, what: str) -> None:
    """Wait until something listens on a loopback port.

    Raises:
        CheckpointError: nothing did in time.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise CheckpointError(f"{what} did not come up within {timeout_s:.0f} s.") from None
            time.sleep(0.05)
        else:
            return
