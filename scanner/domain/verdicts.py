"""What the gate decides about one person, and what it still needs to know."""

from dataclasses import dataclass
from enum import StrEnum

from scanner.domain.passes import PassClaims
from scanner.domain.reasons import Reason


class Decision(StrEnum):
    """The machine's decision; strictness grows from ADMIT over CHECK to REFUSE."""

    ADMIT = "ADMIT"
    CHECK = "CHECK"
    REFUSE = "REFUSE"

    @property
    def strictness(self) -> int:
        """0 for ADMIT, 1 for CHECK, 2 for REFUSE."""
        return _STRICTNESS[self]


_STRICTNESS = {Decision.ADMIT: 0, Decision.CHECK: 1, Decision.REFUSE: 2}


class GuardDecision(StrEnum):
    """A person's decision, kept beside the machine's and never instead of it."""

    ADMITTED_BY_GUARD = "ADMITTED_BY_GUARD"
    REFUSED_BY_GUARD = "REFUSED_BY_GUARD"


class Ask(StrEnum):
    """What a pending verdict waits for."""

    TEMPERATURE = "temperature"
    ID_COMPARE = "id_compare"
    DOCUMENT = "document"
    SECOND_GUARD = "second_guard"


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason and the decision that it forces."""

    reason: Reason
    decision: Decision


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with everything that led to it.

    Attributes:
        decision: the strictest of all findings; ADMIT when there is none.
        findings: every failed check, the strictest first; no rule upgrades. One that the site bears
            is here, too, with ADMIT.
        asks: what is still needed. While anything is asked for, nobody is admitted: the decision is
            at least CHECK.
        claims: what the screen may show; None when nothing about the code is proven.
        policy_version: which rules decided.
    """

    decision: Decision
    findings: tuple[Finding, ...]
    asks: tuple[Ask, ...]
    claims: PassClaims | None
    policy_version: str

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reason codes of the findings, the worst first."""
        return tuple(finding.reason for finding in self.findings)

    @property
    def is_pending(self) -> bool:
        """True while an answer can still turn this into an ADMIT."""
        return bool(self.asks) and self.decision is not Decision.REFUSE
