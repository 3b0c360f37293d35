"""People without a code on the kiosk: taps and keys in, commands out, nothing kept."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.domain.walk_ins import PersonKind, TypedNumber, VisitorDetails
from scanner.gate.messages import ErrorCode, Idle, VerdictShown, WalkIn
from scanner.kiosk.app import KioskApp
from scanner.kiosk.forms import Field, Form
from scanner.kiosk.screens.form import FormScreen
from scanner.kiosk.screens.idle import IdleScreen
from scanner.kiosk.screens.party import PartyScreen
from scanner.kiosk.screens.verdict import VerdictScreen
from scanner.kiosk.screens.who import PEOPLE, WhoScreen
from scanner.kiosk.widgets.touch_button import TouchButton
from tests.integration.kiosk.test_app import STATUS, Guard, a_guard
from tests.unit.kiosk.builders import a_verdict

pytestmark = pytest.mark.anyio
CARD = "11010519491231002X"
ELDER = a_verdict(
    decision=Decision.CHECK,
    reasons=(Reason.TEMPERATURE_NEEDED, Reason.NO_CODE),
    asks=(Ask.TEMPERATURE,),
    final=False,
    person=PersonKind.ELDER,
)
SMALLEST = (8, 3)
"""Columns and rows of the smallest key: 12 by 10 mm on a 7-inch panel."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def a_typist(tmp_path: Path) -> AsyncIterator[Guard]:
    """A guard who takes long, before a gate that goes on telling that it is there."""

    async def beat(guard: Guard) -> None:
        while True:
            guard.gate.say(STATUS)
            await asyncio.sleep(0.5)

    async with a_guard(tmp_path) as guard:
        beating = asyncio.create_task(beat(guard))
        try:
            yield guard
        finally:
            beating.cancel()


@pytest.mark.parametrize(
    "person",
    [PersonKind.ELDER, PersonKind.CHILD, PersonKind.EMERGENCY],
)
async def test_two_taps_say_who_came(tmp_path: Path, person: PersonKind) -> None:
    async with a_typist(tmp_path) as guard:
        await guard.tap("#manual")
        await guard.sees_screen(WhoScreen)
        await guard.tap(f"#person-{person.value}")
        command = guard.gate.next(WalkIn)
        assert (command.person, command.number, command.visitor) == (person, None, None)
        guard.gate.say(ELDER)
        guard.gate.answer(command)
        await guard.sees_screen(VerdictScreen)
        assert guard.app.screen.query("#keypad")


async def test_a_second_tap_before_the_answer_is_the_same_person(tmp_path: Path) -> None:
    async with a_typist(tmp_path) as guard:
        await guard.press("f2", "1", "1", "2")
        command = guard.gate.next(WalkIn)
        assert guard.gate.commands.empty()
        guard.gate.answer(command, ErrorCode.CANNOT_RECORD)
        await guard.sees(lambda: guard.app.session.problem == "error.cannot_record")
        await guard.press("2")
        assert guard.gate.next(WalkIn).person is PersonKind.CHILD


async def test_a_card_number_is_sent_once_it_fits_and_then_forgotten(tmp_path: Path) -> None:
    async with a_typist(tmp_path) as guard:
        await guard.press("f2", "5")
        await guard.sees_screen(FormScreen)
        await guard.press(*"110105194912310021", "enter")
        assert "最后一位不符" in guard.text("#form-state")
        assert guard.gate.commands.empty()
        await guard.press("backspace", "x")
        await guard.tap("#enter")
        command = guard.gate.next(WalkIn)
        assert (command.person, command.number) == (PersonKind.RESIDENT_CARD, TypedNumber(CARD))
        guard.gate.say(ELDER)
        guard.gate.answer(command)
        await guard.sees_screen(VerdictScreen)
        await guard.sees(lambda: not _still_in_memory(CARD))


def _still_in_memory(text: str) -> bool:
    """Whether any form that this process can reach carries the text."""
    forms = [thing for thing in gc.get_objects() if isinstance(thing, Form)]
    return any(form.text(field) == text for form in forms for field in Field)


def typed(guard: Guard) -> str:
    """What stands in the number's field."""
    screen = guard.app.screen
    assert isinstance(screen, FormScreen)
    return screen.form.text(Field.NUMBER)


async def test_what_waits_for_an_answer_has_no_number(tmp_path: Path) -> None:
    async with a_typist(tmp_path) as guard:
        await guard.press("f2", "7", *"e12345678", "enter")
        assert guard.gate.next(WalkIn).number == TypedNumber("E12345678")
        (waiting,) = guard.app._unanswered.values()
        assert isinstance(waiting, WalkIn)
        assert (waiting.person, waiting.number) == (PersonKind.PASSPORT, None)


async def test_letters_have_a_page_and_permits_a_button(tmp_path: Path) -> None:
    async with a_typist(tmp_path) as guard:
        await guard.press("f2", "7")
        await guard.tap("#key-letters")
        await guard.tap("#key-E")
        await guard.tap("#key-digits")
        await guard.tap("#key-1")
        assert typed(guard) == "E1"
        await guard.tap("#taiwan_permit")
        await guard.sees(
            lambda: (
                isinstance(top := guard.app.screen, FormScreen)
                and top.form.person is PersonKind.TAIWAN_PERMIT
            )
        )
        assert typed(guard) == ""


async def test_every_key_is_large_enough_for_a_glove(tmp_path: Path) -> None:
    async with a_typist(tmp_path) as guard:
        for keys in (("f2",), ("7",)):
            await guard.press(*keys)
            await guard.sees(lambda: all(key.size for key in guard.app.screen.query(TouchButton)))
            await _keys_are_large(guard.app)
        await guard.tap("#key-letters")
        await guard.sees(lambda: any(key.size for key in guard.app.screen.query("#key-A")))
        await _keys_are_large(guard.app)


async def _keys_are_large(app: KioskApp) -> None:
    buttons = [*app.screen.query(TouchButton)]
    assert len(buttons) >= 12
    sizes = [(button.outer_size.width, button.outer_size.height) for button in buttons]
    assert min(width for width, _ in sizes) >= SMALLEST[0]
    assert min(height for _, height in sizes) >= SMALLEST[1]


async def test_a_visitor_is_a_host_and_a_phone(tmp_path: Path) -> None:
    async with a_typist(tmp_path) as guard:
        await guard.press("f2", "8", *"3-2-501", "enter", *"13800000000")
        await guard.tap("#field-name")
        await guard.press(*"li", "enter")
        command = guard.gate.next(WalkIn)
        assert command.visitor == VisitorDetails("3-2-501", "13800000000", "LI")
        assert command.person is PersonKind.VISITOR


async def test_without_a_sealing_key_nobody_types_for_nothing(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.hears(msgspec.structs.replace(STATUS, can_seal=False))
        guard.app.session.status = msgspec.structs.replace(STATUS, can_seal=False)
        await guard.press("f2", "8")
        assert guard.app.session.problem == "error.cannot_seal"
        assert isinstance(guard.app.screen, WhoScreen)


async def test_a_guardian_without_a_code_brings_three(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        await guard.press("f2", "4")
        await guard.sees_screen(PartyScreen)
        await guard.tap("#count-3")
        command = guard.gate.next(WalkIn)
        assert (command.person, command.dependants) == (PersonKind.GUARDIAN, 3)
        assert command.guardian is None


async def test_two_children_follow_a_green_code_after_its_screen_is_gone(tmp_path: Path) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(a_verdict())
        await guard.sees_screen(VerdictScreen)
        await guard.tap("#with_dependants")
        await guard.sees_screen(PartyScreen)
        await guard.hears(Idle())
        await guard.press("2")
        command = guard.gate.next(WalkIn)
        assert (command.person, command.dependants) == (PersonKind.DEPENDANT, 2)
        assert command.guardian == a_verdict().visit


@pytest.mark.parametrize(
    "verdict",
    [
        a_verdict(decision=Decision.CHECK, reasons=(Reason.COLOUR_YELLOW,)),
        a_verdict(decision=Decision.REFUSE, reasons=(Reason.COLOUR_RED,)),
        a_verdict(guard=GuardDecision.REFUSED_BY_GUARD),
        a_verdict(recorded=False),
        a_verdict(person=PersonKind.DEPENDANT, guard=GuardDecision.ADMITTED_BY_GUARD),
    ],
    ids=["yellow", "red", "refused", "unrecorded", "dependant"],
)
async def test_nobody_is_brought_by_whoever_is_not_in(
    tmp_path: Path, verdict: VerdictShown
) -> None:
    async with a_guard(tmp_path) as guard:
        guard.gate.say(verdict)
        await guard.sees_screen(VerdictScreen)
        assert not guard.app.screen.query("#with_dependants")
        await guard.press("f6")
        assert isinstance(guard.app.screen, VerdictScreen)


async def test_what_is_typed_outlasts_the_next_persons_verdict(tmp_path: Path) -> None:
    async with a_typist(tmp_path) as guard:
        await guard.press("f2", "5", *"1101")
        guard.gate.say(a_verdict())
        await guard.sees_screen(VerdictScreen)
        guard.gate.say(Idle())
        await guard.sees_screen(FormScreen)
        await guard.press("0")
        assert typed(guard) == "11010"
        await guard.press("escape")
        await guard.sees_screen(IdleScreen)


async def test_what_nobody_goes_on_typing_is_wiped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.kiosk.screens.form.FORGET_S", 0.3)
    async with a_guard(tmp_path) as guard:
        await guard.press("f2", "5", "1")
        await guard.sees_screen(FormScreen)
        await guard.sees(lambda: typed(guard) == "")


async def test_the_other_language_keeps_what_was_typed(tmp_path: Path) -> None:
    async with a_typist(tmp_path) as guard:
        await guard.press("f2", "5", *"99")
        assert "前两位不是省份代码" in guard.text("#form-state")
        await guard.press("f1")
        assert guard.text("#form-state").startswith("! First two digits")


def test_each_person_on_the_list_has_a_digit() -> None:
    assert len(PEOPLE) == 10
