"""Whole screens at the sizes of a 7-inch panel (800x480) and of 1280x720, without sixel or font.

`pytest tests/integration/kiosk/test_snapshots.py --snapshot-update` takes them anew; look at each.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from scanner.domain.direction import Direction
from scanner.domain.entries import TrustWay
from scanner.domain.foreign import ForeignKind
from scanner.domain.guards import Role
from scanner.domain.hints import Hint
from scanner.domain.passes import Colour, PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Advice, Ask, Decision
from scanner.domain.walk_ins import PersonKind
from scanner.gate.messages import (
    Event,
    HintShown,
    StickState,
    StickTold,
    TrustChanged,
    TrustTopic,
    VerdictShown,
)
from scanner.gate.status import GuardStatus, Passing, Status, UndoOffer
from scanner.kiosk.app import KioskApp
from scanner.kiosk.bursts import SAME_BURST_S
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.screens.decision import DecisionScreen
from scanner.kiosk.screens.form import FormScreen
from scanner.kiosk.screens.idle import IdleScreen
from scanner.kiosk.screens.inside import InsideScreen
from scanner.kiosk.screens.no_gate import NoGateScreen
from scanner.kiosk.screens.note import NoteScreen
from scanner.kiosk.screens.party import PartyScreen
from scanner.kiosk.screens.pin import PinScreen
from scanner.kiosk.screens.verdict import VerdictScreen
from scanner.kiosk.screens.who import WhoScreen
from scanner.kiosk.terminal import Display
from tests.integration.kiosk.stand_in_gate import WAIT_S, StandInGate, a_hello
from tests.integration.kiosk.test_app import CHINA, STATUS
from tests.unit.kiosk.builders import NOW, a_verdict

SIZES = {"800x480": (100, 25), "1280x720": (116, 27)}
Compare = Callable[..., bool]


@dataclass(frozen=True)
class Scene:
    """What the gate says, what the guard presses, and the screen that then stands."""

    screen: type[GateScreen]
    events: tuple[Event, ...] = ()
    keys: tuple[str, ...] = ()


YELLOW = a_verdict(
    decision=Decision.CHECK,
    reasons=(Reason.COLOUR_YELLOW, Reason.KEYS_STALE),
    colour=Colour.YELLOW,
)
RED = a_verdict(
    decision=Decision.REFUSE,
    reasons=(Reason.COLOUR_RED, Reason.EXPIRED),
    colour=Colour.RED,
    issuer="42",
)
FORGED = a_verdict(
    decision=Decision.REFUSE,
    reasons=(Reason.BAD_SIGNATURE,),
    masked_name=None,
    id_kind=None,
    id_suffix=None,
    kind=None,
    colour=None,
    issuer=None,
    code_age_s=None,
)
PAPER = a_verdict(
    decision=Decision.CHECK,
    reasons=(Reason.TEMPERATURE_NEEDED,),
    asks=(Ask.TEMPERATURE,),
    final=False,
    kind=PassKind.PAPER,
    code_age_s=86400 * 12,
)
COMPARE = a_verdict(
    decision=Decision.CHECK,
    reasons=(Reason.KEYS_STALE,),
    asks=(Ask.ID_COMPARE,),
    final=False,
)
OLD_AND_GREEN = a_verdict(reasons=(Reason.KEYS_STALE,))
FACTS = {
    "test_negative": True,
    "test_age_s": 36 * 3600,
    "vaccine_doses": 2,
    "vaccine_age_days": 200,
    "recovery_age_days": 40,
    "expires_at": NOW + timedelta(minutes=9),
}
CROWDED = a_verdict(
    decision=Decision.REFUSE,
    reasons=(Reason.CODE_TOO_OLD, Reason.TEST_POSITIVE, Reason.KEYS_STALE, Reason.CLOCK_UNSURE),
    **FACTS,
)
BY_RULE = msgspec.structs.replace(
    PAPER,
    reasons=(Reason.SITE_RULE, Reason.TEMPERATURE_NEEDED, Reason.OUTSIDE_HOURS),
    asks=(Ask.TEMPERATURE, Ask.ID_COMPARE),
    advice=Advice(
        rule="visitors",
        layer="510100",
        guard=(
            ("zh_CN", "请访客到南门登记处登记后进入"),
            ("en", "Visitors: south gate"),
        ),
        holder=(("zh_CN", "请携带身份证" * 6), ("en", "Please have your document ready " * 2)),
        hotline="028-12345",
    ),
)
PAYMENT = msgspec.structs.replace(
    YELLOW,
    reasons=(Reason.NOT_A_HEALTH_CODE,),
    foreign=ForeignKind.PAYMENT,
    **dict.fromkeys(("format", "kind", "colour", "issuer", "id_kind", "code_age_s")),
    **dict.fromkeys(("masked_name", "id_suffix")),
)
KEYS_CAME = TrustChanged(
    before="3.41",
    after="3.42",
    way=TrustWay.STICK,
    signers=("Ministry A", "Ministry B"),
    added=("44",),
    topics=(TrustTopic.REVOCATIONS,),
)
CHILD = msgspec.structs.replace(
    PAYMENT,
    reasons=(Reason.TEMPERATURE_NEEDED, Reason.NO_CODE),
    asks=(Ask.TEMPERATURE,),
    final=False,
    foreign=None,
    person=PersonKind.DEPENDANT,
    party_place=2,
    party_size=3,
)
FULL = msgspec.structs.replace(
    STATUS,
    passing=Passing(
        direction=Direction.IN,
        can_turn=True,
        inside=300,
        limit=300,
        is_counted=False,
        is_followed=True,
    ),
)
LEAVING = a_verdict(
    reasons=(Reason.EXIT_WITHOUT_ENTRY,), direction=Direction.OUT, dwell_s=2 * 3600 + 300
)

NOBODY = msgspec.structs.replace(STATUS, guards=GuardStatus(is_login_needed=True))
UNDO = msgspec.structs.replace(
    STATUS,
    guards=GuardStatus(
        is_login_needed=True,
        guard="90",
        role=Role.SUPERVISOR,
        undo=UndoOffer(
            entry=9, visit=None, admitted=False, reason=GuardReason.ID_MISMATCH, seconds=24.2
        ),
    ),
)
SCENES = {
    "idle": Scene(IdleScreen),
    "hint": Scene(IdleScreen, (HintShown(hint=Hint.CLOSER),)),
    "keys-news": Scene(IdleScreen, (KEYS_CAME,)),
    "stick-refused": Scene(IdleScreen, (StickTold(state=StickState.NOT_GENUINE),)),
    "green": Scene(VerdictScreen, (a_verdict(),)),
    "yellow": Scene(VerdictScreen, (YELLOW,)),
    "red": Scene(VerdictScreen, (RED,)),
    "forged": Scene(VerdictScreen, (FORGED,)),
    "temperature": Scene(VerdictScreen, (PAPER,), ("3", "6")),
    "identity": Scene(VerdictScreen, (COMPARE,)),
    "green_by_old_keys": Scene(VerdictScreen, (OLD_AND_GREEN,)),
    "facts": Scene(VerdictScreen, (CROWDED,)),
    "by_rule": Scene(VerdictScreen, (BY_RULE,)),
    "payment": Scene(VerdictScreen, (PAYMENT,)),
    "decision": Scene(DecisionScreen, (), ("f2", "f2")),
    "who": Scene(WhoScreen, (), ("f2",)),
    "number": Scene(FormScreen, (), ("f2", "5", *"110105194912310021")),
    "passport": Scene(FormScreen, (), ("f2", "7", *"e1234")),
    "visitor": Scene(FormScreen, (), ("f2", "8", *"3-2-501", "enter", *"1380")),
    "party": Scene(PartyScreen, (), ("f2", "4")),
    "child": Scene(VerdictScreen, (CHILD,)),
    "passing": Scene(IdleScreen, (FULL,)),
    "leaving": Scene(VerdictScreen, (LEAVING,)),
    "inside": Scene(InsideScreen, (FULL,), ("f4", "1", "2")),
    "undo": Scene(IdleScreen, (UNDO,)),
    "login": Scene(PinScreen, (NOBODY,), ("f6", "0", "7", "enter", "4")),
    "note": Scene(NoteScreen, (), ("f2", "f2", "0")),
}


_LEADS_ON = {"f2", "f6"}
"""Keys that bring another screen, on a busy machine later than the next key would come."""


def reach(
    scene: Scene, app: KioskApp, gate: StandInGate
) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Plays a scene and returns when its screen is drawn."""

    async def run(pilot: Pilot[None]) -> None:
        async with asyncio.timeout(WAIT_S):
            while app.session.status is None:
                await pilot.pause(0.01)
            gate.say(*scene.events)
            statuses = [event for event in scene.events if isinstance(event, Status)]
            while statuses and app.session.status != statuses[-1]:
                await pilot.pause(0.01)
            is_shown = any(isinstance(event, VerdictShown) for event in scene.events)
            while is_shown and not isinstance(app.screen, VerdictScreen):
                await pilot.pause(0.01)
            is_news = isinstance(
                scene.events[-1] if scene.events else None, TrustChanged | StickTold
            )
            while is_news and app.session.news != scene.events[-1]:
                await pilot.pause(0.01)
            told = [event for event in scene.events if isinstance(event, Status)]
            while told and app.session.status != told[-1]:
                await pilot.pause(0.01)
            hints = [event.hint for event in scene.events if isinstance(event, HintShown)]
            while hints and app.session.hint is not hints[-1]:
                await pilot.pause(0.01)
            for key in scene.keys:
                gate.say(app.session.status)  # a gate that is silent counts as gone
                before = app.screen
                await pilot.press(key)
                await pilot.pause(SAME_BURST_S * 2)
                while key in _LEADS_ON and app.screen is before:
                    await pilot.pause(0.01)
            while not isinstance(app.screen, scene.screen):
                await pilot.pause(0.01)
        await pilot.pause(0.2)

    return run


@pytest.mark.parametrize(
    ("size", "language"), [("800x480", "zh_CN"), ("800x480", "en"), ("1280x720", "zh_CN")]
)
@pytest.mark.parametrize("scene", SCENES)
def test_screen(
    snap_compare: Compare, tmp_path: Path, scene: str, size: str, language: str
) -> None:
    path = tmp_path / "gate.sock"
    app = KioskApp(path, Display(), None, language=language, timezone=CHINA)
    with StandInGate(path, a_hello(), STATUS) as gate:
        played = reach(SCENES[scene], app, gate)
        assert snap_compare(app, terminal_size=SIZES[size], run_before=played)


@pytest.mark.parametrize("size", SIZES)
def test_screen_without_a_gate(snap_compare: Compare, tmp_path: Path, size: str) -> None:
    app = KioskApp(tmp_path / "gate.sock", Display(), None, timezone=CHINA)

    async def lost(pilot: Pilot[None]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not isinstance(app.screen, NoGateScreen):
                await pilot.pause(0.01)
        await pilot.pause(0.2)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=lost)
