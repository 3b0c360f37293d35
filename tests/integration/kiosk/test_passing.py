"""Which way people go, how many are inside, and a guard who knows better."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from scanner.domain.direction import Direction
from scanner.domain.reasons import Reason
from scanner.gate.messages import CountInside, ErrorCode, Idle, Turn
from scanner.gate.status import Passing, Status
from scanner.kiosk.screens.idle import IdleScreen
from scanner.kiosk.screens.inside import InsideScreen
from scanner.kiosk.screens.verdict import VerdictScreen
from scanner.kiosk.widgets.status_line import StatusLine
from tests.integration.kiosk.test_app import STATUS, Guard, a_guard
from tests.unit.kiosk.builders import a_verdict

pytestmark = pytest.mark.anyio
IN, OUT = Direction.IN, Direction.OUT
PASSING = Passing(
    direction=IN, can_turn=True, inside=123, limit=300, is_counted=True, is_followed=True
)


def a_status(**changes: object) -> Status:
    return replace(STATUS, passing=replace(PASSING, **changes))


async def told(guard: Guard, status: Status) -> None:
    """The gate says how it is."""
    guard.gate.say(status)
    await guard.sees(lambda: guard.app.session.status == status)


async def says(guard: Guard, text: str) -> None:
    """The status line comes to say this."""
    await guard.sees(
        lambda: any(text in str(line.visual) for line in guard.app.screen.query(StatusLine))
    )


async def test_the_status_line_says_which_way_and_how_many(tmp_path: Path) -> None:
    async with a_guard(tmp_path, "en") as guard:
        await told(guard, a_status())
        await says(guard, "Way in")
        await says(guard, "Inside 123 / 300")
        await told(guard, a_status(limit=None, is_counted=False, is_followed=False))
        await says(guard, "Inside ≈123 ")
        await says(guard, "! People are only counted")


async def test_a_gate_without_a_direction_says_nothing_of_it(tmp_path: Path) -> None:
    async with a_guard(tmp_path, "en") as guard:
        await told(guard, STATUS)
        assert "Inside" not in guard.text("#status")
        await guard.press("f3", "f4")
        assert isinstance(guard.app.screen, IdleScreen)
        assert not guard.app.screen.query("#way, #inside")
        assert guard.gate.commands.empty()


@pytest.mark.parametrize("how", ["key", "tap"])
async def test_the_guard_turns_the_gate(tmp_path: Path, how: str) -> None:
    async with a_guard(tmp_path, "en") as guard:
        await told(guard, a_status())
        await (guard.press("f3") if how == "key" else guard.tap("#way"))
        command = guard.gate.next(Turn)
        assert command.direction is OUT
        guard.gate.answer(command)
        await told(guard, a_status(direction=OUT))
        await says(guard, "Way out")
        await guard.press("f3")
        assert guard.gate.next(Turn).direction is IN


async def test_a_gate_for_one_way_is_not_turned(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await told(guard, a_status(can_turn=False))
        await guard.press("f3")
        assert not guard.app.screen.query("#way")
        assert guard.gate.commands.empty()


async def test_the_guard_says_how_many_are_inside(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await told(guard, a_status())
        await guard.tap("#inside")
        await guard.sees_screen(InsideScreen)
        await guard.press("1", "x", "2", "3", "backspace")
        await guard.tap("#key-4")
        await guard.tap("#key-enter")
        command = guard.gate.next(CountInside)
        assert command.number == 124
        guard.gate.answer(command)
        await guard.sees_screen(IdleScreen)


async def test_a_number_that_could_not_be_recorded_stays_to_be_typed(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await told(guard, a_status())
        await guard.press("f4", "0", "enter")
        guard.gate.answer(guard.gate.next(CountInside), ErrorCode.CANNOT_RECORD)
        await guard.sees(lambda: guard.app.session.problem == "error.cannot_record")
        assert isinstance(guard.app.screen, InsideScreen)
        await guard.press("escape")
        await guard.sees_screen(IdleScreen)


async def test_nothing_typed_is_no_number(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await told(guard, a_status())
        await guard.press("f4", "enter")
        assert isinstance(guard.app.screen, InsideScreen)
        assert guard.gate.commands.empty()


async def test_the_next_person_comes_before_the_number(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await told(guard, a_status())
        await guard.press("f4", "1")
        await guard.hears(Idle())
        assert isinstance(guard.app.screen, InsideScreen)
        await guard.hears(a_verdict())
        await guard.sees_screen(VerdictScreen)


async def test_who_leaves_is_told_with_the_time_inside(tmp_path: Path) -> None:
    async with a_guard(tmp_path, "en") as guard:
        await guard.hears(
            a_verdict(reasons=(Reason.EXIT_WITHOUT_ENTRY,), direction=OUT, dwell_s=7300)
        )
        await guard.sees_screen(VerdictScreen)
        assert "Way out" in guard.text("#facts")
        assert "Was inside for 2 hours" in guard.text("#facts")
        assert "Leaves without a recorded entry" in guard.text("#facts")
