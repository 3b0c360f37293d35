"""What the gate decides about one person, and what it still needs to know."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

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


_NOTHING_AGAINST_IT = (Reason.OK,)
_STRICTNESS = {Decision.ADMIT: 0, Decision.CHECK: 1, Decision.REFUSE: 2}


class GuardDecision(StrEnum):
    """A person's decision, kept beside the machine's and never instead of it."""

    ADMITTED_BY_GUARD = "ADMITTED_BY_GUARD"
    REFUSED_BY_GUARD = "REFUSED_BY_GUARD"

    @property
    def admits(self) -> bool:
        """Whether the person went in."""
        return self is GuardDecision.ADMITTED_BY_GUARD


class Ask(StrEnum):
    """What a pending verdict waits for."""

    TEMPERATURE = "temperature"
    ID_COMPARE = "id_compare"
    DOCUMENT = "document"
    SECOND_GUARD = "second_guard"


class Advice(Struct, frozen=True):
    """What the author of a rule wants to be said.

    Attributes:
        rule, layer: which rule of which layer it is from.
        guard, holder: words for each of them: pairs of language and text.
        hotline: a number to call.
    """

    rule: str
    layer: str
    guard: tuple[tuple[str, str], ...] = ()
    holder: tuple[tuple[str, str], ...] = ()
    hotline: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason and the decision that it forces; with advice where a layer's rule found it."""

    reason: Reason
    decision: Decision
    advice: Advice | None = None


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
        unasked: what would be asked if the person were not refused; who may decide depends on it.
    """

    decision: Decision
    findings: tuple[Finding, ...]
    asks: tuple[Ask, ...]
    claims: PassClaims | None
    policy_version: str
    unasked: tuple[Ask, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reason codes of the findings, the worst first, each once; `OK` alone without any."""
        return tuple(dict.fromkeys(each.reason for each in self.findings)) or _NOTHING_AGAINST_IT

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What the rules that still stand want to be said, the strictest rule's first."""
        return tuple(
            finding.advice
            for finding in self.findings
            if finding.advice is not None and finding.decision is not Decision.ADMIT
        )

    @property
    def is_pending(self) -> bool:
        """True while an answer can still turn this into an ADMIT."""
        return bool(self.asks) and self.decision is not Decision.REFUSE
