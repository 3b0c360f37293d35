"""Plays a gate to a running kiosk, scene by scene, and photographs each with grim.

Everything is made up: names, codes and places. With `--latency` it measures instead how long it
takes from writing a verdict on the socket until its colour can be read back from the compositor.
"""

import argparse
import contextlib
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from scanner.domain.entries import TrustWay
from scanner.domain.foreign import ForeignKind
from scanner.domain.guards import Role
from scanner.domain.hints import Hint
from scanner.domain.passes import HEALTH_CODE, Colour, IdKind, PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.domain.walk_ins import PersonKind
from scanner.gate.framing import frame, receive
from scanner.gate.messages import (
    PROTOCOL_VERSION,
    CommandResult,
    ErrorCode,
    Event,
    Hello,
    HintShown,
    Idle,
    Preview,
    StickState,
    StickTold,
    TrustChanged,
    TrustTopic,
    VerdictShown,
    decode_command,
)
from scanner.gate.status import GuardStatus, Health, Part, Status, UndoOffer
from scanner.kiosk.palette import SCHEMES, Tone

_ROUNDING: Final = 4
"""Sixel colours are percentages, and a screenshot's palette rounds again."""
NOW: Final = datetime(2026, 11, 23, 0, 41, 7, tzinfo=UTC)
HELLO: Final = Hello(
    protocol=PROTOCOL_VERSION,
    device="demo-gate",
    site="翠苑社区",
    gate="东门",
    retention_days=14,
    languages=("zh_CN", "en"),
    max_temperature_c=37.3,
    min_temperature_c=35.0,
)
WELL: Final = Status(
    at=NOW,
    parts=dict.fromkeys(Part, Health.WELL),
    keys_age_s=3 * 3600,
    keys_version="3.41",
    queue=0,
    admitted=412,
    checked=9,
    refused=2,
    frames_per_s=15.0,
)
ON_DUTY: Final = msgspec.structs.replace(
    WELL, guards=GuardStatus(is_login_needed=True, guard="07", role=Role.GUARD)
)
UNDOABLE: Final = msgspec.structs.replace(
    ON_DUTY,
    guards=msgspec.structs.replace(
        ON_DUTY.guards,
        undo=UndoOffer(
            entry=9,
            visit=None,
            admitted=True,
            reason=GuardReason.ELDER_WITHOUT_PHONE,
            seconds=24.6,
        ),
    ),
)
KEYS_CAME: Final = TrustChanged(
    before="3.41",
    after="3.42",
    way=TrustWay.STICK,
    signers=("省卫健委 甲", "省卫健委 乙"),
    added=("44",),
    topics=(TrustTopic.REVOCATIONS,),
)
OFFLINE: Final = Status(
    at=NOW,
    parts={**WELL.parts, Part.HUB: Health.FAULT, Part.KEYS: Health.WARNING},
    keys_age_s=31 * 3600,
    queue=128,
    admitted=412,
    checked=9,
    refused=2,
    frames_per_s=15.0,
)
GREEN: Final = VerdictShown(
    visit=1,
    at=NOW,
    decision=Decision.ADMIT,
    reasons=(),
    asks=(),
    final=True,
    recorded=True,
    shown_for_s=3,
    frame_to_verdict_ms=9.0,
    format=HEALTH_CODE,
    kind=PassKind.DYNAMIC,
    colour=Colour.GREEN,
    issuer="33",
    masked_name="张*三",
    id_kind=IdKind.RESIDENT_CARD,
    id_suffix="301X",
    code_age_s=42,
)


def changed(**changes: object) -> VerdictShown:
    """The green verdict with some of its fields replaced."""
    return msgspec.structs.replace(GREEN, **changes)


YELLOW: Final = changed(
    decision=Decision.CHECK,
    reasons=(Reason.COLOUR_YELLOW, Reason.KEYS_STALE),
    colour=Colour.YELLOW,
    masked_name="李*",
    id_suffix="0428",
)
RED: Final = changed(
    decision=Decision.REFUSE,
    reasons=(Reason.COLOUR_RED, Reason.EXPIRED),
    colour=Colour.RED,
    issuer="42",
    masked_name="王*明",
    id_suffix="7714",
)
EXPIRED: Final = changed(
    decision=Decision.CHECK, reasons=(Reason.EXPIRED,), code_age_s=5400, masked_name="赵*"
)
PAPER: Final = changed(
    decision=Decision.CHECK,
    reasons=(Reason.TEMPERATURE_NEEDED,),
    asks=(Ask.TEMPERATURE,),
    final=False,
    kind=PassKind.PAPER,
    masked_name="陈*英",
    id_suffix="1949",
    code_age_s=86400 * 12,
)
PAYMENT: Final = VerdictShown(
    visit=1,
    at=NOW,
    decision=Decision.CHECK,
    reasons=(Reason.NOT_A_HEALTH_CODE,),
    asks=(),
    final=True,
    recorded=True,
    shown_for_s=3,
    frame_to_verdict_ms=9.0,
    foreign=ForeignKind.PAYMENT,
)
REPORT: Final = changed(
    decision=Decision.CHECK,
    reasons=(Reason.CODE_TOO_OLD, Reason.KEYS_STALE, Reason.CLOCK_UNSURE),
    code_age_s=1500,
    test_negative=True,
    test_age_s=36 * 3600,
    vaccine_doses=2,
    vaccine_age_days=200,
    recovery_age_days=40,
    expires_at=NOW + timedelta(minutes=9),
)
BY_GUARD: Final = changed(
    decision=Decision.CHECK,
    reasons=(Reason.NOT_RECOGNISED,),
    issuer="46",
    masked_name="符*",
    guard=GuardDecision.ADMITTED_BY_GUARD,
)
CHILD: Final = VerdictShown(
    visit=3,
    at=NOW,
    decision=Decision.CHECK,
    reasons=(Reason.TEMPERATURE_NEEDED, Reason.NO_CODE),
    asks=(Ask.TEMPERATURE,),
    final=False,
    recorded=True,
    shown_for_s=120,
    frame_to_verdict_ms=0.0,
    person=PersonKind.DEPENDANT,
    party_place=2,
    party_size=3,
)
UNRECORDED: Final = changed(
    visit=0, recorded=False, decision=Decision.CHECK, reasons=(Reason.CANNOT_RECORD,)
)


def preview(*, is_far: bool = False) -> Preview:
    """A phone with a code on it, as a camera would see it; from afar the code is not read."""
    code = zxingcpp.create_barcode("JKM1:" + "DEMO" * 40, zxingcpp.BarcodeFormat.QRCode)
    qr = Image.fromarray(np.asarray(code.to_image(scale=3)))
    edge = 150
    phone = Image.new("L", (190, 250), 40)
    ImageDraw.Draw(phone).rectangle((10, 22, 180, 228), fill=235)
    phone.paste(qr.resize((edge, edge)), (20, 50))
    scene = Image.linear_gradient("L").resize((480, 270)).point(lambda grey: 60 + grey // 3)
    if is_far:
        phone = phone.resize((phone.width // 3, phone.height // 3), Image.Resampling.BICUBIC)
    angle = 6
    turned = phone.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    mask = Image.new("L", phone.size, 255).rotate(angle, expand=True)
    left, top = (210, 80) if is_far else (150, 2)
    scene.paste(turned, (left, top), mask)
    if is_far:
        return Preview(width=480, height=270, grey=scene.tobytes())
    turn = np.array(
        [
            [np.cos(np.radians(angle)), np.sin(np.radians(angle))],
            [-np.sin(np.radians(angle)), np.cos(np.radians(angle))],
        ]
    )
    middle = np.array([95, 125])
    corners = np.array([[20, 50], [170, 50], [170, 200], [20, 200]]) - middle
    placed = corners @ turn.T + np.array([left + turned.width / 2, top + turned.height / 2])
    code_at = tuple((float(x), float(y)) for x, y in placed)
    return Preview(width=480, height=270, grey=scene.tobytes(), code=code_at)


@dataclass(slots=True)
class Stage:
    """A gate that says what it is told, and a camera in front of the screen."""

    stream: socket.socket
    out: Path
    prefix: str
    status: Status = WELL
    speaking: threading.Lock = field(default_factory=threading.Lock)

    def say(self, *events: Event) -> None:
        """Send events."""
        with self.speaking:
            for event in events:
                if isinstance(event, Status):
                    self.status = event
                self.stream.sendall(frame(event))

    def beat(self) -> None:
        """Say the status each second, as a gate does: one that is silent counts as gone."""
        with contextlib.suppress(OSError):
            while True:
                time.sleep(1)
                self.say(self.status)

    def refuse(self, error: ErrorCode) -> None:
        """Say that the kiosk's next command lacks something."""
        body = receive(self.stream)
        if body is not None:
            self.say(CommandResult(command=decode_command(body).command, error=error))

    def key(self, *arguments: str) -> None:
        """Press keys through the compositor; the pause lets the terminal bind the keyboard."""
        subprocess.run(["wtype", "-s", "120", *arguments], check=True)

    def photograph(self, name: str) -> None:
        """Save what the screen shows, in few colours."""
        time.sleep(0.7)
        png = subprocess.run(["grim", "-"], check=True, capture_output=True).stdout
        picture = Image.open(BytesIO(png)).convert("RGB")
        few = picture.quantize(128, dither=Image.Dither.NONE)
        few.save(self.out / f"{self.prefix}-{name}.png", optimize=True)


def play(stage: Stage) -> None:
    """Every screen once, then the main ones in English."""
    stage.say(HELLO, WELL, preview())
    time.sleep(0.5)
    stage.photograph("idle")
    stage.say(OFFLINE, preview())
    stage.photograph("idle-offline")
    stage.say(WELL, preview(is_far=True), HintShown(hint=Hint.CLOSER))
    stage.photograph("hint")
    for name, verdict in (
        ("green", GREEN),
        ("yellow", YELLOW),
        ("red", RED),
        ("expired", EXPIRED),
        ("payment", PAYMENT),
        ("report", REPORT),
        ("by-guard", BY_GUARD),
        ("unrecorded", UNRECORDED),
    ):
        stage.say(verdict)
        stage.photograph(name)
    stage.say(PAPER)
    time.sleep(0.5)
    for digit in "36":
        stage.key(digit)
        time.sleep(0.1)
    stage.photograph("temperature")
    stage.say(Idle())
    time.sleep(0.3)
    stage.key("-k", "F2", "-s", "300", "-k", "F2")
    stage.photograph("decision")
    stage.key("-k", "Escape")
    play_no_code(stage, "")
    time.sleep(0.3)
    play_guards(stage)
    stage.key("-k", "F1")
    play_no_code(stage, "-en")
    stage.say(WELL, preview())
    stage.photograph("idle-en")
    stage.say(preview(is_far=True), HintShown(hint=Hint.GLARE))
    stage.photograph("hint-en")
    for name, verdict in (
        ("green-en", GREEN),
        ("payment-en", PAYMENT),
        ("report-en", REPORT),
        ("temperature-en", PAPER),
    ):
        stage.say(verdict)
        stage.photograph(name)
    stage.say(Idle(), WELL, preview(), HintShown(hint=None), KEYS_CAME)
    stage.photograph("keys-news-en")
    stage.key("-k", "F1")
    stage.say(preview())
    time.sleep(0.5)
    stage.photograph("keys-news")
    stage.say(StickTold(state=StickState.NOT_GENUINE))
    stage.photograph("stick-refused")
    stage.stream.shutdown(socket.SHUT_RDWR)
    stage.photograph("no-gate")


def play_no_code(stage: Stage, suffix: str) -> None:
    """The way of a person without a code."""
    for name, keys in (
        ("who", ()),
        ("number", ("5", "110105194912310021")),
        ("passport", ("7", "E12345")),
        ("visitor", ("8", "5F502\t1380")),
        ("party", ("4",)),
    ):
        time.sleep(0.4)
        stage.key("-k", "F2")
        time.sleep(0.4)
        for typed in keys:
            for character in typed:
                stage.key(*(("-k", "Tab") if character == "\t" else (character,)))
            time.sleep(0.5)
            stage.say(WELL)
        stage.photograph(f"{name}{suffix}")
        stage.key("-k", "Escape")
        time.sleep(0.6)  # what a guard is in the middle of would come back after the next verdict
    stage.say(CHILD)
    stage.photograph(f"child{suffix}")
    stage.say(Idle())


def play_guards(stage: Stage) -> None:
    """Logins, second persons, notes and undo."""
    stage.say(msgspec.structs.replace(ON_DUTY, guards=GuardStatus(is_login_needed=True)))
    time.sleep(0.3)
    stage.photograph("nobody-on-duty")
    stage.key("-k", "F6")
    for digit in "07":
        stage.key(digit)
    stage.key("-k", "Return")
    for digit in "471":
        stage.key(digit)
    stage.photograph("login")
    stage.key("-k", "Escape")
    stage.say(UNDOABLE, preview())
    stage.photograph("undo")
    stage.say(ON_DUTY, RED)
    time.sleep(0.5)
    stage.key("-k", "F2")
    time.sleep(0.3)
    stage.key("5")
    stage.refuse(ErrorCode.SUPERVISOR_NEEDED)
    time.sleep(0.3)
    stage.photograph("supervisor")
    stage.key("-k", "Escape")
    time.sleep(0.3)
    stage.say(Idle())
    time.sleep(0.3)
    stage.key("-k", "F2", "-s", "300", "-k", "F2")
    time.sleep(0.3)
    stage.key("0")
    stage.photograph("note")
    for letter in "plumber":
        stage.key(letter)
    time.sleep(0.3)
    stage.photograph("note-typed")
    stage.key("-k", "Escape")
    time.sleep(0.3)


def measure(stage: Stage, rounds: int = 20) -> None:
    """Print milliseconds from the socket to the compositor's pixels, and grim's own share."""
    stage.say(HELLO, WELL)
    time.sleep(1)
    taken: dict[Tone, list[float]] = {}
    for number in range(rounds):
        for tone, verdict in ((Tone.ADMIT, GREEN), (Tone.CHECK, YELLOW), (Tone.REFUSE, RED)):
            began = time.monotonic()
            stage.say(msgspec.structs.replace(verdict, visit=number + 2))
            while not _shows(tone):
                pass
            taken.setdefault(tone, []).append((time.monotonic() - began) * 1000)
            time.sleep(0.2)
    began = time.monotonic()
    for _ in range(20):
        _shows(Tone.ADMIT)
    poll_ms = (time.monotonic() - began) * 50
    for tone, values in taken.items():
        first, rest = values[0], sorted(values[1:])
        median = statistics.median(rest)
        print(
            f"{stage.prefix} {tone}: first {first:.0f} ms, then median {median:.0f}, "
            f"slowest {rest[-1]:.0f}; one look at the screen takes {poll_ms:.0f} ms"
        )


def _shows(tone: Tone) -> bool:
    """Whether the shape's ink stands on the tone's ground, through the compositor."""
    ppm = subprocess.run(
        ["grim", "-t", "ppm", "-g", "0,90 260x1", "-"], check=True, capture_output=True
    ).stdout
    row = np.frombuffer(ppm[-260 * 3 :], np.uint8).reshape(260, 3).astype(int)
    scheme = SCHEMES[tone]
    is_ground = np.abs(row[0] - scheme.ground).max() <= _ROUNDING
    return bool(is_ground and (np.abs(row - scheme.ink).max(axis=1) <= _ROUNDING).any())


@contextlib.contextmanager
def stage_at(path: Path, out: Path, prefix: str) -> Iterator[Stage]:
    """Wait at the socket until the kiosk has come."""
    with socket.socket(socket.AF_UNIX) as listener:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(20)
        stream, _ = listener.accept()
    with stream:
        time.sleep(0.3)
        stage = Stage(stream, out, prefix)
        threading.Thread(target=stage.beat, daemon=True).start()
        yield stage


def main() -> None:
    """Read the arguments and play."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--latency", action="store_true")
    arguments = parser.parse_args()
    act: Callable[[Stage], None] = measure if arguments.latency else play
    with stage_at(arguments.socket, arguments.out, arguments.prefix) as stage:
        act(stage)


if __name__ == "__main__":
    main()
