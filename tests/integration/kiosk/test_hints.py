"""Hints on the idle screen: where the request for a code stands, and gone with a verdict."""

from pathlib import Path

import pytest
from textual.widgets import Static

from scanner.domain.hints import Hint
from scanner.gate.messages import HintShown, Idle
from scanner.gate.status import Status
from scanner.kiosk.palette import HINT, PLAIN
from scanner.kiosk.screens.idle import IdleScreen
from scanner.kiosk.screens.verdict import VerdictScreen
from scanner.kiosk.widgets.big_text import BigText
from tests.integration.kiosk.test_app import Guard, a_guard
from tests.unit.kiosk.builders import a_verdict

pytestmark = pytest.mark.anyio
REQUEST = "请出示健康码\nPlease show your health code"
CLOSER = "请靠近一点\nCloser, please"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def headline(guard: Guard) -> str:
    return guard.text("#prompt .plain")


async def test_a_hint_stands_in_place_of_the_request(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        assert headline(guard) == REQUEST
        place = guard.app.screen.query_one("#prompt", BigText).region
        guard.gate.say(HintShown(hint=Hint.CLOSER))
        await guard.sees(lambda: headline(guard) == CLOSER)
        assert guard.app.screen.query_one("#prompt", BigText).region == place
        guard.gate.say(HintShown(hint=None))
        await guard.sees(lambda: headline(guard) == REQUEST)


async def test_its_colour_is_its_own(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        plain = guard.app.screen.query_one("#prompt .plain", Static)
        assert plain.styles.color.rgb == PLAIN.ink
        guard.gate.say(HintShown(hint=Hint.GLARE))
        await guard.sees(lambda: plain.styles.color.rgb == HINT.ink)
        assert plain.styles.background.rgb == PLAIN.ground


async def test_a_verdict_ends_it(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(HintShown(hint=Hint.CLOSER), a_verdict())
        await guard.sees_screen(VerdictScreen)
        guard.gate.say(Idle())
        await guard.sees_screen(IdleScreen)
        assert headline(guard) == REQUEST


async def test_it_changes_its_language_with_the_screen(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(HintShown(hint=Hint.CLOSER))
        await guard.sees(lambda: headline(guard) == CLOSER)
        await guard.press("f1")
        await guard.sees(lambda: headline(guard) == "Closer, please\n请靠近一点")


async def test_it_is_gone_after_the_gate_was(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(HintShown(hint=Hint.CLOSER))
        await guard.sees(lambda: headline(guard) == CLOSER)
        status: Status | None = guard.app.session.status
        guard.app.session.status = None
        guard.gate.hang_up()
        await guard.sees(lambda: guard.app.session.status == status)
        await guard.sees_screen(IdleScreen)
        await guard.sees(lambda: headline(guard) == REQUEST)
