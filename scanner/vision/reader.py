"""The reader's two faces: single pictures, and the stream of a camera."""

import time
from typing import Final

from scanner.vision.cascade import Budget, look
from scanner.vision.engines import Engine, EngineName, open_engine
from scanner.vision.evidence import Evidence, Place
from scanner.vision.frames import Frame, Grey, QrText
from scanner.vision.stillness import Scene, has_stirred, looked_at

PICTURE_BUDGET_S: Final = 0.5
FRAME_BUDGET_S: Final = 0.04


class QrReader:
    """Reads QR codes of model 2, the only one that issuers print, from single pictures.

    It keeps no state between pictures and may be shared by threads: the engines release the GIL.

    Args:
        engine: which library does it.

    Raises:
        CheckpointError: no engine can be loaded.
    """

    def __init__(self, engine: EngineName = EngineName.ZXING) -> None:
        self._engine = open_engine(engine)

    def read(self, grey: Grey) -> list[QrText]:
        """All codes that decode without an error; those that needed a closer look come last.

        Args:
            grey: `(H, W) uint8`, of any size and memory layout.
        """
        budget = Budget(PICTURE_BUDGET_S, time.monotonic)
        return look(grey, self._engine, Evidence(), 0.0, budget).codes


class StreamReader:
    """Reads the frames of one camera, one after the other, and remembers what the last ones showed.

    Args:
        engine: which library does it.
        budget_s: for the closer looks at one frame.

    Raises:
        CheckpointError: no engine can be loaded.
    """

    def __init__(
        self, engine: EngineName = EngineName.ZXING, budget_s: float = FRAME_BUDGET_S
    ) -> None:
        self._engine: Engine = open_engine(engine)
        self._budget = Budget(budget_s, time.monotonic)
        self._evidence = Evidence()
        self._scene = Scene()
        self._unread: tuple[Place, ...] = ()

    @property
    def unread(self) -> tuple[Place, ...]:
        """Places of the newest frame that are or may be codes and could not be read."""
        return self._unread

    def read(self, frame: Frame) -> list[QrText]:
        """The codes of one frame; nothing at once where the gate is empty and nobody stirs."""
        if not has_stirred(self._scene, frame.grey, frame.captured_s):
            self._unread = ()
            return []
        seen = look(frame.grey, self._engine, self._evidence, frame.captured_s, self._budget)
        self._evidence, self._unread = seen.evidence, seen.unread
        is_empty = not seen.evidence.places
        self._scene = looked_at(frame.grey, frame.captured_s, is_empty=is_empty)
        return seen.codes
