"""How often somebody may be wrong about a PIN. Pure: the time is an argument.

After five failures in a row of one number nobody may try it for half a minute, after the sixth for
a minute, and so on up to a quarter of an hour. Ten failures at one kiosk, whatever the numbers, do
the same to the whole kiosk, so that one PIN cannot be tried on every guard. A locked number stays
locked for the right PIN, too: else a lock would tell when it was found.
"""

from typing import Final

from msgspec import Struct

PER_GUARD: Final = 5
PER_KIOSK: Final = 10
FIRST_LOCK_S: Final = 30.0
LONGEST_LOCK_S: Final = 900.0
GUARD_FORGETS_S: Final = 86_400.0
KIOSK_FORGETS_S: Final = 3_600.0
"""So long without a failure and the count begins anew; a guard's also with the right PIN.

The kiosk's does not: whoever has a PIN of his own could clear it between two guesses.
"""

_MOST: Final = 256


class Streak(Struct, frozen=True):
    """Failures in a row, and when the last of them was (monotonic seconds)."""

    failures: int = 0
    last_s: float = 0.0

    def failed(self, now_s: float, forgets_s: float) -> "Streak":
        """One more."""
        return Streak(self.counting(now_s, forgets_s) + 1, now_s)

    def counting(self, now_s: float, forgets_s: float) -> int:
        """How many of them still count."""
        return self.failures if now_s - self.last_s < forgets_s else 0

    def locked_s(self, now_s: float, allowed: int, forgets_s: float) -> float:
        """For how many more seconds nobody may try; 0 when somebody may."""
        over = self.counting(now_s, forgets_s) - allowed
        if over < 0:
            return 0.0
        lock_s = min(LONGEST_LOCK_S, FIRST_LOCK_S * (1 << min(over, 16)))
        return max(0.0, self.last_s + lock_s - now_s)


class LockOut:
    """Failures at one kiosk, by guard and together."""

    def __init__(self) -> None:
        self._guards: dict[str, Streak] = {}
        self._kiosk = Streak()

    def locked_s(self, guard: str, now_s: float) -> float:
        """For how many more seconds nobody may try this number; 0 when somebody may.

        Args:
            guard: as typed; one that nobody has is counted, too, so that it cannot be told apart.
            now_s: monotonic seconds.
        """
        own = self._guards.get(guard, Streak()).locked_s(now_s, PER_GUARD, GUARD_FORGETS_S)
        return max(own, self.kiosk_locked_s(now_s))

    def kiosk_locked_s(self, now_s: float) -> float:
        """The same for the whole kiosk."""
        return self._kiosk.locked_s(now_s, PER_KIOSK, KIOSK_FORGETS_S)

    def failed(self, guard: str | None, now_s: float) -> None:
        """A wrong PIN; `guard` is None where a restart has forgotten which number was typed."""
        self._kiosk = self._kiosk.failed(now_s, KIOSK_FORGETS_S)
        if guard is not None:
            self.count(guard, now_s)

    def count(self, guard: str, now_s: float) -> None:
        """The same for this number alone: the kiosk has counted it already."""
        before = self._guards.pop(guard, Streak())
        self._guards[guard] = before.failed(now_s, GUARD_FORGETS_S)
        if len(self._guards) > _MOST:  # the one that was wrong longest ago
            del self._guards[next(iter(self._guards))]

    def succeeded(self, guard: str) -> None:
        """The right PIN."""
        self._guards.pop(guard, None)
