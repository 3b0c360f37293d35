"""Whose codes are recognised where this gate stands: the bundle's matrix, else the gate's own."""

from collections.abc import Callable, Mapping

from scanner.gate.last_good import LastGood
from scanner.policy.recognition import HostRecognition, RecognitionMatrix
from scanner.trust.bundle.layout import RECOGNITION

RecognitionReader = Callable[[bytes, str], RecognitionMatrix]
"""Reads a matrix, given its bytes and its name; raises SettingsError."""


class SiteRecognition(LastGood[RecognitionMatrix]):
    """The matrix in force, and what this host makes of it.

    Args:
        local: the matrix that the gate's settings name.
        division: where the gate stands; None where it was not told.
        read: reads the bundle's.
    """

    def __init__(
        self, local: RecognitionMatrix, division: str | None, read: RecognitionReader
    ) -> None:
        super().__init__(local, RECOGNITION, read)
        self._division = division
        self.host = HostRecognition(local, division)

    def take(self, files: Mapping[str, bytes]) -> bool:
        """As `LastGood.take`."""
        is_other = super().take(files)
        if is_other:
            self.host = HostRecognition(self.in_force, self._division)
        return is_other
