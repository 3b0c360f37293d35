import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from scanner.ledger.checkpoint import cosign, make_checkpoint, verify_checkpoint, verify_cosignature
from scanner.ledger.device import Device
from scanner.ledger.note import NoteError
from scanner.ledger.position import Position

DEVICE = Device(Ed25519PrivateKey.from_private_bytes(bytes(32)))
PUBLIC = DEVICE.private_key.public_key()
HUB = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
NOW = datetime(2026, 11, 23, 8, 30, 15, 250_000, UTC)
POSITION = Position(42, bytes(range(32)))
NOTE = make_checkpoint(DEVICE, POSITION, NOW)


def test_the_note_has_the_form_of_a_c2sp_signed_note() -> None:
    name = f"checkpoint-gate/{DEVICE.device_id}"
    text = f"{name}\n42\n{base64.b64encode(POSITION.head).decode()}\n2026-11-23T08:30:15.250Z\n"
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + DEVICE.public_bytes).digest()[:4]
    signature = base64.b64encode(key_id + DEVICE.private_key.sign(text.encode())).decode()
    assert f"{text}\n— {name} {signature}\n" == NOTE


def test_what_was_signed_comes_back() -> None:
    body = verify_checkpoint(NOTE, PUBLIC)
    assert (body.device_id, body.position, body.at) == (DEVICE.device_id, POSITION, NOW)


def test_an_empty_log_has_a_checkpoint_too() -> None:
    note = make_checkpoint(DEVICE, Position(0, bytes(32)), NOW)
    assert verify_checkpoint(note, PUBLIC).seq == 0


def test_the_hub_signs_below_and_the_device_signature_still_holds() -> None:
    note = cosign(NOTE, "hub.example", HUB)
    assert verify_checkpoint(note, PUBLIC).position == POSITION
    verify_cosignature(note, "hub.example", HUB.public_key())


def test_a_countersignature_by_another_name_or_key_does_not_count() -> None:
    note = cosign(NOTE, "hub.example", HUB)
    for name, key in (("other.example", HUB), ("hub.example", DEVICE.private_key)):
        with pytest.raises(NoteError, match="not signed"):
            verify_cosignature(note, name, key.public_key())


def test_a_note_by_another_device_is_refused() -> None:
    with pytest.raises(NoteError, match="not signed"):
        verify_checkpoint(NOTE, HUB.public_key())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n42\n", "\n43\n"),
        ("\n42\n", "\n042\n"),
        ("\n42\n", "\n-42\n"),
        ("AAEC", "AQEC"),
        ("15.250Z", "16.250Z"),
        ("15.250Z", "15.250+00:00"),
        ("checkpoint-gate/d-", "checkpoint-gate/x-"),
        ("\n\n", "\n"),
        ("\n\n", "\nextension\n\n"),
    ],
)
def test_any_change_of_the_text_is_found(old: str, new: str) -> None:
    assert old in NOTE
    with pytest.raises(NoteError):
        verify_checkpoint(NOTE.replace(old, new, 1), PUBLIC)


def test_a_wrong_signature_beside_the_right_one_is_refused() -> None:
    forged = NOTE.splitlines()[-1]
    forged = forged[:-8] + ("AAAAAAA=" if not forged.endswith("AAAAAAA=") else "BAAAAAA=")
    with pytest.raises(NoteError):
        verify_checkpoint(f"{NOTE}{forged}\n", PUBLIC)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak"])
def test_a_name_that_would_break_the_note_is_refused(name: str) -> None:
    with pytest.raises(NoteError, match="name"):
        cosign(NOTE, name, HUB)


def test_a_huge_note_is_not_even_looked_at() -> None:
    with pytest.raises(NoteError, match="too long"):
        verify_checkpoint(NOTE + "x" * 5000, PUBLIC)


@given(st.text(max_size=300))
def test_any_text_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(NoteError):
        verify_checkpoint(text, PUBLIC)


@given(st.integers(0, len(NOTE) - 1), st.characters())
def test_one_changed_character_is_never_accepted_as_something_else(at: int, new: str) -> None:
    changed = NOTE[:at] + new + NOTE[at + 1 :]
    try:
        body = verify_checkpoint(changed, PUBLIC)
    except NoteError:
        return
    assert (body.position, body.at) == (POSITION, NOW)


def test_a_device_from_a_key_file_can_sign(tmp_path: Path) -> None:
    from scanner.ledger.device import load_or_create_device

    device = load_or_create_device(tmp_path / "device.pem")
    note = make_checkpoint(device, POSITION, NOW)
    assert verify_checkpoint(note, device.private_key.public_key()).device_id == device.device_id
