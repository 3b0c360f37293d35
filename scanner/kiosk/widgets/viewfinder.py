"""What the camera sees, in grey, with a frame round the code that is being read."""

from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from scanner.gate.messages import Preview
from scanner.kiosk.palette import AIM, NIGHT
from scanner.kiosk.pictures import Picture, Size
from scanner.kiosk.terminal import Display
from scanner.kiosk.widgets.pixel_pane import PixelPane

GREYS: Final = 15
MAX_SIZE: Final = (480, 360)
"""Larger pictures cost a Pi more than aiming is worth."""
_FRAME_PX: Final = 160
"""The frame's line is as wide as one part in so many of the picture's width."""
_PALETTE: Final = (*((n * 255 // (GREYS - 1),) * 3 for n in range(GREYS)), AIM)


class Viewfinder(PixelPane):
    """The newest preview.

    Args:
        display: how pictures get onto this screen.
        aim: the caption below the picture.
        empty: the caption while there is none.
    """

    def __init__(self, display: Display, aim: str, empty: str) -> None:
        super().__init__(display, NIGHT, widget_id="viewfinder")
        self._aim = aim
        self._empty = empty
        self._preview: Preview | None = None

    def show(self, preview: Preview) -> None:
        """Replace the picture; one whose size and bytes disagree is left out."""
        if 0 < preview.width * preview.height == len(preview.grey):
            self._preview = preview
            self.redraw()

    def caption(self) -> str:
        """What a person should do."""
        return self._aim if self._preview else self._empty

    def draw(self, size: Size) -> Picture | None:
        """The preview in 15 greys, as large as fits without growing beyond `MAX_SIZE`."""
        return viewfinder_picture(self._preview, size) if self._preview else None


def viewfinder_picture(preview: Preview, room: Size) -> Picture:
    """A preview scaled to its room, its proportions kept, the code framed."""
    scale = min(
        min(room[0], MAX_SIZE[0]) / preview.width, min(room[1], MAX_SIZE[1]) / preview.height
    )
    size = max(1, int(preview.width * scale)), max(2, int(preview.height * scale) // 6 * 6 or 2)
    grey = Image.frombytes("L", (preview.width, preview.height), preview.grey)
    small = np.asarray(grey.resize(size, Image.Resampling.BILINEAR), np.uint16)
    pixels = (small * GREYS // 256).astype(np.uint8)
    if len(preview.code) > 1:
        canvas = Image.fromarray(pixels)
        across, down = size[0] / preview.width, size[1] / preview.height
        corners = [(x * across, y * down) for x, y in preview.code]
        width = max(1, size[0] // _FRAME_PX)
        ImageDraw.Draw(canvas).line([*corners, corners[0]], fill=GREYS, width=width)
        pixels = np.asarray(canvas)
    return Picture(pixels, _PALETTE)
