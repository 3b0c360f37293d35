"""The visits that a guard may still answer or decide about: names stay in memory so long."""

from dataclasses import replace
from typing import Final

from scanner.gate.visits import Visit

_MOST: Final = 50
_KEPT_S: Final = 300.0


class KeptVisits:
    """By the number of the scan's entry, oldest first. Pending ones stay until they are ended."""

    def __init__(self) -> None:
        self._visits: dict[int, Visit] = {}

    def get(self, seq: int) -> Visit | None:
        """That visit, if it is still kept."""
        return self._visits.get(seq)

    def pending(self) -> list[Visit]:
        """Those in which an answer is asked for."""
        return [visit for visit in self._visits.values() if visit.is_pending]

    def decided(self) -> list[Visit]:
        """Those that a guard has decided about."""
        return [visit for visit in self._visits.values() if visit.guard is not None]

    def next_pending(self) -> Visit | None:
        """The newest of them; of a party, whoever comes first."""
        waiting = self.pending()
        if not waiting or (party := waiting[-1].party) is None:
            return waiting[-1] if waiting else None
        return next(visit for visit in waiting if visit.party == party)

    def followers(self, seq: int) -> list[Visit]:
        """The dependants of that guardian who still wait."""
        return [visit for visit in self.pending() if visit.party == seq != visit.seq]

    def keep(self, visit: Visit) -> Visit:
        """Put in a new visit or what has become of it; the oldest settled ones make room.

        Only an open visit may have to be read again: a settled one keeps no text.
        """
        if not visit.is_pending:
            visit = replace(visit, text=None)
        self._visits[visit.seq] = visit
        settled = [kept.seq for kept in self._visits.values() if not kept.is_pending]
        for seq in settled[: max(0, len(self._visits) - _MOST)]:
            del self._visits[seq]
        return visit

    def end(self, visit: Visit) -> None:
        """Nobody answers it any more."""
        del self._visits[visit.seq]

    def forget_settled(self, mono_s: float, on_screen: Visit | None) -> None:
        """Names leave memory some minutes after the verdict; until then a guard may decide."""
        for visit in list(self._visits.values()):
            is_old = mono_s - visit.opened_s >= _KEPT_S
            if is_old and not visit.is_pending and visit is not on_screen:
                del self._visits[visit.seq]
