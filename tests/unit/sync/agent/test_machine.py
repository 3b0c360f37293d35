from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.ledger.position import Position
from sync.agent.machine import (
    Acked,
    Action,
    ClockWrong,
    Condition,
    Diverged,
    Event,
    Locate,
    Located,
    PredecessorUnknown,
    Push,
    State,
    TooLarge,
    Trouble,
    Wait,
    Woken,
    advance,
)

HERE = Position(10, b"h" * 32)
THERE = Position(60, b"t" * 32)


def a_state(**changes: Any) -> State:
    return replace(State(acked=HERE, next_sync_s=60), **changes)


def an_ack(queue: int = 0, next_sync_s: float = 60) -> Acked:
    return Acked(
        position=THERE,
        archived=HERE,
        next_sync_s=next_sync_s,
        linger_s=1,
        max_entries=500,
        max_bytes=262_144,
        queue=queue,
    )


@pytest.mark.parametrize(
    ("state", "event", "action", "condition"),
    [
        (a_state(), Woken(), Push(), Condition.STARTING),
        (a_state(acked=None), Woken(), Locate(), Condition.STARTING),
        (a_state(), Diverged(), Locate(), Condition.STARTING),
        (a_state(), an_ack(queue=3), Push(), Condition.SENDING),
        (a_state(), an_ack(), Wait(60, for_entries=True, linger_s=1), Condition.IDLE),
        (a_state(acked=None), Located(HERE), Push(), Condition.SENDING),
        (a_state(), PredecessorUnknown(), Locate(), Condition.STARTING),
        (a_state(), TooLarge(), Push(), Condition.STARTING),
        (a_state(), ClockWrong(timedelta(hours=8)), Push(), Condition.STARTING),
        (a_state(), Trouble(Condition.OFFLINE), Wait(1), Condition.OFFLINE),
        (a_state(failures=3), Trouble(Condition.CAPTIVE), Wait(8), Condition.CAPTIVE),
        (a_state(failures=30), Trouble(Condition.OFFLINE), Wait(150), Condition.OFFLINE),
        (a_state(), Trouble(Condition.UNAVAILABLE, 40), Wait(42), Condition.UNAVAILABLE),
        (a_state(), Trouble(Condition.UNAVAILABLE, 1e6), Wait(3780), Condition.UNAVAILABLE),
        (a_state(), Trouble(Condition.REFUSED), Wait(45), Condition.REFUSED),
        (a_state(failures=9), Trouble(Condition.RETIRED), Wait(2700), Condition.RETIRED),
    ],
)
def test_each_event_has_one_action(
    state: State, event: Event, action: Action, condition: Condition
) -> None:
    after, following = advance(state, event, 0.5)
    assert following == action
    assert after.condition is condition


def test_an_acknowledgement_forgets_all_failures_and_moves_the_position() -> None:
    state, _ = advance(a_state(failures=7, relocations=2), an_ack(), 0.5)
    assert (state.acked, state.failures, state.relocations) == (THERE, 0, 0)


def test_413_halves_the_batch_down_to_one_entry_and_then_slows_down() -> None:
    state, action, sizes = a_state(), Push(), []
    following: Action = action
    while isinstance(following, Push):
        state, following = advance(state, TooLarge(), 0.5)
        sizes.append(state.max_entries)
    assert sizes == [250, 125, 62, 31, 15, 7, 3, 1, 1]
    assert following == Wait(45)


def test_a_hub_that_never_knows_the_located_entry_is_not_asked_in_a_tight_loop() -> None:
    state: State = a_state()
    actions: list[Action] = []
    for _ in range(3):
        state, action = advance(state, PredecessorUnknown(), 0.5)
        actions.append(action)
        state, _ = advance(state, Located(HERE), 0.5)
    assert actions == [Locate(), Locate(), Wait(1)]


def test_a_clock_that_stays_wrong_waits_instead_of_hammering() -> None:
    state, first = advance(a_state(), ClockWrong(timedelta(hours=8)), 0.5)
    state, second = advance(state, ClockWrong(timedelta(hours=8)), 0.5)
    assert (first, second) == (Push(), Wait(0.75 * 120))
    assert state.offset == timedelta(hours=8)


def test_a_hub_cannot_ask_for_pauses_without_end_or_batches_without_limit() -> None:
    wild = Acked(THERE, HERE, 1e9, 1e9, 10**9, 10**9, 0)
    state, action = advance(a_state(), wild, 0.5)
    assert action == Wait(3600, for_entries=True, linger_s=300)
    assert (state.max_entries, state.max_bytes) == (500, 262_144)


CONDITIONS = st.sampled_from(Condition)
FAILURES = st.one_of(
    st.just(TooLarge()),
    st.builds(Trouble, CONDITIONS, st.none() | st.floats(0, 1e7)),
    st.builds(ClockWrong, st.timedeltas()),
    st.just(Woken()),
)


@given(st.lists(st.tuples(FAILURES, st.floats(0, 1, exclude_max=True))))
def test_no_failure_ever_moves_the_position(events: list[tuple[Event, float]]) -> None:
    state = a_state()
    for event, jitter in events:
        state, action = advance(state, event, jitter)
        assert state.acked == HERE
        if isinstance(action, Wait):
            assert 0 < action.seconds < 3961
            assert not action.for_entries
