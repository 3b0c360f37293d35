import msgspec

from scanner.gate.status import KeysTrouble
from scanner.kiosk.pictures import Font
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Display
from scanner.kiosk.widgets.status_line import status_text
from scanner.kiosk.words import speech
from tests.integration.kiosk.test_app import STATUS


def shown(**changes: object) -> str:
    font: Font | None = None
    session = Session(Display(), font, speech(("en", "zh_CN")))
    session.status = msgspec.structs.replace(STATUS, **changes)
    return status_text(session, 60).plain


def test_the_bundle_in_force_stands_beside_its_age() -> None:
    assert "(3.42)" in shown(keys_version="3.42")


def test_keys_that_do_not_come_are_told_in_words() -> None:
    assert "login page" in shown(keys_trouble=KeysTrouble.CAPTIVE)
    assert "New keys" not in shown()
