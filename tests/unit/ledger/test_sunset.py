import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.ledger.note import NoteError
from scanner.ledger.position import Position
from scanner.ledger.sunset import Sunset, claimed_device, make_certificate, verify_certificate
from tests.ledger_builders import NOON
from tests.sync_builders import a_device

DEVICE = a_device()
KEY = DEVICE.private_key.public_key()
END = Position(900, b"e" * 32)
NOTE = make_certificate(DEVICE, END, 890, 17, NOON)


def test_a_certificate_says_which_log_is_gone_and_what_the_hub_had_of_it() -> None:
    assert verify_certificate(NOTE, KEY) == Sunset(DEVICE.device_id, END, 890, 17, NOON)
    assert claimed_device(NOTE) == DEVICE.device_id


def test_only_the_device_can_have_signed_it() -> None:
    with pytest.raises(NoteError, match="not signed by that key"):
        verify_certificate(NOTE, a_device(2).private_key.public_key())


@pytest.mark.parametrize(("old", "new"), [("\n900\n", "\n901\n"), ("\n890\n", "\n900\n")])
def test_whatever_is_altered_no_longer_verifies(old: str, new: str) -> None:
    assert old in NOTE
    with pytest.raises(NoteError):
        verify_certificate(NOTE.replace(old, new), KEY)


@given(st.text(max_size=400) | st.integers(1, 300).map(lambda n: NOTE[n:]))
def test_anything_else_is_a_note_error(text: str) -> None:
    with pytest.raises(NoteError):
        verify_certificate(text, KEY)
