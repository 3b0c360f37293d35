"""The whole loop on rendered frames: what cannot be read becomes readable by steering alone."""

from itertools import pairwise

import pytest

from scanner.vision.exposure import LINGER_S
from scanner.vision.faults import Fault
from scanner.vision.sources.stage import Medium, Scene
from tests.steered_gate import BEFORE, FPS, Gate, at_night

PHONE_WITHIN = 16
PAPER_WITHIN = 28


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("medium", "card_ev", "within"),
    [(Medium.PHONE, 7.0, PHONE_WITHIN), (Medium.PAPER, -8.0, PAPER_WITHIN)],
)
def test_what_the_cameras_own_exposure_loses_is_read_within_so_many_frames(
    medium: Medium, card_ev: float, within: int, seed: int
) -> None:
    scene = at_night(seed, medium, card_ev)
    left_alone, steered = Gate(is_steered=False), Gate()
    for gate in (left_alone, steered):
        gate.read_after(Scene(seed=seed), BEFORE, since_s=9.0)
    assert left_alone.read_after(scene, within + 1) is None
    read_after = steered.read_after(scene, within + 1)
    assert read_after is not None
    assert read_after <= within


def test_a_code_in_good_light_leaves_the_exposure_to_the_camera() -> None:
    for medium in (Medium.PHONE, Medium.PAPER):
        gate = Gate()
        assert gate.read_after(at_night(1, medium, 0.0), 20) is not None
        assert set(gate.biases) == {0.0}


def test_an_empty_gate_is_never_steered_and_no_way_home_looks_like_a_covered_lens() -> None:
    gate = Gate()
    gate.read_after(Scene(seed=1), 2 * FPS, since_s=9.0)
    assert set(gate.biases) == {0.0}
    assert gate.read_after(at_night(1, Medium.PHONE, 7.0), 30) is not None
    for _ in range(round((LINGER_S + 6) * FPS)):
        gate.read_after(Scene(seed=1), 1, since_s=9.0)
        assert gate.watch.fault is not Fault.BLACK
    assert gate.biases[-1] == 0.0
    ups = [later - sooner for sooner, later in pairwise(gate.biases) if later > sooner]
    assert ups
