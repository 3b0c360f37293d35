"""The newest frame, kept at hand by a real thread while the source comes and goes."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scanner.domain.errors import CameraError
from scanner.vision.frames import DamagedFrameError, FrameSource, Grey
from scanner.vision.latest import MAX_DAMAGED, Exposure, LatestFrame
from scanner.vision.sources.simulated import SimulatedSource
from scanner.vision.wishes import CameraWishes, Span
from tests.vision_builders import ScriptedSource, unplugged


def pictures(count: int) -> list[Grey]:
    return [np.full((48, 64), 40 + number, np.uint8) for number in range(count)]


def in_turn(*sources: FrameSource | CameraError) -> Callable[[], FrameSource]:
    """Opens one after the other; a failure in the list is raised on opening."""
    left: Iterator[FrameSource | CameraError] = iter(sources)

    def open_next() -> FrameSource:
        source = next(left, None)
        if source is None:
            raise unplugged()
        if isinstance(source, CameraError):
            raise source
        return source

    return open_next


def quick(open_source: Callable[[], FrameSource]) -> LatestFrame:
    return LatestFrame(open_source, first_pause_s=0.01, longest_pause_s=0.02)


def until(condition: Callable[[], bool]) -> None:
    limit_s = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < limit_s, "never came true"
        time.sleep(0.002)


def camera_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "camera"]


def test_only_the_newest_frame_is_kept() -> None:
    with quick(in_turn(ScriptedSource(pictures(20)))) as latest:
        until(lambda: latest.finished)
        frame = latest.wait(None, timeout_s=1)
    assert frame is not None
    assert (frame.number, int(frame.grey[0, 0])) == (19, 59)


def test_waiting_returns_only_what_the_caller_has_not_seen() -> None:
    with quick(in_turn(ScriptedSource(pictures(5), period_s=0.03))) as latest:
        seen: list[int] = []
        while frame := latest.wait(seen[-1] if seen else None, timeout_s=1):
            seen.append(frame.number)
    assert seen == [0, 1, 2, 3, 4]


def test_waiting_ends_in_time_when_nothing_comes() -> None:
    with quick(in_turn()) as latest:
        began = time.monotonic()
        assert latest.wait(None, timeout_s=0.05) is None
        assert 0.04 < time.monotonic() - began < 1


def test_a_finished_source_does_not_turn_waiting_into_a_busy_loop() -> None:
    with quick(in_turn(ScriptedSource(pictures(1)))) as latest:
        until(lambda: latest.finished)
        began = time.monotonic()
        assert latest.wait(0, timeout_s=0.05) is None
        assert time.monotonic() - began > 0.04


def test_a_camera_that_was_unplugged_comes_back_and_its_frames_are_counted_on() -> None:
    before = ScriptedSource([*pictures(3), unplugged()])
    after = ScriptedSource(pictures(2))
    with quick(in_turn(before, unplugged(), unplugged(), after)) as latest:
        until(lambda: latest.finished)
        frame = latest.wait(None, timeout_s=1)
        assert latest.failure is None
    assert before.closed
    assert frame is not None
    assert frame.number == 4


def test_a_failure_is_told_until_frames_arrive_again() -> None:
    with quick(in_turn(ScriptedSource([*pictures(1), unplugged()]))) as latest:
        until(lambda: latest.failure is not None)
        assert "unplugged" in str(latest.failure)
        assert latest.age_s(time.monotonic()) is not None


def test_a_source_that_breaks_our_own_rules_is_survived() -> None:
    broken = ScriptedSource([ValueError("a driver's text")])
    with quick(in_turn(broken, ScriptedSource(pictures(1)))) as latest:
        until(lambda: latest.finished)
    assert broken.closed


def test_pauses_grow_while_the_camera_stays_away() -> None:
    tries: list[float] = []

    def open_nothing() -> FrameSource:
        tries.append(time.monotonic())
        raise unplugged()

    with LatestFrame(open_nothing, first_pause_s=0.02, longest_pause_s=0.08):
        until(lambda: len(tries) >= 5)
    pauses_s = np.diff(tries[:5])
    assert np.all(pauses_s > np.array([0.02, 0.04, 0.08, 0.08]) * 0.95)
    assert pauses_s.sum() < 2


def test_rate_and_age_are_those_of_the_source() -> None:
    with quick(in_turn(ScriptedSource(pictures(60), period_s=0.02))) as latest:
        assert latest.frames_per_s == 0
        assert latest.age_s(time.monotonic()) is None
        frame = latest.wait(20, timeout_s=5)
        assert frame is not None
        assert 10 < latest.frames_per_s < 55
        assert latest.age_s(frame.captured_s + 1.5) == pytest.approx(1.5, abs=0.2)


def damaged() -> DamagedFrameError:
    return DamagedFrameError("A picture was cut off.")


def test_damaged_frames_are_counted_and_the_source_stays_open() -> None:
    source = ScriptedSource([*pictures(2), damaged(), damaged(), *pictures(2)])
    with quick(in_turn(source)) as latest:
        until(lambda: latest.finished)
        figures = latest.figures
    assert (figures.delivered, figures.damaged, figures.failures) == (4, 2, 0)


@pytest.mark.parametrize(
    "garbage",
    [
        np.zeros((0, 0), np.uint8),
        np.zeros((4, 4, 3), np.uint8),
        np.zeros(9, np.uint8),
    ],
    ids=["empty", "colour", "one row"],
)
def test_what_is_no_grey_picture_never_reaches_a_reader(garbage: Grey) -> None:
    with quick(in_turn(ScriptedSource([garbage, *pictures(1), garbage]))) as latest:
        until(lambda: latest.finished)
        frame = latest.wait(None, timeout_s=1)
        assert latest.figures.damaged == 2
    assert frame is not None
    assert frame.grey.shape == (48, 64)


def test_a_source_that_delivers_nothing_but_damage_is_opened_anew() -> None:
    broken = ScriptedSource([damaged()] * (MAX_DAMAGED + 50))
    with quick(in_turn(broken, ScriptedSource(pictures(1)))) as latest:
        until(lambda: latest.finished)
        figures = latest.figures
    assert broken.closed
    assert (figures.delivered, figures.damaged, figures.failures) == (1, MAX_DAMAGED, 1)


def test_frames_that_nobody_asked_for_are_counted() -> None:
    with quick(in_turn(ScriptedSource(pictures(10)))) as latest:
        until(lambda: latest.finished)
        assert latest.wait(None, timeout_s=1) is not None
        figures = latest.figures
    assert (figures.delivered, figures.unseen) == (10, 9)


def test_a_reader_that_keeps_up_misses_none() -> None:
    with quick(in_turn(ScriptedSource(pictures(5), period_s=0.03))) as latest:
        last: int | None = None
        while frame := latest.wait(last, timeout_s=1):
            last = frame.number
        assert latest.figures.unseen == 0


def test_start_and_stop_may_be_called_twice_and_leave_no_thread(tmp_path: Path) -> None:
    latest = LatestFrame(
        lambda: SimulatedSource(tmp_path, CameraWishes(width=64, height=48, fps=100))
    )
    latest.stop()
    for _ in range(2):
        latest.start()
        latest.start()
        assert len(camera_threads()) == 1
        assert latest.wait(None, timeout_s=5) is not None
        latest.stop()
        latest.stop()
        assert camera_threads() == []


def test_stopping_does_not_wait_for_a_slow_source(tmp_path: Path) -> None:
    latest = LatestFrame(
        lambda: SimulatedSource(tmp_path, CameraWishes(width=64, height=48, fps=1))
    )
    latest.start()
    assert latest.wait(None, timeout_s=5) is not None
    began = time.monotonic()
    latest.stop()
    assert time.monotonic() - began < 0.5
    assert not latest.finished


def test_stopping_wakes_who_waits() -> None:
    latest = quick(in_turn())
    latest.start()
    threading.Timer(0.05, latest.stop).start()
    began = time.monotonic()
    assert latest.wait(None, timeout_s=10) is None
    assert time.monotonic() - began < 2


def test_the_thread_turns_the_dial_and_tells_what_the_source_made_of_it(tmp_path: Path) -> None:
    wishes = CameraWishes(width=64, height=48, fps=100)
    with LatestFrame(lambda: SimulatedSource(tmp_path, wishes)) as latest:
        usual = latest.wait(None, timeout_s=5)
        assert usual is not None
        assert latest.exposure == Exposure(Span(-6.0, 6.0), 0.0)
        latest.expose(-20.0)
        after, darker = usual.number, usual
        while darker.grey.mean() > 0.5 * usual.grey.mean():
            frame = latest.wait(after, timeout_s=5)
            assert frame is not None
            after, darker = frame.number, frame
        assert latest.exposure.bias_ev == -6.0


@pytest.mark.parametrize(
    "fixed", [CameraWishes(exposure_us=5_000), CameraWishes(steer_exposure=False)]
)
def test_where_the_settings_fix_the_exposure_nothing_can_be_asked_for(
    tmp_path: Path, fixed: CameraWishes
) -> None:
    wishes = replace(fixed, width=64, height=48, fps=100)
    with LatestFrame(lambda: SimulatedSource(tmp_path, wishes)) as latest:
        latest.expose(-2.0)
        assert latest.wait(None, timeout_s=5) is not None
        assert latest.wait(3, timeout_s=5) is not None
        assert latest.exposure == Exposure()
