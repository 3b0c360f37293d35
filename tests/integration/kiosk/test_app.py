"""The kiosk against a real socket, driven by taps and keys."""

import asyncio
import gc
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from textual import events
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Static

from scanner.domain.clock import ClockDoubt
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.gate.messages import (
    Collecting,
    ConfirmDocument,
    ConfirmIdentity,
    Decide,
    Dismiss,
    EnterTemperature,
    ErrorCode,
    Event,
    Idle,
    Preview,
)
from scanner.gate.status import CameraFault, Health, Part, Status
from scanner.kiosk.app import KioskApp
from scanner.kiosk.bursts import SAME_BURST_S
from scanner.kiosk.connection import Trouble
from scanner.kiosk.screens.decision import DecisionScreen
from scanner.kiosk.screens.idle import IdleScreen
from scanner.kiosk.screens.no_gate import NoGateScreen
from scanner.kiosk.screens.verdict import VerdictScreen
from scanner.kiosk.terminal import Display
from scanner.kiosk.widgets import touch_button
from scanner.kiosk.widgets.status_line import status_text
from scanner.kiosk.widgets.touch_button import SETTLE_S
from tests.integration.kiosk.stand_in_gate import WAIT_S, StandInGate, a_hello
from tests.unit.kiosk.builders import NOW, a_verdict

pytestmark = pytest.mark.anyio
CHINA = timezone(timedelta(hours=8))
SIZE = (100, 25)
PAPER = a_verdict(
    decision=Decision.CHECK,
    reasons=(Reason.TEMPERATURE_NEEDED,),
    asks=(Ask.TEMPERATURE,),
    final=False,
)
YELLOW = a_verdict(decision=Decision.CHECK, reasons=(Reason.COLOUR_YELLOW,))
STATUS = Status(
    at=NOW,
    parts={**dict.fromkeys(set(Part) - {Part.SCANNER}, Health.WELL), Part.HUB: Health.FAULT},
    keys_age_s=7200,
    queue=12,
    admitted=41,
    checked=3,
    refused=1,
    frames_per_s=15,
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Guard:
    """A kiosk, the gate behind it, and the fingers in front of it."""

    def __init__(self, app: KioskApp, pilot: Pilot[None], gate: StandInGate) -> None:
        self.app = app
        self.gate = gate
        self._pilot = pilot
        self._statuses = itertools.count(1000)

    async def sees(self, what: Callable[[], bool]) -> None:
        """Wait until the screen is so."""
        async with asyncio.timeout(WAIT_S):
            while not what():
                await self._pilot.pause(0.01)

    async def sees_screen(self, kind: type) -> None:
        await self.sees(lambda: isinstance(self.app.screen, kind))
        await self._pilot.pause()

    async def hears(self, event: Event) -> None:
        """Wait until the kiosk has taken this in."""
        last = msgspec.structs.replace(STATUS, queue=next(self._statuses))
        self.gate.say(event, last)
        await self.sees(lambda: self.app.session.status == last)
        await self._pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys at a finger's pace."""
        for key in keys:
            await self._pilot.press(key)
            await self._pilot.pause(SAME_BURST_S * 1.5)

    async def burst(self, text: str) -> None:
        """Type as a barcode scanner does."""
        for character in text:
            key = {"\r": "enter"}.get(character, character)
            self.app.post_message(events.Key(key, character))
        await self._pilot.pause(SAME_BURST_S * 2)

    async def tap(self, selector: str) -> None:
        await self._pilot.pause(SETTLE_S + 0.02)
        assert await self._pilot.click(selector)

    def text(self, selector: str) -> str:
        return str(self.app.screen.query_one(selector, Static).visual)


@asynccontextmanager
async def a_guard(tmp_path: Path, language: str | None = None) -> AsyncIterator[Guard]:
    path = tmp_path / "gate.sock"
    app = KioskApp(path, Display(), None, language=language, timezone=CHINA)
    with StandInGate(path, a_hello(), STATUS) as gate:
        async with app.run_test(size=SIZE) as pilot:
            guard = Guard(app, pilot, gate)
            await guard.sees(lambda: app.session.status is not None)
            yield guard


async def test_idle_shows_counts_clock_and_what_is_kept(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        assert isinstance(guard.app.screen, IdleScreen)
        assert guard.text("#count-admitted") == "放行\n41"
        assert guard.text("#clock").strip() == "2026年11月23日 星期一 08:41:07"
        assert "14天后删除；不存人脸和完整证件号" in guard.text("#privacy")


async def test_each_part_has_a_sign_and_a_word(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        text = status_text(guard.app.session, 50).plain
        assert "✓ 摄像头 正常" in text
        assert "✗ 中心 故障" in text
        assert "待上传 12 条" in text
        assert "公钥更新于 2小时前" in text
        assert "fonts-noto-cjk" in text
        assert "扫码枪" not in text


async def test_a_scanner_is_named_where_one_is_fitted(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        fitted = {Part.SCANNER: Health.FAULT, Part.HUB: Health.WELL}
        guard.app.session.status = msgspec.structs.replace(STATUS, parts=fitted)
        text = status_text(guard.app.session, 50).plain
        assert "✗ 扫码枪 故障" in text
        assert "摄像头" not in text


async def test_a_camera_at_fault_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        parts = {Part.CAMERA: Health.FAULT}
        guard.app.session.status = msgspec.structs.replace(
            STATUS, parts=parts, camera_fault=CameraFault.BLACK
        )
        assert "✗ 摄像头 被遮挡或太暗" in status_text(guard.app.session, 50).plain


async def test_a_clock_at_fault_says_why_nobody_should_rely_on_it(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.app.session.status = msgspec.structs.replace(
            STATUS, parts={Part.CLOCK: Health.FAULT}, clock_doubt=ClockDoubt.MOVED
        )
        assert "✗ 时钟 被人改动" in status_text(guard.app.session, 50).plain


async def test_a_verdict_stays_until_the_gate_is_idle(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(a_verdict())
        await guard.sees_screen(VerdictScreen)
        await guard.hears(Preview(width=2, height=2, grey=bytes(4)))
        assert isinstance(guard.app.screen, VerdictScreen)
        guard.gate.say(Idle())
        await guard.sees_screen(IdleScreen)


async def test_the_next_person_replaces_the_one_before(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(a_verdict())
        await guard.sees_screen(VerdictScreen)
        guard.gate.say(YELLOW)
        await guard.sees(
            lambda: isinstance(top := guard.app.screen, VerdictScreen) and top.verdict == YELLOW
        )
        assert len(guard.app.screen_stack) == 3


@pytest.mark.parametrize("digits", [("3", "6", "8"), ("3", "6", "full_stop", "8")])
async def test_a_temperature_is_typed_on_the_keyboard(
    tmp_path: Path, digits: tuple[str, ...]
) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(PAPER)
        await guard.sees_screen(VerdictScreen)
        await guard.press(*digits, "enter")
        assert guard.gate.next(EnterTemperature).celsius == 36.8


async def test_a_temperature_is_tapped_on_the_keypad(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(PAPER)
        await guard.sees_screen(VerdictScreen)
        for key in ("3", "9", "backspace", "6", "5", "enter"):
            await guard.tap(f"#key-{key}")
        command = guard.gate.next(EnterTemperature)
        assert (command.visit, command.celsius) == (PAPER.visit, 36.5)


@pytest.mark.parametrize("how", ["key", "button"])
async def test_a_comparison_of_documents_is_confirmed(tmp_path: Path, how: str) -> None:
    asked = a_verdict(
        decision=Decision.CHECK,
        reasons=(Reason.KEYS_STALE,),
        asks=(Ask.ID_COMPARE,),
        final=False,
    )
    async with a_guard(tmp_path) as guard:
        guard.gate.say(asked)
        await guard.sees_screen(VerdictScreen)
        if how == "key":
            await guard.press("f4")
        else:
            await guard.tap("#same_person")
        assert guard.gate.next(ConfirmIdentity).visit == asked.visit


@pytest.mark.parametrize("how", ["key", "button"])
async def test_a_document_that_was_seen_is_confirmed(tmp_path: Path, how: str) -> None:
    asked = a_verdict(
        decision=Decision.CHECK, reasons=(Reason.KEYS_STALE,), asks=(Ask.DOCUMENT,), final=False
    )
    async with a_guard(tmp_path) as guard:
        guard.gate.say(asked)
        await guard.sees_screen(VerdictScreen)
        if how == "key":
            await guard.press("f5")
        else:
            await guard.tap("#saw_document")
        assert guard.gate.next(ConfirmDocument).visit == asked.visit


async def test_the_seconds_are_counted_while_a_warm_forehead_cools_down(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(msgspec.structs.replace(PAPER, measure_in_s=95.0))
        await guard.sees_screen(VerdictScreen)
        (limit,) = guard.app.screen.query("#limit").results(Static)
        assert "1:3" in str(limit.content)


async def test_half_a_temperature_is_not_sent(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(PAPER)
        await guard.sees_screen(VerdictScreen)
        await guard.press("3", "6", "enter", "escape")
        assert isinstance(guard.gate.next(Dismiss), Dismiss)


async def test_a_barcode_scanner_types_no_temperature_and_presses_nothing(
    tmp_path: Path,
) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(PAPER)
        await guard.sees_screen(VerdictScreen)
        await guard.burst("3" * 600 + "\r")
        top = guard.app.screen
        assert isinstance(top, VerdictScreen)
        assert top.typed.digits == ""
        await asyncio.sleep(0.3)
        await guard.press("escape")
        assert isinstance(guard.gate.next(Dismiss), Dismiss)


async def test_a_barcode_scanner_leaves_the_idle_screen_alone(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.burst("HC1:q" * 120 + "\r")
        assert isinstance(guard.app.screen, IdleScreen)
        assert guard.app.is_running


async def test_a_person_without_a_code_is_admitted_for_a_reason_alone(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.press("f2", "f2")
        await guard.sees_screen(DecisionScreen)
        await guard.tap("#reason-system_outage")
        command = guard.gate.next(Decide)
        assert (command.admit, command.visit) == (True, None)
        assert command.reason is GuardReason.SYSTEM_OUTAGE
        guard.gate.answer(command)
        await guard.sees_screen(IdleScreen)
        assert guard.app.session.note == "done.admitted"


async def test_a_guard_refuses_a_scanned_person_by_keys(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(a_verdict())
        await guard.sees_screen(VerdictScreen)
        await guard.press("f3")
        await guard.sees_screen(DecisionScreen)
        await guard.press("1")
        command = guard.gate.next(Decide)
        assert (command.admit, command.visit) == (False, a_verdict().visit)
        assert command.reason is GuardReason.ID_MISMATCH


async def test_the_reasons_stay_when_the_verdict_runs_out(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(YELLOW)
        await guard.sees_screen(VerdictScreen)
        await guard.press("f2")
        await guard.sees_screen(DecisionScreen)
        await guard.hears(Idle())
        await guard.press("4")
        assert guard.gate.next(Decide).visit == YELLOW.visit


async def test_the_way_back_leads_to_the_verdict(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(YELLOW)
        await guard.sees_screen(VerdictScreen)
        await guard.press("f2")
        await guard.sees_screen(DecisionScreen)
        await guard.press("escape")
        await guard.sees_screen(VerdictScreen)


async def test_nobody_is_admitted_by_hand_whom_the_machine_has_admitted(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(a_verdict())
        await guard.sees_screen(VerdictScreen)
        await guard.press("f2")
        assert isinstance(guard.app.screen, VerdictScreen)
        assert not guard.app.screen.query("#admit")


async def test_the_machines_decision_stays_beside_the_guards(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        verdict = a_verdict(
            decision=Decision.REFUSE,
            reasons=(Reason.COLOUR_RED,),
            guard=GuardDecision.ADMITTED_BY_GUARD,
        )
        guard.gate.say(verdict)
        await guard.sees_screen(VerdictScreen)
        assert "人工放行" in guard.text("#picture-words")
        assert "系统判定：不放行" in guard.text("#facts")
        assert "红码" in guard.text("#facts")


async def test_what_could_not_be_recorded_offers_no_decision(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(a_verdict(visit=0, recorded=False))
        await guard.sees_screen(VerdictScreen)
        assert "请勿放行" in guard.text("#picture-words")
        assert not guard.app.screen.query("#admit, #refuse")


async def test_a_refused_command_is_put_into_words(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(PAPER)
        await guard.sees_screen(VerdictScreen)
        await guard.press("9", "9", "9", "enter")
        guard.gate.answer(guard.gate.next(EnterTemperature), ErrorCode.BAD_VALUE)
        await guard.sees(lambda: guard.app.session.problem == "error.bad_value")
        guard.gate.say(PAPER)
        await guard.sees(lambda: guard.app.session.problem == "")


async def test_a_gate_that_does_not_answer_a_command_is_named(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(YELLOW)
        await guard.sees_screen(VerdictScreen)
        await guard.press("escape")
        await guard.sees(lambda: guard.app.session.problem == "error.no_answer")


async def test_a_tap_for_the_screen_before_presses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(touch_button, "SETTLE_S", 3600)  # however slowly this machine clicks
    async with a_guard(tmp_path) as guard:
        guard.gate.say(YELLOW)
        await guard.sees_screen(VerdictScreen)
        await guard._pilot.click("#admit")
        await asyncio.sleep(0.05)
        assert isinstance(guard.app.screen, VerdictScreen)


async def test_the_language_changes_on_every_screen(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(YELLOW)
        await guard.sees_screen(VerdictScreen)
        await guard.press("f1")
        assert "Yellow code · Please see the guard" in guard.text("#picture-words")
        guard.gate.say(Idle())
        await guard.sees_screen(IdleScreen)
        assert guard.text("#count-admitted") == "Admitted\n41"
        await guard.tap("#language")
        await guard.sees(lambda: guard.text("#count-admitted") == "放行\n41")


async def test_a_chosen_language_comes_before_the_sites(tmp_path: Path) -> None:
    async with a_guard(tmp_path, language="en") as guard:
        assert guard.text("#count-refused") == "Refused\n1"


async def test_a_gate_that_dies_is_said_at_once_and_found_again(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(a_verdict())
        await guard.sees_screen(VerdictScreen)
        guard.gate.hang_up()
        await guard.sees_screen(NoGateScreen)
        assert "请改用纸质登记" in guard.text("#picture-words")
        await guard.sees_screen(IdleScreen)


async def test_without_a_gate_the_screen_says_so(tmp_path: Path) -> None:
    app = KioskApp(tmp_path / "gate.sock", Display(), None)
    async with app.run_test(size=SIZE) as pilot:
        async with asyncio.timeout(WAIT_S):
            while not isinstance(app.screen, NoGateScreen):
                await pilot.pause(0.01)
        assert app.screen.trouble is Trouble.NOT_RUNNING
        await pilot.pause()
        words = str(app.screen.query_one("#picture-words", Static).visual)
        assert "门禁程序未运行" in words
        assert "Gate not running" in words


class CrashError(Exception):
    """Carries what must not be printed."""


async def crash(app: KioskApp) -> None:
    """Run the app until it fails with a name in its locals and in its message."""

    def fail(masked_name: str) -> None:
        raise CrashError(masked_name)

    async with app.run_test(size=SIZE) as pilot:
        app.call_later(fail, "张*三")
        await pilot.pause(0.2)


async def test_a_crash_prints_where_and_no_holder(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CrashError):
        await crash(KioskApp(tmp_path / "gate.sock", Display(), None))
    printed = capfd.readouterr().err
    assert "checkpoint kiosk: CrashError at test_app.py" in printed
    assert "张" not in printed


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_it_ends_with_status_0(tmp_path: Path, key: str) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.press(key)
        await guard.sees(lambda: not guard.app.is_running)
        assert guard.app.return_code == 0


async def test_a_pass_in_several_codes_shows_its_progress(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(Collecting(have=1, total=3))
        await guard.sees(lambda: "已读1/3，请换下一个" in guard.text("#prompt Static"))
        assert "1 of 3 read: next code" in guard.text("#prompt Static")
        guard.gate.say(Idle())
        await guard.sees(lambda: "请出示健康码" in guard.text("#prompt Static"))


async def test_what_was_drawn_of_a_person_does_not_outlive_the_screen(tmp_path: Path) -> None:
    def drawn() -> list[str]:
        gc.collect()
        strips = [it for it in gc.get_objects() if isinstance(it, Strip)]
        return [strip.text for strip in strips if "李*四" in strip.text]

    async with a_guard(tmp_path) as guard:
        guard.gate.say(a_verdict(masked_name="李*四"))
        await guard.sees_screen(VerdictScreen)
        await guard.sees(lambda: bool(drawn()))
        guard.gate.say(Idle())
        await guard.sees_screen(IdleScreen)
        await guard.sees(lambda: not drawn())
