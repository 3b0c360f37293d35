"""Logins, second persons, notes and undo at the kiosk, by keys and taps."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from scanner.domain.guards import Role
from scanner.domain.passes import Colour
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.gate.guard_messages import BadgeResult, BadgeShown, Login, Logout, Undo
from scanner.gate.messages import Decide, ErrorCode, Idle
from scanner.gate.status import GuardStatus, Status, UndoOffer
from scanner.kiosk.bursts import QUIET_S
from scanner.kiosk.screens.decision import DecisionScreen
from scanner.kiosk.screens.idle import IdleScreen
from scanner.kiosk.screens.note import NoteScreen
from scanner.kiosk.screens.pin import PinFor, PinScreen
from scanner.kiosk.screens.verdict import VerdictScreen
from scanner.kiosk.widgets.status_line import status_text
from tests.integration.kiosk.stand_in_gate import Wanted
from tests.integration.kiosk.test_app import STATUS, Guard, a_guard
from tests.unit.kiosk.builders import a_verdict

pytestmark = pytest.mark.anyio

RED = a_verdict(visit=7, decision=Decision.REFUSE, reasons=(Reason.COLOUR_RED,), colour=Colour.RED)
GREEN = a_verdict(visit=8)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def status(**guards: object) -> Status:
    """A gate with a roster."""
    return msgspec.structs.replace(
        STATUS, guards=msgspec.structs.replace(GuardStatus(is_login_needed=True), **guards)
    )


NOBODY = status()
ON_DUTY = status(guard="07", role=Role.GUARD)


async def knows(guard: Guard, told: Status) -> None:
    guard.gate.say(told)
    await guard.sees(lambda: guard.app.session.status == told)


async def asks(guard: Guard, purpose: PinFor) -> PinScreen:
    await guard.sees_screen(PinScreen)
    screen = guard.app.screen
    assert isinstance(screen, PinScreen)
    assert screen.purpose is purpose
    return screen


async def sent(guard: Guard, kind: type[Wanted]) -> Wanted:
    """The kiosk's next command, once it has come; the app goes on meanwhile."""
    await guard.sees(lambda: not guard.gate.commands.empty())
    return guard.gate.next(kind)


def nothing_was_sent(guard: Guard) -> bool:
    return guard.gate.commands.empty()


async def test_without_a_roster_nothing_on_the_screen_speaks_of_guards(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        assert not guard.app.screen.query_one("#duty").display
        assert not guard.app.screen.query_one("#undo").display
        assert "值班" not in status_text(guard.app.session, 50).plain
        await guard.press("f6", "f7")
        assert isinstance(guard.app.screen, IdleScreen)
        assert nothing_was_sent(guard)


async def test_the_status_line_says_who_is_on_duty(tmp_path: Path) -> None:
    async with a_guard(tmp_path, "en") as guard:
        await knows(guard, NOBODY)
        assert "! Nobody on duty" in status_text(guard.app.session, 50).plain
        await knows(guard, ON_DUTY)
        assert "✓ Guard 07 on duty" in status_text(guard.app.session, 50).plain
        await knows(guard, status(is_roster_damaged=True))
        assert "roster unreadable" in status_text(guard.app.session, 50).plain


@pytest.mark.parametrize("how", ["keys", "taps"])
async def test_a_guard_logs_in_and_out(tmp_path: Path, how: str) -> None:
    async with a_guard(tmp_path) as guard:
        await knows(guard, NOBODY)
        if how == "keys":
            await guard.press("f6")
            await asks(guard, PinFor.LOGIN)
            await guard.press("0", "7", "enter", "4", "7", "1", "1", "enter")
        else:
            await guard.tap("#duty")
            await asks(guard, PinFor.LOGIN)
            for key in ("0", "7", "enter", "4", "7", "1", "1", "enter"):
                await knows(guard, NOBODY)
                await guard.tap(f"#key-{key}")
        login = await sent(guard, Login)
        assert (login.guard, login.pin) == ("07", "4711")
        guard.gate.answer(login)
        await guard.sees_screen(IdleScreen)
        await knows(guard, ON_DUTY)
        await guard.press("f6")
        await sent(guard, Logout)


async def test_a_wrong_pin_is_said_and_only_the_pin_is_typed_again(tmp_path: Path) -> None:
    async with a_guard(tmp_path, "en") as guard:
        await knows(guard, NOBODY)
        await guard.press("f6", "0", "7", "enter", "9", "9", "9", "9", "enter")
        guard.gate.answer(await sent(guard, Login), ErrorCode.WRONG_PIN)
        await guard.sees(lambda: guard.app.session.problem == "error.wrong_pin")
        screen = await asks(guard, PinFor.LOGIN)
        assert (screen.typed.number, screen.typed.pin) == ("07", "")
        await guard.press("4", "7", "1", "1", "enter")
        assert (await sent(guard, Login)).pin == "4711"


async def test_a_decision_that_needs_a_login_goes_on_after_it(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await knows(guard, NOBODY)
        await guard.press("f2", "f2", "4")
        guard.gate.answer(await sent(guard, Decide), ErrorCode.LOGIN_NEEDED)
        await asks(guard, PinFor.LOGIN)
        await guard.press("0", "7", "enter", "4", "7", "1", "1", "enter")
        guard.gate.answer(await sent(guard, Login))
        again = await sent(guard, Decide)
        assert (again.reason, again.visit) == (GuardReason.ID_REGISTERED, None)
        guard.gate.answer(again)
        await guard.sees_screen(IdleScreen)
        assert guard.app.session.note == "done.admitted"


async def test_a_badge_answers_a_login_screen(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await knows(guard, NOBODY)
        await guard.press("f6")
        await asks(guard, PinFor.LOGIN)
        guard.gate.say(BadgeShown(result=BadgeResult.REFUSED))
        await guard.sees(lambda: guard.app.session.problem == "badge.refused")
        await asks(guard, PinFor.LOGIN)
        guard.gate.say(BadgeShown(result=BadgeResult.STARTED))
        await guard.sees_screen(IdleScreen)
        assert guard.app.session.note == "badge.started"


async def red_wants_a_supervisor(guard: Guard) -> None:
    await knows(guard, ON_DUTY)
    guard.gate.say(RED)
    await guard.sees_screen(VerdictScreen)
    await guard.press("f2", "5")
    command = await sent(guard, Decide)
    assert (command.reason, command.second) == (GuardReason.EMERGENCY_MEDICAL, None)
    guard.gate.answer(command, ErrorCode.SUPERVISOR_NEEDED)
    await asks(guard, PinFor.SUPERVISOR)


async def test_red_is_decided_with_a_supervisors_pin(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await red_wants_a_supervisor(guard)
        await guard.press("9", "0", "enter", "9", "9", "9", "9", "enter")
        wrong = await sent(guard, Decide)
        guard.gate.answer(wrong, ErrorCode.WRONG_PIN)
        await guard.sees(lambda: guard.app.session.problem == "error.wrong_pin")
        screen = await asks(guard, PinFor.SUPERVISOR)
        assert screen.typed.pin == ""
        await guard.press("8", "2", "6", "5", "enter")
        right = await sent(guard, Decide)
        assert right.second is not None
        assert (right.visit, right.reason) == (7, GuardReason.EMERGENCY_MEDICAL)
        assert (right.second.guard, right.second.pin) == ("90", "8265")
        admitted = msgspec.structs.replace(RED, guard=GuardDecision.ADMITTED_BY_GUARD)
        guard.gate.say(admitted)
        guard.gate.answer(right)
        await guard.sees_screen(VerdictScreen)


async def test_the_next_person_goes_first_and_the_supervisors_screen_comes_back(
    tmp_path: Path,
) -> None:
    async with a_guard(tmp_path) as guard:
        await red_wants_a_supervisor(guard)
        await guard.press("9", "0", "enter", "8", "2")
        guard.gate.say(GREEN)
        await guard.sees_screen(VerdictScreen)
        guard.gate.say(Idle())
        screen = await asks(guard, PinFor.SUPERVISOR)
        assert (screen.typed.number, screen.typed.pin, screen.visit) == ("90", "", 7)
        await guard.press("8", "2", "6", "5", "enter")
        assert (await sent(guard, Decide)).visit == 7


async def test_going_back_ends_it(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await red_wants_a_supervisor(guard)
        await guard.press("escape")
        await guard.sees_screen(VerdictScreen)
        guard.gate.say(Idle())
        await guard.sees_screen(IdleScreen)
        assert nothing_was_sent(guard)


async def test_other_is_said_by_one_tap(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.press("f2", "f2", "0")
        await guard.sees_screen(NoteScreen)
        assert nothing_was_sent(guard)
        await guard.tap("#note-delivery")
        command = await sent(guard, Decide)
        assert (command.reason, command.note) == (GuardReason.OTHER, "快递外卖")


async def test_other_is_typed_on_the_keyboard(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.press("f2", "f2", "0")
        await guard.sees_screen(NoteScreen)
        await guard.press("enter")
        assert nothing_was_sent(guard)
        await guard.press("space", "b", "e", "space", "w", "backspace", "2", "enter")
        assert (await sent(guard, Decide)).note == "be 2"


async def test_other_is_typed_on_the_screen(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.press("f2", "f2", "0")
        await guard.sees_screen(NoteScreen)
        await guard.tap("#to-letters")
        for key in ("#key-o", "#key-k", "#key-backspace", "#key-space", "#key-x", "#enter"):
            guard.gate.say(STATUS)  # a gate that is silent for five seconds counts as gone
            await guard.tap(key)
        assert (await sent(guard, Decide)).note == "o x"


@pytest.mark.parametrize("how", ["key", "tap"])
async def test_a_decision_is_taken_back_while_the_seconds_run(tmp_path: Path, how: str) -> None:
    offer = UndoOffer(
        entry=12,
        visit=None,
        admitted=True,
        reason=GuardReason.ELDER_WITHOUT_PHONE,
        seconds=24.2,
    )
    async with a_guard(tmp_path, "en") as guard:
        await knows(guard, status(guard="07", role=Role.GUARD, undo=offer))
        assert "Undo 25 s" in guard.text("#undo .plain")
        if how == "key":
            await guard.press("f7")
        else:
            await guard.tap("#undo")
        undo = await sent(guard, Undo)
        assert undo.entry == 12
        guard.gate.answer(undo)
        await guard.sees(lambda: guard.app.session.note == "done.undone")
        await knows(guard, ON_DUTY)
        assert not guard.app.screen.query_one("#undo").display


async def test_a_decision_on_the_screen_is_taken_back_there(tmp_path: Path) -> None:
    offer = UndoOffer(
        entry=12, visit=7, admitted=True, reason=GuardReason.EMERGENCY_MEDICAL, seconds=29
    )
    async with a_guard(tmp_path) as guard:
        guard.gate.say(msgspec.structs.replace(RED, guard=GuardDecision.ADMITTED_BY_GUARD))
        await guard.sees_screen(VerdictScreen)
        await knows(guard, status(guard="07", role=Role.GUARD, undo=offer))
        await guard.tap("#undo")
        assert (await sent(guard, Undo)).entry == 12


@pytest.mark.parametrize(("field", "scanned"), [("number", "3671" * 150), ("pin", "4711")])
async def test_a_scan_lands_in_no_field_of_a_login(
    tmp_path: Path, field: str, scanned: str
) -> None:
    async with a_guard(tmp_path) as guard:
        await knows(guard, NOBODY)
        await guard.press("f6", "0", "7", *(["enter", "4", "7"] if field == "pin" else []))
        screen = await asks(guard, PinFor.LOGIN)
        before = screen.typed
        await guard.burst(f"{scanned}\r")
        await asyncio.sleep(QUIET_S)
        assert screen.typed == before
        assert guard.app.screen is screen
        assert nothing_was_sent(guard)


async def test_a_scan_writes_no_note(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.press("f2", "f2", "0")
        await guard.sees_screen(NoteScreen)
        await guard.burst("JKM1:6BF1A09C\r")
        await asyncio.sleep(QUIET_S)
        screen = guard.app.screen
        assert isinstance(screen, NoteScreen)
        assert screen.text == ""
        assert nothing_was_sent(guard)


async def test_changing_the_language_keeps_what_was_typed(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await knows(guard, NOBODY)
        await guard.press("f6", "0", "7", "f1")
        screen = await asks(guard, PinFor.LOGIN)
        assert guard.text("#typed-number .plain") == "07|"
        assert screen.typed.number == "07"
        await guard.press("escape")
        await guard.sees_screen(IdleScreen)
        assert guard.app.screen.query_one("#duty").display


async def test_the_list_of_reasons_comes_back_after_the_next_person(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.press("f2", "f2")
        await guard.sees_screen(DecisionScreen)
        guard.gate.say(GREEN)
        await guard.sees_screen(VerdictScreen)
        guard.gate.say(Idle())
        await guard.sees_screen(DecisionScreen)
