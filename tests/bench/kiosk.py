"""Memory of the kiosk: in a terminal of 1280x720 pixels with sixel, as the guard sees it."""

import array
import fcntl
import os
import pty
import subprocess
import sys
import tempfile
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path

from scanner.domain.passes import Colour
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.gate.messages import Idle, Preview
from scanner.vision.preview import make_preview
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Medium, Scene
from tests.integration.kiosk.stand_in_gate import StandInGate, a_hello
from tests.integration.kiosk.test_app import STATUS
from tests.unit.kiosk.builders import a_verdict

AIMING_S = 10.0
PREVIEWS_PER_S = 8
EVERY_VERDICT = [
    a_verdict(decision=decision, reasons=(reason,), colour=colour)
    for decision, colour in (
        (Decision.ADMIT, Colour.GREEN), (Decision.CHECK, Colour.YELLOW), (Decision.REFUSE, None)
    )
    for reason in Reason
]  # fmt: skip
_VERDICT_S = 0.3
_PIXELS = (27, 116, 1276, 702)  # rows, columns, and their pixels: foot at 14 pt
_ENVIRONMENT = {
    "TERM": "xterm-256color",
    "MALLOC_MMAP_THRESHOLD_": "131072",  # as systemd/checkpoint-kiosk.service does
}
_HAS_SIXEL = b"\x1b[?62;4c"


def run() -> None:
    """Print the memory while aiming, and after every verdict there is was on the screen."""
    previews = [_preview(number) for number in range(PREVIEWS_PER_S)]
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "gate.sock"
        with StandInGate(socket, a_hello(), STATUS, Idle()) as gate, _kiosk(socket) as kiosk:
            aim(gate, previews)
            print(f"with a running viewfinder: {_memory(kiosk.pid)} (reach: <= 70 MB PSS)")
            for verdict in EVERY_VERDICT:
                gate.say(verdict)
                time.sleep(_VERDICT_S)
            gate.say(Idle())
            aim(gate, previews)
            print(f"after {len(EVERY_VERDICT)} kinds of verdict: {_memory(kiosk.pid)}")
            kiosk.terminate()


def aim(gate: StandInGate, previews: list[Preview]) -> None:
    """Let the viewfinder run."""
    for number in range(int(AIMING_S * PREVIEWS_PER_S)):
        gate.say(previews[number % len(previews)])
        time.sleep(1 / PREVIEWS_PER_S)


def _preview(number: int) -> Preview:
    """A hall with a phone in it, with the noise of a sensor."""
    scene = Scene(text="JKM1:" + "0" * 200, medium=Medium.PHONE)
    picture = make_preview(SceneRenderer(1280, 720).render(scene, number / PREVIEWS_PER_S, number))
    return Preview(width=picture.shape[1], height=picture.shape[0], grey=picture.tobytes())


def _kiosk(socket: Path) -> subprocess.Popen[bytes]:
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, array.array("H", _PIXELS))
    command = [sys.executable, "-m", "scanner.cli", "kiosk", "--socket", str(socket)]
    program = subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, env={**os.environ, **_ENVIRONMENT}
    )
    os.close(its)
    threading.Thread(target=_answer, args=(ours,), daemon=True).start()
    return program


def _answer(terminal: int) -> None:
    """Read what is drawn, and say once that there is sixel."""
    with suppress(OSError):  # the program has ended
        while drawn := os.read(terminal, 65536):
            if b"\x1b[c" in drawn:
                os.write(terminal, _HAS_SIXEL)


def _memory(pid: int) -> str:
    """PSS and RSS (proc_pid_smaps(5)): shared pages by their share, and whole."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    sizes = {line.split()[0]: int(line.split()[1]) / 1024 for line in rollup.splitlines()[1:]}
    return f"{sizes['Pss:']:.0f} MB PSS, {sizes['Rss:']:.0f} MB RSS"
