import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.ledger.note import NoteError
from scanner.ledger.position import Position
from scanner.ledger.receipt import Receipt, make_receipt, verify_receipt
from tests.ledger_builders import NOON
from tests.sync_builders import a_device

DEVICE = a_device()
KEY = DEVICE.private_key.public_key()
BEFORE, AFTER = Position(100, b"b" * 32), Position(164, b"a" * 32)
NOTE = make_receipt(DEVICE, BEFORE, AFTER, NOON)


def test_a_receipt_says_what_was_erased_and_where_the_chain_goes_on() -> None:
    receipt = verify_receipt(NOTE, KEY)
    assert receipt == Receipt(DEVICE.device_id, BEFORE, AFTER, NOON)
    assert (receipt.first, receipt.count) == (101, 64)


def test_only_the_device_can_have_signed_it() -> None:
    with pytest.raises(NoteError, match="not signed by that key"):
        verify_receipt(NOTE, a_device(2).private_key.public_key())


@pytest.mark.parametrize(
    ("old", "new"),
    [("101-164", "101-165"), ("101-164", "1-64"), ("\n64\n", "\n63\n"), ("T12:", "T13:")],
)
def test_whatever_is_altered_no_longer_verifies(old: str, new: str) -> None:
    assert old in NOTE
    with pytest.raises(NoteError):
        verify_receipt(NOTE.replace(old, new), KEY)


def test_a_receipt_over_nothing_is_none() -> None:
    with pytest.raises(NoteError):
        verify_receipt(make_receipt(DEVICE, AFTER, AFTER, NOON), KEY)


@given(st.text(max_size=400) | st.just(NOTE[:-10]) | st.integers(0, 300).map(lambda n: NOTE[n:]))
def test_anything_else_is_a_note_error(text: str) -> None:
    if text != NOTE:
        with pytest.raises(NoteError):
            verify_receipt(text, KEY)
