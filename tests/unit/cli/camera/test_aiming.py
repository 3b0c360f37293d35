"""What the aiming aid says."""

import cv2
import numpy as np
import pytest

from scanner.cli.camera.aiming import Advice, Peaks, judge, of_fault
from scanner.cli.camera.screen import bar
from scanner.vision.faults import Fault
from scanner.vision.frames import Grey, QrText
from scanner.vision.reader import QrReader
from tests.vision_builders import a_code, a_frame_with, a_picture, a_text


def a_view(px_per_module: int, blur: float = 0.0) -> Grey:
    grey = a_frame_with(a_picture(a_text(100), px_per_module), 300, 40)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), blur) if blur else grey, dtype=np.uint8)


def read(grey: Grey) -> list[QrText]:
    return QrReader().read(grey)


def test_a_sharp_code_of_good_size_is_good() -> None:
    grey = a_view(4)
    sight = judge(grey, read(grey), Peaks())
    assert sight.advice is Advice.GOOD
    assert sight.px_per_module == pytest.approx(4, abs=0.2)


@pytest.mark.parametrize(
    ("side", "advice"), [(60, Advice.CLOSER), (300, Advice.GOOD), (620, Advice.FARTHER)]
)
def test_the_size_of_the_code_says_closer_or_farther(side: float, advice: Advice) -> None:
    assert judge(a_view(4), [a_code(300, 40, side)], Peaks()).advice is advice


def test_a_lens_that_was_sharper_before_is_told() -> None:
    sharp, soft = a_view(4), a_view(4, blur=1.5)
    code = read(sharp)
    best = judge(sharp, code, Peaks())
    after = judge(soft, code, best.peaks)
    assert after.advice is Advice.FOCUS
    assert after.focus < after.peak == pytest.approx(best.focus, rel=0.02)
    assert judge(sharp, code, after.peaks).advice is Advice.GOOD


def test_the_hall_is_not_compared_with_the_code() -> None:
    best = judge(a_view(4), read(a_view(4)), Peaks())
    empty = judge(np.full((720, 1280), 128, np.uint8), [], best.peaks)
    assert empty.advice is Advice.SHOW_A_CODE
    assert empty.peaks.scene == 0
    assert empty.peaks.code == best.peaks.code


@pytest.mark.parametrize(
    ("level", "advice"),
    [(20, Advice.MORE_LIGHT), (128, Advice.SHOW_A_CODE), (240, Advice.LESS_LIGHT)],
)
def test_light_comes_first(level: int, advice: Advice) -> None:
    assert judge(np.full((48, 64), level, np.uint8), [], Peaks()).advice is advice


def test_a_code_at_the_very_edge_is_judged_by_what_is_inside() -> None:
    assert judge(a_view(4), [a_code(1270, 710, 200)], Peaks()).focus >= 0
    assert judge(a_view(4), [a_code(-300, -300, 200)], Peaks()).focus >= 0


def test_every_fault_of_the_camera_has_its_advice() -> None:
    assert {of_fault(fault) for fault in Fault} == {
        Advice.NO_PICTURE,
        Advice.COVERED,
        Advice.FROZEN,
    }


def test_a_bar_is_full_at_the_peak_and_empty_without_one() -> None:
    assert bar(40, 40).startswith("█" * 30 + "|")
    assert bar(20, 40).startswith("█" * 15 + "·" * 15 + "| 20 of 40")
    assert bar(0, 0).startswith("·" * 30)
