"""Screens on which a guard is in the middle of something."""

from abc import abstractmethod
from typing import Self

from scanner.kiosk.screens.base import GateScreen


class DeskScreen(GateScreen):
    """Stays while the gate is idle; the next person's verdict goes first, then it comes back.

    Attributes:
        visit: the scan that it is about; None for a person without a code, and for a login.
    """

    visit: int | None = None

    @abstractmethod
    def again(self) -> Self:
        """The same screen anew, without what nobody else should see."""
