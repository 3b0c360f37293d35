"""Renders what the gate's camera would see: a hall, a person, and the card that they hold up."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from scanner.vision.frames import Grey
from scanner.vision.sources.cards import Card, draw_card
from scanner.vision.sources.light import exposed
from scanner.vision.sources.motion import Pose, arrived, pose_at, project
from scanner.vision.sources.stage import Condition, Scene

_LINES: Final = 720  # cards are drawn for a frame of this height
_NOISE_MARGIN: Final = 64
_AVERAGED_BELOW: Final = 0.7
_BRIGHTNESS: Final = {Condition.DIM: 0.34}
_NOISE: Final = {Condition.DIM: 5.0}


@dataclass(frozen=True, slots=True, eq=False)
class _Set:
    """All of a scene that does not change from frame to frame."""

    scene: Scene
    hall: Grey
    person: Grey
    card: Card | None
    light: Grey
    noise: tuple[Grey, Grey]


class SceneRenderer:
    """Frames of one size; everything that stays the same within a scene is drawn once."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._set: _Set | None = None

    def render(self, scene: Scene, since_s: float, number: int, bias_ev: float = 0.0) -> Grey:
        """One frame, `(height, width) uint8`: the same for the same arguments.

        Args:
            scene: what stands before the lens.
            since_s: seconds since it was put there; the card arrives in the first 0.3.
            number: of the frame; chooses its sensor noise.
            bias_ev: how much more light the camera takes than is right for the hall.

        Raises:
            CameraError: the scene's text is too long for a QR code.
        """
        if self._set is None or self._set.scene != scene:
            self._set = _draw_set(scene, self._size)
        now = self._set
        share = arrived(since_s)
        blend = cv2.addWeighted(now.person, share, now.hall, 1.0 - share, 0.0)
        frame: Grey = np.asarray(blend, dtype=np.uint8)
        own_light = None
        if now.card is not None:
            own_light = _put(now.card, pose_at(scene, since_s), frame, lit=bool(scene.card_ev))
        lit = cv2.multiply(frame, now.light, scale=1 / 255)
        soft = np.asarray(cv2.GaussianBlur(lit, (3, 3), 0.55), dtype=np.uint8)
        caught = exposed(soft, bias_ev, scene.card_ev, own_light)
        return _with_noise(caught, now.noise, number)


def _draw_set(scene: Scene, size: tuple[int, int]) -> _Set:
    hall = _draw_hall(scene.seed, size)
    card = draw_card(scene)
    return _Set(
        scene=scene,
        hall=hall,
        person=hall if card is None else _draw_person(hall, scene.seed),
        card=card,
        light=_draw_light(_BRIGHTNESS.get(scene.condition, 1.0), size),
        noise=_draw_noise(_NOISE.get(scene.condition, 2.5), scene.seed, size),
    )


def _put(card: Card, pose: Pose, frame: Grey, *, lit: bool = False) -> Grey | None:
    """Lay the card over the frame in its perspective, within the box that it touches.

    Returns:
        Where its own light falls, `(H, W) uint8`, if that was asked for and any of it is seen.
    """
    height, width = frame.shape
    lines, columns = card.grey.shape
    layers = [_smaller(layer, pose.scale) for layer in (card.grey, card.uncovered, card.own_light)]
    outline = np.array([(0, 0), (columns, 0), (columns, lines), (0, lines)], dtype=np.float64)
    seen = project((outline - card.anchor) / _LINES, pose, (width, height))
    left, top = np.clip(np.floor(seen.min(axis=0)), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(seen.max(axis=0)), 0, (width, height)).astype(int)
    if left >= right or top >= bottom:
        return None
    corner = np.array((left, top), dtype=np.float32)
    drawn = np.array((layers[0].shape[1] / columns, layers[0].shape[0] / lines))
    matrix = cv2.getPerspectiveTransform((outline * drawn).astype(np.float32), seen - corner)
    box = (int(right - left), int(bottom - top))
    grey = cv2.warpPerspective(layers[0], matrix, box, flags=cv2.INTER_LINEAR)
    uncovered = cv2.warpPerspective(layers[1], matrix, box, borderValue=255)
    smear = round(abs(pose.blur) * height)
    if smear > 1:
        grey = cv2.blur(grey, (smear, 1))
        uncovered = cv2.blur(uncovered, (smear, 1))
    behind = cv2.multiply(frame[top:bottom, left:right], uncovered, scale=1 / 255)
    frame[top:bottom, left:right] = cv2.add(behind, grey)
    if not lit:
        return None
    own_light = np.zeros_like(frame)
    own_light[top:bottom, left:right] = cv2.warpPerspective(layers[2], matrix, box)
    return own_light


def _smaller(layer: Grey, scale: float) -> Grey:
    """Averaged down for a card that is far away: a pixel of the sensor sees all of its modules."""
    if scale >= _AVERAGED_BELOW:
        return layer
    share = max(scale, 1 / 16)
    small = cv2.resize(layer, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _with_noise(frame: Grey, noise: tuple[Grey, Grey], number: int) -> Grey:
    """Add another cut of the scene's noise for each frame: drawing it anew would take 20 ms."""
    height, width = frame.shape
    top, left = number * 37 % _NOISE_MARGIN, number * 23 % _NOISE_MARGIN
    more, less = (part[top : top + height, left : left + width] for part in noise)
    return np.asarray(cv2.subtract(cv2.add(frame, more), less), dtype=np.uint8)


def _draw_hall(seed: int, size: tuple[int, int]) -> Grey:
    """A wall that darkens to the floor, a doorway, a pillar and lamps, all out of focus."""
    random = np.random.default_rng(seed ^ 0x9A11)
    width, height = 320, 180
    picture = np.repeat(np.linspace(150, 96, height)[:, None], width, axis=1).astype(np.uint8)
    floor = int(random.integers(130, 150))
    picture[floor:] = np.linspace(88, 62, height - floor)[:, None]
    door = int(random.integers(10, 90))
    cv2.rectangle(picture, (door, 40), (door + 62, floor), 188, -1)
    cv2.rectangle(picture, (door + 6, 46), (door + 56, floor), 206, -1)
    pillar = int(random.integers(210, 280))
    cv2.rectangle(picture, (pillar, 0), (pillar + 26, floor + 12), 74, -1)
    for lamp in range(int(random.integers(20, 60)), width, 90):
        cv2.ellipse(picture, (lamp, 14), (22, 5), 0, 0, 360, 246, -1)
    return _out_of_focus(picture, 3.0, size)


def _draw_person(hall: Grey, seed: int) -> Grey:
    """The same hall with head and shoulders of the one who holds the card."""
    random = np.random.default_rng(seed ^ 0xBEAD)
    picture = cv2.resize(hall, (320, 180), interpolation=cv2.INTER_AREA)
    middle = 160 + int(random.integers(74, 92)) * int(random.choice((-1, 1)))
    jacket, face, hair = int(random.integers(45, 105)), int(random.integers(120, 150)), 34
    cv2.ellipse(picture, (middle, 196), (88, 92), 0, 180, 360, jacket, -1)
    cv2.rectangle(picture, (middle - 14, 70), (middle + 14, 112), face - 24, -1)
    cv2.ellipse(picture, (middle, 50), (31, 40), 0, 0, 360, hair, -1)
    cv2.ellipse(picture, (middle, 57), (26, 33), 0, 0, 360, face, -1)
    cv2.rectangle(picture, (middle - 21, 66), (middle + 21, 86), 196, -1)
    height, width = hall.shape
    return _out_of_focus(np.asarray(picture, dtype=np.uint8), 2.2, (width, height))


def _out_of_focus(picture: Grey, blur: float, size: tuple[int, int]) -> Grey:
    soft = cv2.GaussianBlur(picture, (0, 0), blur)
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _draw_light(brightness: float, size: tuple[int, int]) -> Grey:
    """How much of the light arrives at each pixel: less towards the corners of the lens."""
    width, height = size
    x = np.linspace(-1, 1, width)[None, :]
    y = np.linspace(-1, 1, height)[:, None] * height / width
    return (255 * brightness * (1 - 0.28 * (x * x + y * y))).astype(np.uint8)


def _draw_noise(sigma: float, seed: int, size: tuple[int, int]) -> tuple[Grey, Grey]:
    """Sensor noise as what it adds and what it takes away, with a margin to cut from."""
    width, height = size
    shape = (height + _NOISE_MARGIN, width + _NOISE_MARGIN)
    noise = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32) * sigma
    more = np.clip(np.rint(noise), 0, 255).astype(np.uint8)
    less = np.clip(np.rint(-noise), 0, 255).astype(np.uint8)
    return more, less
