"""What the agent does next: a pure state machine, without clock, network or chance.

`advance(state, event, jitter)` takes what happened and returns the new state and one action. The
rule behind every line: nothing that a hub, a proxy or a portal answers makes the gate drop an entry
or move its position forward; only an acknowledgement with the hub's own signature does.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from scanner.domain.trace import TraceKey
from scanner.ledger.position import Position
from sync.protocol import MAX_BATCH_BYTES, MAX_ENTRIES

BACKOFF_FIRST_S: Final = 2.0
BACKOFF_MAX_S: Final = 300.0
SLOW_FIRST_S: Final = 60.0
SLOW_MAX_S: Final = 3600.0
SHORTEST_WAIT_S: Final = 0.2
_SHORTEST_INTERVAL_S: Final = 1.0
_MAX_LINGER_S: Final = 300.0
_MAX_RELOCATIONS: Final = 2


class Condition(StrEnum):
    """How things stand, for the status line and the operator."""

    STARTING = "starting"
    SENDING = "sending"
    IDLE = "idle"
    OFFLINE = "offline"  # no connection to the hub's address
    CAPTIVE = "captive"  # something answers that is not the hub
    UNAVAILABLE = "unavailable"  # the hub, or the proxy before it, asks to come later
    REJECTED = "rejected"  # the hub did not take a batch, or its acknowledgement does not verify
    REFUSED = "refused"  # unknown gate, wrong key, or a protocol the hub does not speak
    RETIRED = "retired"
    CLOCK = "clock"  # the gate's clock is too far from the hub's
    GAP = "gap"  # the hub misses entries that are no longer here


@dataclass(frozen=True, slots=True)
class Woken:
    """A pause is over, or there are new entries."""


@dataclass(frozen=True, slots=True)
class Diverged:
    """The ledger here no longer has what was acknowledged: it was restored from a backup."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The hub's time, proven by its signature.

    Attributes:
        up_ms: middle of the exchange, milliseconds since our boot.
        at_ms: the hub's clock then, milliseconds since 1970.
        error_ms: give or take so much: half of the round trip, rounded up.
    """

    up_ms: int
    at_ms: int
    error_ms: int


@dataclass(frozen=True, slots=True)
class Acked:
    """The hub has committed up to `position`, proven by its signature.

    Attributes:
        queue: entries after it, as far as is known.
        trust: which trust repository the hub gives out, where it says so.
        measured: the hub's time; None when it was not signed.
        checkpoint: our note with the hub's signature below, both verified.
        trace_keys: with which the gate is to mark who came.
    """

    position: Position
    archived: Position
    next_sync_s: float
    linger_s: float
    max_entries: int
    max_bytes: int
    queue: int
    trust: str | None = None
    measured: Measured | None = None
    checkpoint: str = ""
    trace_keys: tuple[TraceKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """The newest entry that gate and hub both have."""

    position: Position


@dataclass(frozen=True, slots=True)
class PredecessorUnknown:
    """409: the hub does not know the entry before the batch."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """413."""


@dataclass(frozen=True, slots=True)
class ClockWrong:
    """401 with a good signature: the hub's clock is `offset` ahead of ours."""

    offset: timedelta


@dataclass(frozen=True, slots=True)
class Trouble:
    """Anything else. `retry_after_s` when the answer asked for a pause."""

    condition: Condition
    retry_after_s: float | None = None


Event = Woken | Diverged | Acked | Located | PredecessorUnknown | TooLarge | ClockWrong | Trouble


@dataclass(frozen=True, slots=True)
class Push:
    """Send what follows the acknowledged position; nothing there makes it a heartbeat."""


@dataclass(frozen=True, slots=True)
class Locate:
    """Ask for the newest common entry."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Pause; with `for_entries` a new entry ends it, after `linger_s` more to gather others."""

    seconds: float
    for_entries: bool = False
    linger_s: float = 0.0


Action = Push | Locate | Wait


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the agent remembers between two requests.

    Attributes:
        acked: None while it has to be located first.
        failures: since the last acknowledgement.
        relocations: 409s since the last acknowledgement.
        offset: what to add to our clock when signing; zero until the hub complains.
    """

    acked: Position | None
    next_sync_s: float
    condition: Condition = Condition.STARTING
    failures: int = 0
    relocations: int = 0
    linger_s: float = 0.5
    max_entries: int = MAX_ENTRIES
    max_bytes: int = MAX_BATCH_BYTES
    offset: timedelta = timedelta(0)


def advance(state: State, event: Event, jitter: float) -> tuple[State, Action]:
    """The next state and action. `jitter` is a fresh random number in [0, 1)."""
    match event:
        case Woken():
            return state, Locate() if state.acked is None else Push()
        case Diverged():
            return replace(state, acked=None), Locate()
        case Acked():
            return _acknowledged(state, event)
        case Located(position):
            return replace(state, acked=position, condition=Condition.SENDING), Push()
        case PredecessorUnknown():
            lost = replace(state, acked=None, relocations=state.relocations + 1)
            if lost.relocations > _MAX_RELOCATIONS:
                return _pause(lost, Trouble(Condition.REJECTED), jitter)
            return lost, Locate()
        case TooLarge():
            if state.max_entries == 1:
                return _pause(state, Trouble(Condition.REFUSED), jitter)
            return replace(state, max_entries=state.max_entries // 2), Push()
        case ClockWrong(offset):
            corrected = replace(state, offset=offset)
            if state.failures:
                return _pause(corrected, Trouble(Condition.CLOCK), jitter)
            return replace(corrected, failures=1), Locate() if state.acked is None else Push()
        case Trouble():
            return _pause(state, event, jitter)


def _acknowledged(state: State, event: Acked) -> tuple[State, Action]:
    told = replace(
        state,
        acked=event.position,
        failures=0,
        relocations=0,
        next_sync_s=min(max(event.next_sync_s, _SHORTEST_INTERVAL_S), SLOW_MAX_S),
        linger_s=min(max(event.linger_s, 0.0), _MAX_LINGER_S),
        max_entries=min(max(event.max_entries, 1), MAX_ENTRIES),
        max_bytes=min(max(event.max_bytes, 1), MAX_BATCH_BYTES),
        condition=Condition.SENDING if event.queue else Condition.IDLE,
    )
    if event.queue:
        return told, Push()
    return told, Wait(told.next_sync_s, for_entries=True, linger_s=told.linger_s)


def _pause(state: State, trouble: Trouble, jitter: float) -> tuple[State, Wait]:
    failed = replace(state, condition=trouble.condition, failures=state.failures + 1)
    if trouble.retry_after_s is not None:
        asked = min(max(trouble.retry_after_s, SHORTEST_WAIT_S), SLOW_MAX_S)
        return failed, Wait(asked * (1 + jitter / 10))
    if trouble.condition in _SLOW:
        return failed, Wait((0.5 + jitter / 2) * _doubled(SLOW_FIRST_S, state.failures, SLOW_MAX_S))
    full = jitter * _doubled(BACKOFF_FIRST_S, state.failures, BACKOFF_MAX_S)
    return failed, Wait(max(SHORTEST_WAIT_S, full))


# What no quick repetition mends: a person has to look.
_SLOW: Final = frozenset({Condition.REFUSED, Condition.RETIRED, Condition.GAP, Condition.CLOCK})


def _doubled(first: float, times: int, most: float) -> float:
    return min(most, first * 2.0 ** min(times, 30))
