"""The gate's time never runs backwards and says when it is unsure."""

from datetime import UTC, datetime, timedelta

from scanner.gate.instant import GateClock


def test_what_has_passed_is_a_floor_and_the_clock_is_then_unsure() -> None:
    clock = GateClock()
    assert clock.read().is_sure
    ahead = datetime.now(UTC) + timedelta(days=1)
    clock.has_passed(ahead)
    instant = clock.read()
    assert instant.at == ahead
    assert not instant.is_sure


def test_monotonic_time_goes_on_whatever_the_wall_clock_does() -> None:
    clock = GateClock()
    first = clock.read()
    clock.has_passed(datetime.now(UTC) + timedelta(days=1))
    second = clock.read()
    assert second.mono_s >= first.mono_s
    assert second.boot == first.boot


def test_a_clock_set_back_while_the_gate_runs_is_unsure_until_it_has_caught_up() -> None:
    nine = datetime(2026, 11, 23, 9, tzinfo=UTC)
    walls = iter([nine, nine - timedelta(hours=1), nine - timedelta(seconds=1), nine])
    clock = GateClock(lambda: next(walls))
    readings = [clock.read() for _ in range(4)]
    assert [reading.at for reading in readings] == [nine] * 4
    assert [reading.is_sure for reading in readings] == [True, False, False, True]
