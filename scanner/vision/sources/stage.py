"""What a director puts before the simulated camera: one small file in a folder, replaced whole."""

import os
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec

from scanner.domain.decoding import decode_json
from scanner.domain.errors import CameraError
from scanner.vision.frames import MAX_TEXT

STAGE_FILE: Final = "stage.json"
_MAX_BYTES: Final = 8 * MAX_TEXT


class Medium(StrEnum):
    """What carries the code; `NONE` is the empty gate."""

    PHONE = "phone"
    PAPER = "paper"
    NONE = "none"


class Condition(StrEnum):
    """How well the code is shown. A code of 600 characters can be read in every one of them."""

    CLEAN = "clean"
    DIM = "dim"
    TILTED = "tilted"
    FAR = "far"
    GLARE = "glare"


class Scene(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person at the gate.

    Attributes:
        text: what the QR code says; None for a person who holds something without a code.
        medium: what carries it.
        condition: how well it is shown.
        card_ev: how much more light comes from the card than from the hall, for which the camera's
            own exposure is right: +6 is a bright screen at night, -7 a sheet against the daylight.
        seed: which hand, which place, which background; equal scenes look alike.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT)] | None = None
    medium: Medium = Medium.NONE
    condition: Condition = Condition.CLEAN
    card_ev: Annotated[float, msgspec.Meta(ge=-10, le=10)] = 0.0
    seed: Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)] = 0


EMPTY_GATE: Final = Scene()


def write_stage(folder: Path, scene: Scene) -> None:
    """Put a scene before the lens; a reader sees the old one or this one, never a part."""
    data = msgspec.json.encode(scene)
    descriptor, temporary = tempfile.mkstemp(prefix=".stage-", dir=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(temporary).replace(folder / STAGE_FILE)


def read_stage(folder: Path) -> Scene:
    """The scene before the lens; the empty gate before the first one.

    Raises:
        CameraError: the file cannot be read, is too long, or is no scene.
    """
    path = folder / STAGE_FILE
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return EMPTY_GATE
    except OSError as error:
        raise CameraError(
            f"The scene {path} cannot be read: {error.strerror}.", "Start the demo again."
        ) from error
    try:
        if len(data) > _MAX_BYTES:
            raise ValueError
        return decode_json(data, Scene)
    except ValueError:  # what is undecodable too; its message may quote what the file says
        raise CameraError(f"{path} describes no scene.", "Start the demo again.") from None
