"""Frames of a card before the gate's camera as hints need them: too near, too far, moving, dim."""

from dataclasses import replace

import cv2
import numpy as np

from scanner.vision.frames import Grey
from scanner.vision.sources import rendering
from scanner.vision.sources.motion import pose_at
from scanner.vision.sources.stage import Condition, Medium, Scene
from tests.vision_builders import a_text

SIZE = (1280, 720)
SETTLED_S = 1.0


def a_scene(
    seed: int = 1,
    medium: Medium = Medium.PHONE,
    condition: Condition = Condition.CLEAN,
    length: int = 600,
) -> Scene:
    return Scene(text=a_text(length, seed), medium=medium, condition=condition, seed=seed)


def an_empty_gate(seed: int = 1, number: int = 0) -> Grey:
    return rendering.SceneRenderer(*SIZE).render(Scene(seed=seed), SETTLED_S, number)


class Holder:
    """Somebody who holds up a card; the scene's hall, person and noise are drawn once.

    Args:
        scene: which card, which hall.
        scale: 1 at the usual distance, 2 at half of it.
        screen: the card's own brightness, 1 as drawn.
    """

    def __init__(self, scene: Scene, scale: float = 1.0, screen: float = 1.0) -> None:
        self._scene = scene
        self._scale = scale
        self._set = rendering._draw_set(scene, SIZE)
        card = self._set.card
        if card is not None and screen != 1.0:
            self._set = replace(self._set, card=replace(card, grey=times(card.grey, screen)))

    def frame(
        self, since_s: float = SETTLED_S, number: int = 0, offset: float = 0.0, smear_px: int = 0
    ) -> Grey:
        """One frame; `offset` in frame heights to the right, `smear_px` along that way."""
        pose = pose_at(self._scene, since_s)
        pose = replace(
            pose,
            scale=pose.scale * self._scale,
            x=pose.x + offset,
            blur=smear_px / SIZE[1] if smear_px else pose.blur,
        )
        grey = self._set.person.copy()
        if self._set.card is not None:
            rendering._put(self._set.card, pose, grey)
        lit = cv2.multiply(grey, self._set.light, scale=1 / 255)
        soft = np.asarray(cv2.GaussianBlur(lit, (3, 3), 0.55), dtype=np.uint8)
        return rendering._with_noise(soft, self._set.noise, number)

    def waving(self, since_s: float, number: int, speed_px_s: float, exposure_s: float) -> Grey:
        """One frame of a hand that moves to and fro at this speed, half a second each way."""
        way = abs((since_s % 1.0) - 0.5) - 0.25
        smear_px = max(round(speed_px_s * exposure_s), 1)
        return self.frame(SETTLED_S, number, speed_px_s / SIZE[1] * way, smear_px)


def times(grey: Grey, share: float) -> Grey:
    """Darker, without any new noise."""
    return np.asarray(cv2.convertScaleAbs(grey, alpha=share), dtype=np.uint8)


def in_the_dark(grey: Grey, share: float, number: int = 0) -> Grey:
    """What is left of the light, and the noise of a sensor at its highest gain."""
    noise = np.random.default_rng(number).normal(0, 1.5, grey.shape).astype(np.float32)
    lit = grey.astype(np.float32) * share + noise
    return np.asarray(np.clip(np.rint(lit), 0, 255), dtype=np.uint8)


def with_glare(grey: Grey, middle: tuple[int, int], half: tuple[int, int] = (120, 80)) -> Grey:
    """A lamp mirrors in the screen: all around `middle` is as light as the sensor goes."""
    light = np.zeros_like(grey)
    cv2.ellipse(light, middle, half, -25, 0, 360, 255, -1)
    return np.asarray(cv2.add(grey, cv2.GaussianBlur(light, (0, 0), 12)), dtype=np.uint8)


def through_a_dirty_lens(grey: Grey, sigma: float = 5.0) -> Grey:
    """Grease spreads the light: everything is soft, and black is no longer black."""
    soft = cv2.GaussianBlur(grey, (0, 0), sigma)
    return np.asarray(cv2.addWeighted(soft, 0.75, np.full_like(soft, 110), 0.25, 0), dtype=np.uint8)
