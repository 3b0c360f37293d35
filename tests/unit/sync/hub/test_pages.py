import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.hub.pages import GateState, duration, view_entry, view_gate
from sync.hub.store.base import EntryRow, GateRow
from tests.ledger_builders import NOON

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def a_gate_row(*, seen_s_ago: float | None = 5, **changes: Any) -> GateRow:
    row = GateRow(
        device_id="d-0123456789abcdef",
        site="Riverside",
        gate="East gate",
        seen_at=None if seen_s_ago is None else NOON - timedelta(seconds=seen_s_ago),
        entries=12,
        last_seq=12,
        backlog=0,
        heads=1,
        quarantined=0,
        clock_offset_ms=0,
        retired=False,
    )
    return replace(row, **changes)


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def an_entry_row(**changes: Any) -> EntryRow:
    row = EntryRow(
        device_id="d-0123456789abcdef",
        site="Riverside",
        gate="East gate",
        branch=0,
        seq=3,
        head=b"h" * 32,
        received_at=NOON,
        readable=True,
        at=NOON,
        type="scan",
        decision="ADMIT",
        guard="",
        reasons=(),
        kind="dynamic",
        issuer="33",
        colour="green",
    )
    return replace(row, **changes)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (a_gate_row(), GateState.WELL),
        (a_gate_row(seen_s_ago=179), GateState.WELL),
        (a_gate_row(seen_s_ago=181), GateState.LATE),
        (a_gate_row(seen_s_ago=None), GateState.SILENT),
        (a_gate_row(retired=True), GateState.RETIRED),
    ],
)
def test_a_gate_is_late_after_three_missed_heartbeats(row: GateRow, state: GateState) -> None:
    assert view_gate(row, NOON, next_sync_s=60).state is state


def test_what_a_person_must_look_at_is_said() -> None:
    row = a_gate_row(heads=2, quarantined=3, clock_offset_ms=-7_200_000)
    assert view_gate(row, NOON, 60).warnings == (
        "forked log, 2 branches: a restored backup or a cloned card?",
        "3 unreadable",
        "clock off by 2 h",
    )
    assert view_gate(a_gate_row(clock_offset_ms=900), NOON, 60).warnings == ()


@pytest.mark.parametrize(
    ("changes", "word", "tone"),
    [
        ({}, "Admit", "admit"),
        ({"decision": "CHECK"}, "Check", "check"),
        ({"decision": "REFUSE"}, "Refuse", "refuse"),
        ({"decision": "CHECK", "guard": "ADMITTED_BY_GUARD"}, "Admitted by guard", "admit"),
        ({"decision": "", "guard": "REFUSED_BY_GUARD"}, "Refused by guard", "refuse"),
        ({"decision": "", "type": "start"}, "Start", "plain"),
        ({"decision": "", "type": "trust"}, "Trust", "plain"),
        ({"decision": "", "type": "", "readable": False}, "Unreadable", "plain"),
    ],
)
def test_the_guards_word_stands_before_the_machines(
    changes: dict[str, object], word: str, tone: str
) -> None:
    view = view_entry(an_entry_row(**changes))
    assert (view.word, view.tone) == (word, tone)


def test_an_issuer_has_its_names_and_an_unknown_one_its_code() -> None:
    assert view_entry(an_entry_row()).issuer == "Zhejiang 浙江"
    assert view_entry(an_entry_row(issuer="99")).issuer == "99"


def test_an_entry_that_waited_for_the_network_says_so() -> None:
    assert view_entry(an_entry_row(at=NOON - timedelta(hours=3))).late == "+ 3 h"
    assert view_entry(an_entry_row(at=NOON - timedelta(seconds=30))).late == ""


@pytest.mark.parametrize(
    ("changes", "really"),
    [
        ({}, ""),
        ({"unsure": True}, "clock unsure"),
        ({"unsure": True, "earliest": NOON - MINUTE, "latest": NOON}, ""),
        ({"earliest": NOON - MINUTE, "latest": NOON}, ""),
        (
            {"earliest": NOON + 5 * HOUR, "latest": NOON + 5 * HOUR + MINUTE},
            "really 23 Nov 17:00:30 ± 30 s",
        ),
        (
            {"unsure": True, "earliest": NOON - 5 * HOUR, "latest": NOON + HOUR},
            "really 23 Nov 07:00 to 23 Nov 13:00",
        ),
        ({"unsure": True, "earliest": EPOCH, "latest": NOON}, "really before 23 Nov 12:00"),
        ({"earliest": NOON - 5 * HOUR, "latest": NOON + HOUR}, ""),
    ],
)
@pytest.mark.usefixtures("in_utc")
def test_a_wrong_or_unsure_time_is_told_with_the_true_one(
    changes: dict[str, object], really: str
) -> None:
    view = view_entry(an_entry_row(**changes))
    assert view.really == really
    assert view.time == "12:00:00", "what was written stays"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0 s"), (0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 d")],
)
def test_durations_are_rough(seconds: int, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def test_a_gate_that_has_erased_itself_is_told_apart_from_one_that_was_retired() -> None:
    gate = view_gate(a_gate_row(retired=True, erased_at=NOON - timedelta(days=3)), NOON, 60)
    assert gate.state is GateState.ERASED
    assert "certificate kept" in gate.seen
    assert gate.warnings == ()
    assert view_gate(a_gate_row(retired=True), NOON, 60).state is GateState.RETIRED
