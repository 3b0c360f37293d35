from scanner.kiosk.bursts import QUIET_S, SAME_BURST_S, Typing


def counted(times: list[float]) -> list[float]:
    """The keys that count, as the keyboard asks: on each key, and after each pause."""
    typing, kept, waiting = Typing(), [], None
    for at, following in zip(times, [*times[1:], float("inf")], strict=True):
        typing, counts = typing.key(at)
        if counts and waiting is not None:
            kept.append(waiting)
        waiting = at if typing.waiting else None
        if waiting is not None and following - at >= SAME_BURST_S:
            typing, waiting = typing.quiet(), None
            kept.append(at)
    return kept


def test_a_single_key_counts() -> None:
    assert counted([10.0]) == [10.0]


def test_fingers_count_each_time() -> None:
    times = [1.0, 1.08, 1.16, 1.9]
    assert counted(times) == times


def test_a_scanner_that_types_600_characters_counts_for_nothing() -> None:
    for gap_s in (0.0, 0.002, 0.016, 0.035):
        assert counted([5.0 + gap_s * number for number in range(601)]) == []


def test_the_enter_that_ends_a_scan_does_not_count_even_a_little_later() -> None:
    scan = [0.016 * number for number in range(100)]
    assert counted([*scan, scan[-1] + 0.2]) == []


def test_a_finger_counts_again_once_the_scanner_is_quiet() -> None:
    scan = [0.016 * number for number in range(100)]
    finger = scan[-1] + QUIET_S + 0.01
    assert counted([*scan, finger]) == [finger]


def test_a_key_that_waits_counts_when_the_next_one_is_a_fingers() -> None:
    typing, _ = Typing().key(1.0)
    typing, counts = typing.key(1.0 + 2 * SAME_BURST_S)
    assert counts
    assert typing.waiting
