"""Hints on the wire: news only, none once a code is read."""

from scanner.domain.hints import Hint
from scanner.gate.framing import frame
from scanner.gate.guidance import Guidance
from scanner.gate.messages import HintShown, decode_event
from scanner.vision.frames import Frame, Grey
from scanner.vision.looks import Looks
from tests.hint_frames import Holder, a_scene, an_empty_gate


def shown(guidance: Guidance, grey: Grey, seconds: float, from_s: float) -> list[HintShown]:
    """The news while one picture stands before the camera, at ten frames a second."""
    looks, news = Looks(), []
    for number in range(round(seconds * 10)):
        at_s = from_s + number / 10
        measures = looks.look(Frame(grey, at_s, number))
        news += guidance.events(measures, at_s, is_wanted=True)
    return news


def test_a_hint_is_told_once() -> None:
    far = Holder(a_scene(), 0.25).frame()
    assert shown(Guidance(), far, 3, 10.0) == [HintShown(hint=Hint.CLOSER)]


def test_reading_ends_it_and_says_so_once() -> None:
    guidance = Guidance()
    shown(guidance, Holder(a_scene(), 0.25).frame(), 2, 10.0)
    assert guidance.events(None, 12.0, is_wanted=False) == [HintShown(hint=None)]
    assert guidance.events(None, 12.1, is_wanted=False) == []


def test_it_ends_when_nobody_is_there_any_more() -> None:
    guidance = Guidance()
    shown(guidance, Holder(a_scene(), 0.25).frame(), 2, 10.0)
    assert shown(guidance, an_empty_gate(), 3, 12.0) == [HintShown(hint=None)]


def test_an_empty_gate_is_no_news() -> None:
    assert shown(Guidance(), an_empty_gate(), 3, 10.0) == []


def test_hints_cross_the_socket() -> None:
    for event in (HintShown(hint=None), *(HintShown(hint=hint) for hint in Hint)):
        assert decode_event(frame(event)[4:]) == event
