"""News of the keys stand on the idle screen and never cover a verdict."""

import asyncio
from pathlib import Path

from scanner.domain.entries import TrustWay
from scanner.gate.messages import Idle, StickState, StickTold, TrustChanged
from scanner.kiosk.app import KioskApp
from scanner.kiosk.screens.idle import IdleScreen
from scanner.kiosk.screens.verdict import VerdictScreen
from scanner.kiosk.terminal import Display
from scanner.kiosk.widgets.news_bar import NewsBar
from tests.integration.kiosk.stand_in_gate import WAIT_S, StandInGate, a_hello
from tests.integration.kiosk.test_app import CHINA, STATUS
from tests.unit.kiosk.builders import a_verdict

CAME = TrustChanged(before="1.1", after="1.2", way=TrustWay.HUB, signers=(), added=("44",))
VOUCHED = TrustChanged(before="1.2", after="1.3", way=TrustWay.HUB, signers=())


def test_news_wait_below_a_verdict(tmp_path: Path) -> None:
    path = tmp_path / "gate.sock"

    async def play() -> None:
        app = KioskApp(path, Display(), None, timezone=CHINA)
        async with app.run_test(size=(100, 25)) as pilot:

            async def until(screen: type[IdleScreen] | type[VerdictScreen]) -> None:
                async with asyncio.timeout(WAIT_S):
                    while not isinstance(app.screen, screen):
                        await pilot.pause(0.01)

            async def until_told(news: TrustChanged | StickTold) -> None:
                async with asyncio.timeout(WAIT_S):
                    while app.session.news != news:
                        await pilot.pause(0.01)

            await until(IdleScreen)
            gate.say(a_verdict())
            await until(VerdictScreen)
            gate.say(CAME)
            await until_told(CAME)
            assert isinstance(app.screen, VerdictScreen)
            gate.say(VOUCHED, Idle())
            await until(IdleScreen)
            assert app.screen.query_one(NewsBar).display
            assert app.session.news == CAME
            refused = StickTold(state=StickState.OLDER)
            gate.say(refused)
            await until_told(refused)

    with StandInGate(path, a_hello(), STATUS) as gate:
        asyncio.run(play())
