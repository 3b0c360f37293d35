"""How many frames steering takes until a screen too bright, or a sheet too dark, is read."""

import statistics
import time

from scanner.vision.code_light import code_light
from scanner.vision.exposure import ExposureWatch
from scanner.vision.frames import Frame
from scanner.vision.measures import glance, measure
from scanner.vision.sources.simulated import LATENCY_FRAMES
from scanner.vision.sources.stage import Medium, Scene
from scanner.vision.wishes import Span
from tests.hint_frames import an_empty_gate
from tests.steered_gate import BEFORE, FPS, Gate, at_night

SEEDS = range(6)
FRAMES = 45
ROUNDS = 200
LIGHTS = {
    Medium.PHONE: (0.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
    Medium.PAPER: (0.0, -6.0, -7.0, -8.0, -9.0),
}


def run() -> None:
    """A line for each light: read of how many, by the camera alone and steered, after how long."""
    print(f"{FRAMES} frames at {FPS} a second; the lens follows after {LATENCY_FRAMES} frames")
    print(
        "card       EV against the hall   alone   steered   frames least median most   lowest bias"
    )
    for medium, lights in LIGHTS.items():
        for card_ev in lights:
            alone = [_read_after(seed, medium, card_ev, is_steered=False)[0] for seed in SEEDS]
            both = [_read_after(seed, medium, card_ev, is_steered=True) for seed in SEEDS]
            frames = sorted(first for first, _ in both if first is not None)
            took = (
                f"{frames[0]:5} {statistics.median(frames):6.1f} {frames[-1]:4}"
                if frames
                else f"{'-':>5} {'-':>6} {'-':>4}"
            )
            biases = [bias for _, gate in both for bias in gate.biases]
            farthest = max(biases, key=abs)
            of = len(SEEDS)
            print(
                f"{medium:10} {card_ev:+20.0f} {_count(alone):3} of {of} {len(frames):5} of {of}"
                f"   {took:>24} {farthest:+13.1f}"
            )
    _print_cost()


def _read_after(
    seed: int, medium: Medium, card_ev: float, *, is_steered: bool
) -> tuple[int | None, Gate]:
    gate = Gate(is_steered=is_steered)
    gate.read_after(Scene(seed=seed), BEFORE, since_s=9.0)
    return gate.read_after(at_night(seed, medium, card_ev), FRAMES), gate


def _count(found: list[int | None]) -> int:
    return sum(first is not None for first in found)


def _print_cost() -> None:
    """Of what steering adds: a measured place, and a frame of the empty gate."""
    empty = an_empty_gate()
    measures = measure(empty, glance(empty, 1.0), None)
    watch, span = ExposureWatch(), Span(-6.0, 6.0)
    frame = Frame(empty, 1.0, 0)
    place = _median_ms(lambda: code_light(empty, (400, 200, 760, 560)))
    looked = _median_ms(lambda: watch.look(frame, [], (), measures, span))
    not_due = _median_ms(lambda: watch.look(frame, [], (), None, span))
    print(
        f"ms: measuring a place {place:.3f}, empty gate with a look due {looked:.3f}, "
        f"without {not_due:.4f}"
    )


def _median_ms(call: object) -> float:
    assert callable(call)
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e3


if __name__ == "__main__":
    run()
