"""Which code is older than one that was shown, and what is remembered for that."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from scanner.domain.passes import (
    Colour,
    DependantRecord,
    Holder,
    IdKind,
    PassFormat,
    PassKind,
    Rejection,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.gate import newest
from scanner.gate.newest import KEPT_S, NewestCodes
from tests.builders import NOW, a_pass, a_verified_pass

MINUTE = timedelta(minutes=1)


def codes() -> NewestCodes:
    return NewestCodes(bytes(32))


def issued(minutes: float, **changes: Any) -> VerifiedPass:
    return a_verified_pass(issued_at=NOW + minutes * MINUTE, **changes)


def noted(*shown: VerifiedPass | Rejection) -> NewestCodes:
    memory = codes()
    for one in shown:
        memory.note(one, NOW, 0)
    return memory


def test_an_older_code_of_the_same_holder_is_superseded_whatever_the_colours() -> None:
    for older in Colour:
        for newer in Colour:
            memory = noted(issued(-5, colour=newer))
            assert memory.supersedes(issued(-6, colour=older))
            assert not memory.supersedes(issued(-5, colour=older))
            assert not memory.supersedes(issued(-4, colour=older))


def test_the_newest_counts_in_whatever_order_they_were_shown() -> None:
    memory = noted(issued(-5), issued(-9), issued(-7))
    assert memory.supersedes(issued(-6))
    assert len(memory) == 1


MINE = Holder("张*三", IdKind.RESIDENT_CARD, "123X")


@pytest.mark.parametrize(
    "changes",
    [
        {"holder": replace(MINE, masked_name="张*四")},
        {"holder": replace(MINE, id_suffix="1234")},
        {"holder": replace(MINE, id_kind=IdKind.PASSPORT)},
        {"holder": None},
        {"issuer": "46"},
        {"kind": PassKind.PAPER},
        {"household": "7"},
        {"dependant": DependantRecord("parent", "张*")},
        {"holder_key": bytes(32)},
        {"format": PassFormat("eu_dcc")},
        {"issued_at": None},
    ],
)
def test_nothing_else_is_the_same_holders(changes: dict[str, Any]) -> None:
    other = a_verified_pass(**{"issued_at": NOW - MINUTE, **changes})
    assert not noted(other).supersedes(issued(-9))
    older = a_verified_pass(**{"issued_at": NOW - 9 * MINUTE, **changes})
    assert not noted(issued(-1)).supersedes(older)


def test_a_phones_key_tells_holders_apart_and_the_name_does_not() -> None:
    memory = noted(issued(-1, holder_key=b"a" * 32))
    renamed = replace(MINE, masked_name="J***")
    assert memory.supersedes(issued(-2, holder_key=b"a" * 32, holder=renamed))
    assert memory.supersedes(issued(-2, holder_key=b"a" * 32, holder=None))
    assert not memory.supersedes(issued(-2, holder_key=b"b" * 32))


def test_a_code_without_a_holder_supersedes_nothing() -> None:
    memory = noted(issued(-1, holder=None))
    assert len(memory) == 0
    assert not memory.supersedes(issued(-2, holder=None))


@pytest.mark.parametrize(
    ("reasons", "counts"),
    [
        ((Reason.EXPIRED,), True),
        ((Reason.SCREENSHOT,), True),
        ((Reason.HOLDER_UNPROVEN,), True),
        ((Reason.WRONG_KEY_USAGE,), False),
        ((Reason.EXPIRED, Reason.WRONG_KEY_USAGE), False),
        ((Reason.NOT_YET_VALID,), False),
    ],
)
def test_what_the_issuer_has_proven_counts(reasons: tuple[Reason, ...], counts: bool) -> None:
    rejection = Rejection(reasons, proven=a_pass(issued_at=NOW - MINUTE))
    assert noted(rejection).supersedes(issued(-2)) is counts


def test_what_nobody_has_proven_counts_for_nothing() -> None:
    assert len(noted(Rejection((Reason.BAD_SIGNATURE,), identity=bytes(32)))) == 0


def test_a_code_from_the_future_supersedes_nothing() -> None:
    assert noted(issued(1)).supersedes(issued(0))
    assert not noted(issued(1.1)).supersedes(issued(0))


def test_an_expired_code_is_superseded_too() -> None:
    expired = Rejection((Reason.EXPIRED,), proven=a_pass(issued_at=NOW - 2 * MINUTE))
    assert noted(issued(-1)).supersedes(expired)


def test_a_holder_is_forgotten_a_day_after_the_last_code() -> None:
    memory = codes()
    other = replace(MINE, id_suffix="9999")
    memory.note(issued(-1), NOW, 0)
    memory.note(issued(-1, holder=other), NOW, 10)
    memory.note(issued(-2), NOW, 20)
    memory.note(issued(-1, holder=None), NOW, KEPT_S + 15)
    assert len(memory) == 1
    assert memory.supersedes(issued(-2))
    memory.note(issued(-1, holder=None), NOW, KEPT_S + 20)
    assert len(memory) == 0


def test_no_crowd_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "MOST", 100)
    memory = codes()
    for number in range(250):
        memory.note(issued(-1, holder=replace(MINE, id_suffix=f"{number:04}")), NOW, number)
    assert len(memory) == 100
    assert memory.supersedes(issued(-2, holder=replace(MINE, id_suffix="0249")))
    assert not memory.supersedes(issued(-2, holder=replace(MINE, id_suffix="0149")))


def test_the_memory_holds_no_names() -> None:
    memory = noted(issued(-1))
    held = repr(list(memory._newest.items()))
    for secret in ("张", "123X", "33"):
        assert secret.encode() not in b"".join(memory._newest)
        assert f"'{secret}'" not in held
    (digest,) = memory._newest
    elsewhere = NewestCodes(b"\1" * 32)
    elsewhere.note(issued(-1), NOW, 0)
    (other,) = elsewhere._newest
    assert digest != other
