"""The outlines that tell a decision without colour or language, drawn without any font."""

import math
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

from scanner.kiosk.presentation import Shape

_OVERSAMPLE: Final = 4
_INK: Final = 255
_GROUND: Final = 0

Point = tuple[float, float]
Pen = ImageDraw.ImageDraw


def draw(shape: Shape, edge: int) -> Image.Image:
    """The shape in a square of `edge` pixels: mode L, 255 where there is ink."""
    edge = max(edge, 1)
    large = edge * _OVERSAMPLE
    canvas = Image.new("L", (large, large), _GROUND)
    _DRAWINGS[shape](ImageDraw.Draw(canvas), large)
    return canvas.resize((edge, edge), Image.Resampling.BOX)


def _tick_in_disc(pen: Pen, edge: int) -> None:
    pen.ellipse((0, 0, edge - 1, edge - 1), fill=_INK)
    tick = _scaled([(0.24, 0.53), (0.43, 0.71), (0.77, 0.33)], edge)
    _stroke(pen, tick, 0.13 * edge)


def _bang_in_triangle(pen: Pen, edge: int) -> None:
    _triangle(pen, edge)
    _bang(pen, edge, top=0.36, bottom=0.86)


def _thermometer_in_triangle(pen: Pen, edge: int) -> None:
    _triangle(pen, edge)
    pen.line(_scaled([(0.5, 0.36), (0.5, 0.78)], edge), fill=_GROUND, width=round(0.09 * edge))
    _dot(pen, edge, (0.5, 0.36), 0.045)
    _dot(pen, edge, (0.5, 0.81), 0.085)
    for y in (0.44, 0.53, 0.62):
        tick = _scaled([(0.56, y), (0.63, y)], edge)
        pen.line(tick, fill=_GROUND, width=round(0.025 * edge))


def _cross_in_octagon(pen: Pen, edge: int) -> None:
    corners = [
        (
            0.5 + 0.5 * math.cos(math.radians(22.5 + 45 * n)) / math.cos(math.radians(22.5)),
            0.5 + 0.5 * math.sin(math.radians(22.5 + 45 * n)) / math.cos(math.radians(22.5)),
        )
        for n in range(8)
    ]
    pen.polygon(_scaled(corners, edge), fill=_INK)
    _stroke(pen, _scaled([(0.3, 0.3), (0.7, 0.7)], edge), 0.13 * edge)
    _stroke(pen, _scaled([(0.3, 0.7), (0.7, 0.3)], edge), 0.13 * edge)


def _bang_in_square(pen: Pen, edge: int) -> None:
    inset = 0.05 * edge
    pen.rounded_rectangle((inset, inset, edge - inset, edge - inset), 0.1 * edge, fill=_INK)
    _bang(pen, edge, top=0.2, bottom=0.82)


def _triangle(pen: Pen, edge: int) -> None:
    corners = [(0.5, 0.07), (0.97, 0.91), (0.03, 0.91)]
    pen.polygon(_scaled(corners, edge), fill=_INK)


def _bang(pen: Pen, edge: int, *, top: float, bottom: float) -> None:
    """An exclamation mark that tapers downwards, with a round dot."""
    height = bottom - top
    bar = [(0.42, top), (0.58, top), (0.54, top + 0.62 * height), (0.46, top + 0.62 * height)]
    pen.polygon(_scaled(bar, edge), fill=_GROUND)
    _dot(pen, edge, (0.5, bottom - 0.12 * height), 0.12 * height)


def _dot(pen: Pen, edge: int, centre: Point, radius: float) -> None:
    x, y, r = centre[0] * edge, centre[1] * edge, radius * edge
    pen.ellipse((x - r, y - r, x + r, y + r), fill=_GROUND)


def _stroke(pen: Pen, points: list[Point], width: float) -> None:
    """A line with round ends and joints, in the ground's colour."""
    pen.line(points, fill=_GROUND, width=round(width))
    for x, y in points:
        half = width / 2
        pen.ellipse((x - half, y - half, x + half, y + half), fill=_GROUND)


def _scaled(points: list[Point], edge: int) -> list[Point]:
    return [(x * edge, y * edge) for x, y in points]


_DRAWINGS: Final[dict[Shape, Callable[[Pen, int], None]]] = {
    Shape.TICK_IN_DISC: _tick_in_disc,
    Shape.BANG_IN_TRIANGLE: _bang_in_triangle,
    Shape.THERMOMETER_IN_TRIANGLE: _thermometer_in_triangle,
    Shape.CROSS_IN_OCTAGON: _cross_in_octagon,
    Shape.BANG_IN_SQUARE: _bang_in_square,
}
