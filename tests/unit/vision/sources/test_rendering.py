"""The simulated camera's pictures: alike for equal scenes, and readable."""

import numpy as np
import pytest

from scanner.domain.errors import CameraError
from scanner.vision.frames import Grey
from scanner.vision.reader import QrReader
from scanner.vision.sources.motion import ARRIVAL_S
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Condition, Medium, Scene
from tests.vision_builders import a_text

FPS = 15
ARRIVED = round(ARRIVAL_S * FPS) + 1


def rendered(scene: Scene, number: int, size: tuple[int, int] = (1280, 720)) -> Grey:
    return SceneRenderer(*size).render(scene, number / FPS, number)


def texts(grey: Grey) -> list[str]:
    return [code.text for code in QrReader().read(grey)]


@pytest.mark.parametrize("length", [12, 600])
@pytest.mark.parametrize("condition", Condition)
@pytest.mark.parametrize("medium", [Medium.PHONE, Medium.PAPER])
def test_every_scene_is_read_in_one_of_any_three_frames(
    medium: Medium, condition: Condition, length: int
) -> None:
    renderer = SceneRenderer(1280, 720)
    for seed in range(3):
        scene = Scene(text=a_text(length), medium=medium, condition=condition, seed=seed)
        read = [
            scene.text in texts(renderer.render(scene, number / FPS, number))
            for number in range(ARRIVED, ARRIVED + 12)
        ]
        assert all(any(read[start : start + 3]) for start in range(10))


def test_a_clean_dense_code_has_three_to_five_pixels_per_module() -> None:
    scene = Scene(text=a_text(600), medium=Medium.PHONE, seed=2)
    [code] = QrReader().read(rendered(scene, 20))
    assert 3 <= code.px_per_module <= 5


def test_equal_arguments_give_equal_frames() -> None:
    scene = Scene(text="SAME", medium=Medium.PHONE, seed=3)
    assert np.array_equal(rendered(scene, 9), rendered(scene, 9))


def test_the_hand_is_never_quite_still() -> None:
    scene = Scene(text="STILL", medium=Medium.PAPER)
    [before], [later] = (QrReader().read(rendered(scene, number)) for number in (20, 24))
    assert before.corners != later.corners
    assert np.allclose(before.corners, later.corners, atol=40)


def test_the_code_is_still_on_its_way_at_first() -> None:
    assert texts(rendered(Scene(text=a_text(600), medium=Medium.PHONE), 0)) == []


@pytest.mark.parametrize("medium", Medium)
def test_without_a_text_there_is_no_code(medium: Medium) -> None:
    assert texts(rendered(Scene(medium=medium), 20)) == []


def test_the_empty_gate_is_a_picture_with_noise() -> None:
    first, second = rendered(Scene(), 0), rendered(Scene(), 1)
    assert first.shape == (720, 1280)
    assert first.std() > 10
    assert 0.5 < np.abs(first.astype(int) - second).mean() < 10


@pytest.mark.parametrize("size", [(640, 480), (1920, 1080), (320, 240), (33, 17)])
def test_any_frame_size_can_be_asked_for(size: tuple[int, int]) -> None:
    scene = Scene(text="SIZE", medium=Medium.PHONE)
    assert rendered(scene, 12, size).shape == size[::-1]


def test_the_code_is_read_at_640x480_too() -> None:
    scene = Scene(text=a_text(300), medium=Medium.PHONE)
    assert texts(rendered(scene, 12, (640, 480))) == [scene.text]


def test_a_text_beyond_any_qr_code_is_refused() -> None:
    with pytest.raises(CameraError, match="too long for a QR code"):
        rendered(Scene(text="é" * 4000, medium=Medium.PHONE), 0)
