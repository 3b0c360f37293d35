from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.errors import LedgerError
from scanner.domain.passes import Holder, IdKind
from scanner.domain.walk_ins import VisitorDetails
from scanner.ledger.seal import (
    Sealer,
    UnsealError,
    sealing_context,
    unseal,
    unseal_note,
    unseal_visitor,
)

HUB = X25519PrivateKey.generate()
SEALER = Sealer(HUB.public_key())
CONTEXT = sealing_context("d-0123456789abcdef", 7)
HOLDER = Holder("张*三", IdKind.RESIDENT_CARD, "123X")


@given(st.text(max_size=200), st.sampled_from(IdKind), st.text(max_size=8))
def test_the_hub_reads_what_the_gate_sealed(name: str, kind: IdKind, suffix: str) -> None:
    holder = Holder(name, kind, suffix)
    assert unseal(HUB, SEALER.seal(holder, CONTEXT), CONTEXT) == holder


def test_short_and_long_names_look_alike() -> None:
    lengths = {
        len(SEALER.seal(Holder(name, IdKind.HONG_KONG_MACAU_PERMIT, "1234"), CONTEXT))
        for name in ("李*", "欧阳*娜", "M* MUSTERMANN", "A" * 60)
    }
    assert len(lengths) == 1


def test_the_same_person_never_looks_the_same() -> None:
    assert SEALER.seal(HOLDER, CONTEXT) != SEALER.seal(HOLDER, CONTEXT)


@pytest.mark.parametrize(("device", "seq"), [("d-0123456789abcdef", 8), ("d-1", 7)])
def test_a_field_moved_to_another_entry_does_not_open(device: str, seq: int) -> None:
    with pytest.raises(UnsealError):
        unseal(HUB, SEALER.seal(HOLDER, CONTEXT), sealing_context(device, seq))


def test_another_hub_cannot_open_it() -> None:
    with pytest.raises(UnsealError):
        unseal(X25519PrivateKey.generate(), SEALER.seal(HOLDER, CONTEXT), CONTEXT)


@given(st.text(max_size=300))
def test_rubbish_does_not_open(rubbish: str) -> None:
    with pytest.raises(UnsealError):
        unseal(HUB, rubbish, CONTEXT)


def test_an_endless_field_does_not_open() -> None:
    with pytest.raises(UnsealError, match="too long"):
        unseal(HUB, "A" * 100_000, CONTEXT)


def test_the_sealing_key_is_read_from_pem(tmp_path: Path) -> None:
    path = tmp_path / "hub-sealing.pem"
    path.write_bytes(HUB.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert unseal(HUB, Sealer.from_pem(path).seal(HOLDER, CONTEXT), CONTEXT) == HOLDER


def test_a_key_of_another_kind_is_named_as_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "hub-sealing.pem"
    key = Ed25519PrivateKey.generate().public_key()
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(LedgerError, match="does not hold an X25519 public key"):
        Sealer.from_pem(path)
    path.write_bytes(b"rubbish")
    with pytest.raises(LedgerError, match="does not hold an X25519 public key"):
        Sealer.from_pem(path)
    with pytest.raises(LedgerError, match="cannot be read"):
        Sealer.from_pem(tmp_path / "absent.pem")


VISITOR = VisitorDetails("3-2-501", "13800000000", "张三")


def test_the_hub_reads_whom_a_visitor_visits() -> None:
    assert unseal_visitor(HUB, SEALER.seal_visitor(VISITOR, CONTEXT), CONTEXT) == VISITOR


def test_all_visitors_look_alike() -> None:
    longest = VisitorDetails("\N{CJK UNIFIED IDEOGRAPH-20000}" * 40, "1" * 15, '"' * 40)
    assert longest.is_complete
    sealed = {len(SEALER.seal_visitor(v, CONTEXT)) for v in (VISITOR, longest)}
    assert len(sealed) == 1


def test_a_visitor_does_not_open_as_a_holder_nor_in_another_entry() -> None:
    sealed = SEALER.seal_visitor(VISITOR, CONTEXT)
    with pytest.raises(UnsealError):
        unseal(HUB, sealed, CONTEXT)
    with pytest.raises(UnsealError):
        unseal_visitor(HUB, SEALER.seal(HOLDER, CONTEXT), CONTEXT)
    with pytest.raises(UnsealError):
        unseal_visitor(HUB, sealed, sealing_context("d-0123456789abcdef", 8))


def test_the_hub_reads_a_guards_note() -> None:
    sealed = SEALER.seal_note("水管工 for house 4", CONTEXT)
    assert unseal_note(HUB, sealed, CONTEXT) == "水管工 for house 4"


def test_a_note_is_no_holder_and_a_holder_no_note() -> None:
    with pytest.raises(UnsealError):
        unseal(HUB, SEALER.seal_note("plumber", CONTEXT), CONTEXT)
    with pytest.raises(UnsealError):
        unseal_note(HUB, SEALER.seal(HOLDER, CONTEXT), CONTEXT)
