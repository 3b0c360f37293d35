"""What a person holds before the lens, drawn flat: a phone or a sheet of paper, and the hand."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import zxingcpp

from scanner.domain.errors import CameraError
from scanner.vision.frames import Grey
from scanner.vision.sources.stage import Condition, Medium, Scene

CODE_SIDE: Final = 340
"""Side of the drawn code without its quiet zone: 4 pixels per module for 600 characters."""

_SKIN: Final = 158
_QUIET_MODULES: Final = 4
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """A flat picture that covers what is behind it; sizes are pixels of a 720-line frame.

    Attributes:
        grey: `(H, W) uint8`, already multiplied by its cover.
        uncovered: `(H, W) uint8`, how much shines through: 255 all, 0 nothing.
        own_light: `(H, W) uint8`, how much of it has the light of `Scene.card_ev`: 255 for the
            screen of a phone, or all of a sheet and the hand.
        anchor: `(x, y)` of the point that is held before the lens: the middle of the code.
    """

    grey: Grey
    uncovered: Grey
    own_light: Grey
    anchor: tuple[int, int]


def draw_card(scene: Scene) -> Card | None:
    """The card of a scene, or None for the empty gate.

    Raises:
        CameraError: the text is too long for any QR code.
    """
    if scene.medium is Medium.NONE:
        return None
    code = None if scene.text is None else draw_code(scene.text)
    sheet = _Sheet(scene.seed)
    anchor = sheet.phone(code) if scene.medium is Medium.PHONE else sheet.paper(code)
    if scene.condition is Condition.GLARE:
        sheet.shine(anchor)
    return sheet.card(anchor)


def draw_code(text: str) -> Grey:
    """A QR code with its quiet zone, `(H, H) uint8`, of side `CODE_SIDE` without the zone.

    Raises:
        CameraError: the text is too long for any QR code.
    """
    for level in ("M", "L"):
        try:
            barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
        except ValueError:
            continue
        modules = np.array(barcode.to_image(scale=8, add_quiet_zones=False), dtype=np.uint8)
        zone = CODE_SIDE * _QUIET_MODULES // (modules.shape[0] // 8)
        code = cv2.resize(modules, (CODE_SIDE, CODE_SIDE), interpolation=cv2.INTER_AREA)
        bordered = cv2.copyMakeBorder(code, zone, zone, zone, zone, cv2.BORDER_CONSTANT, value=255)
        return np.asarray(bordered, dtype=np.uint8)
    raise CameraError("The scene's text is too long for a QR code.", "Use a shorter one.")


class _Sheet:
    """Canvas and cover that a card is drawn on, from the back to the front."""

    WIDTH, HEIGHT = 860, 1240

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._canvas: Grey = np.zeros((self.HEIGHT, self.WIDTH), np.uint8)
        self._cover: Grey = np.zeros_like(self._canvas)
        self._screen: Grey | None = None

    def phone(self, code: Grey | None) -> tuple[int, int]:
        """Draw a hand that holds a phone; the middle of the code."""
        left, top, right, bottom = 168, 60, 592, 930
        middle = ((left + right) // 2, top + 375)
        self._forearm((470, 760), (690, 1230), 105)
        self._rounded((left, top, right, bottom), 54, 96)
        self._rounded((left + 3, top + 3, right - 3, bottom - 3), 52, 24)
        screen = (left + 14, top + 14, right - 14, bottom - 14)
        self._rounded(screen, 42, 240)
        self._screen = np.zeros_like(self._canvas)
        self._screen[screen[1] : screen[3], screen[0] : screen[2]] = 255
        self._rounded((middle[0] - 44, top + 24, middle[0] + 44, top + 44), 10, 20)
        self._label("10:24", (left + 40, top + 44), 0.5, 60)
        self._rounded((right - 74, top + 30, right - 44, top + 44), 4, 90)
        self._flat((screen[0], top + 66, screen[2], top + 122), 118)
        self._label("HEALTH PASS", (left + 96, top + 104), 0.9, 246, 2)
        self._place(code, middle)
        self._text_lines((left + 60, top + 604, right - 60, top + 690))
        self._rounded((left + 46, top + 730, right - 46, top + 786), 26, 128)
        for height in (500, 578, 656, 730):
            self._finger((left - 14, height), (30, 37), int(self._random.integers(-8, 9)))
        self._finger((right + 4, 760), (40, 116), 24)
        return middle

    def paper(self, code: Grey | None) -> tuple[int, int]:
        """Draw a hand that holds a sheet of paper; the middle of the code."""
        left, top, right, bottom = 70, 60, 690, 940
        middle = ((left + right) // 2, top + 375)
        self._forearm((560, 930), (700, 1230), 120)
        self._flat((left, top, right, bottom), 214)
        self._label("COMMUNITY PASS", (left + 150, top + 84), 1.1, 60, 3)
        self._text_lines((left + 60, top + 120, right - 60, top + 160))
        self._place(code, middle, white=222, black=38)
        self._text_lines((left + 60, top + 610, right - 60, top + 760))
        cv2.circle(self._canvas, (right - 150, bottom - 110), 62, 150, 5, cv2.LINE_AA)
        fold = (top + bottom) // 2 + 160
        cv2.line(self._canvas, (left, fold), (right, fold + 4), 200, 2, cv2.LINE_AA)
        self._finger((right + 6, top + 590), (78, 36), -14)
        return middle

    def shine(self, anchor: tuple[int, int]) -> None:
        """A lamp mirrors in the surface and washes a part of the code out."""
        place = (anchor[0] + int(self._random.integers(-150, 150)), anchor[1] - 190)
        light = np.zeros_like(self._canvas)
        cv2.ellipse(light, place, (190, 70), -25, 0, 360, 170, -1)
        light = np.minimum(_softened(light, 38), self._cover)
        self._canvas = np.asarray(cv2.add(self._canvas, light), dtype=np.uint8)

    def card(self, anchor: tuple[int, int]) -> Card:
        """What was drawn, with the shadow that it casts."""
        aside = np.array([[1, 0, 10], [0, 1, 14]], dtype=np.float32)
        shadow = cv2.warpAffine(_softened(self._cover, 16), aside, (self.WIDTH, self.HEIGHT))
        uncovered = np.bitwise_not(np.maximum(shadow // 2, self._cover))
        grey = cv2.bitwise_and(self._canvas, self._cover)
        own_light = self._cover if self._screen is None else self._screen
        return Card(np.asarray(grey, dtype=np.uint8), uncovered, own_light, anchor)

    def _flat(self, box: _Box, value: int) -> None:
        left, top, right, bottom = box
        self._canvas[top:bottom, left:right] = value
        self._cover[top:bottom, left:right] = 255

    def _rounded(self, box: _Box, radius: int, value: int) -> None:
        left, top, right, bottom = box
        corners = np.array(
            [
                (left + radius, top + radius),
                (right - radius, top + radius),
                (right - radius, bottom - radius),
                (left + radius, bottom - radius),
            ],
            dtype=np.int32,
        )
        for picture, paint in ((self._canvas, value), (self._cover, 255)):
            cv2.fillConvexPoly(picture, corners, paint)
            cv2.polylines(picture, [corners], True, paint, 2 * radius, cv2.LINE_AA)

    def _place(
        self, code: Grey | None, middle: tuple[int, int], white: int = 250, black: int = 12
    ) -> None:
        if code is None:
            self._text_lines((middle[0] - 120, middle[1] - 100, middle[0] + 120, middle[1] + 60))
            return
        side = code.shape[0]
        left, top = middle[0] - side // 2, middle[1] - side // 2
        toned = black + code.astype(np.uint16) * (white - black) // 255
        self._canvas[top : top + side, left : left + side] = toned

    def _label(
        self, text: str, at: tuple[int, int], size: float, value: int, weight: int = 1
    ) -> None:
        cv2.putText(self._canvas, text, at, _FONT, size, value, weight, cv2.LINE_AA)

    def _text_lines(self, box: _Box) -> None:
        left, top, right, bottom = box
        for line in range(top, bottom, 26):
            end = right - int(self._random.integers(0, (right - left) // 2))
            cv2.line(self._canvas, (left, line), (end, line), 120, 7, cv2.LINE_AA)

    def _forearm(self, wrist: tuple[int, int], elbow: tuple[int, int], width: int) -> None:
        for picture, paint in ((self._canvas, 128), (self._cover, 255)):
            cv2.line(picture, wrist, elbow, paint, width * 2, cv2.LINE_AA)
        sleeve = (wrist[0] + 110, wrist[1] + 230)
        cv2.line(self._canvas, sleeve, elbow, 58, width * 2, cv2.LINE_AA)

    def _finger(self, middle: tuple[int, int], half: tuple[int, int], degrees: int) -> None:
        """Round by shading: dark at the rim, lighter towards a highlight."""
        cv2.ellipse(self._cover, middle, half, degrees, 0, 360, 255, -1, cv2.LINE_AA)
        for share in np.linspace(1.0, 0.1, 16):
            size = (int(half[0] * share), int(half[1] * share))
            tone = int(_SKIN * (1.15 - 0.5 * share**3))
            cv2.ellipse(self._canvas, middle, size, degrees, 0, 360, tone, -1, cv2.LINE_AA)


def _softened(picture: Grey, sigma: float) -> Grey:
    """A wide blur, at a quarter of the size: nobody sees the difference, and it takes 1/16."""
    height, width = picture.shape
    small = cv2.resize(picture, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / 4)
    return np.asarray(cv2.resize(small, (width, height)), dtype=np.uint8)
