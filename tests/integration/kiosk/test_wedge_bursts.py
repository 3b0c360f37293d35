"""A keyboard-wedge scanner that nobody has grabbed: its scan changes nothing on any screen."""

import asyncio
from pathlib import Path

import pytest

from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision
from scanner.gate.messages import Event, VerdictShown
from scanner.kiosk.bursts import QUIET_S
from scanner.kiosk.forms import Field
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.screens.decision import DecisionScreen
from scanner.kiosk.screens.form import FormScreen
from scanner.kiosk.screens.idle import IdleScreen
from scanner.kiosk.screens.verdict import VerdictScreen
from scanner.kiosk.screens.who import WhoScreen
from tests.integration.kiosk.test_app import a_guard
from tests.unit.kiosk.builders import a_verdict

pytestmark = pytest.mark.anyio
PAPER: VerdictShown = a_verdict(
    decision=Decision.CHECK,
    reasons=(Reason.TEMPERATURE_NEEDED,),
    asks=(Ask.TEMPERATURE,),
    final=False,
)
SCENES: dict[str, tuple[type[GateScreen], tuple[Event, ...], tuple[str, ...]]] = {
    "idle": (IdleScreen, (), ()),
    "verdict": (VerdictScreen, (a_verdict(),), ()),
    "temperature": (VerdictScreen, (PAPER,), ()),
    "person without a code": (WhoScreen, (), ("f2",)),
    "number of a card": (FormScreen, (), ("f2", "5")),
    "decision on a code": (DecisionScreen, (PAPER,), ("f2",)),
}
DIGITS = "3671" * 150
HEALTH_CODE = ("JKM1:" + "6BF1A09C $%*+-./:Z" * 40)[:600]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("scanned", [DIGITS, HEALTH_CODE], ids=["digits", "health code"])
@pytest.mark.parametrize("scene", SCENES)
async def test_600_characters_and_enter_change_nothing(
    tmp_path: Path, scene: str, scanned: str
) -> None:
    screen, events, keys = SCENES[scene]
    async with a_guard(tmp_path) as guard:
        guard.gate.say(*events)
        if events:
            await guard.sees_screen(VerdictScreen)
        await guard.press(*keys)
        await guard.sees_screen(screen)
        before = guard.app.screen
        await guard.burst(scanned + "\r")
        await asyncio.sleep(QUIET_S)
        assert guard.app.screen is before
        if isinstance(before, VerdictScreen):
            assert before.typed.digits == ""
        if isinstance(before, FormScreen):
            assert before.form.text(Field.NUMBER) == ""
        assert guard.gate.commands.empty()
        assert guard.app.is_running
