"""One person at the gate, from the code they show to the last answer. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scanner.domain.passes import Colour, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision, Finding, GuardDecision, Verdict
from scanner.domain.walk_ins import Attendee, PersonKind
from scanner.gate.instant import Instant
from scanner.gate.messages import VerdictShown
from scanner.gate.records import code_age_s
from scanner.policy.asking import Asking
from scanner.policy.passback import Passage
from scanner.policy.rules import Strict

Shown = VerifiedPass | Rejection | Attendee
"""What a person came with: a code, or only the guard's word for who it is."""

_FOLLOWED_S = 1.0
"""So long a decision stays when the next one of the same party stands there already."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things stay, in seconds.

    Attributes:
        admitted_s: an ADMIT stays on the screen.
        attention_s: a CHECK or REFUSE stays, unless the guard closes it.
        pending_s: an unanswered question stays open.
    """

    admitted_s: float = 3.0
    attention_s: float = 20.0
    pending_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Visit:
    """What the gate knows about one presentation.

    Attributes:
        seq: number of the ledger entry of the scan or walk-in; 0 when it could not be recorded.
        shown: what the code turned out to be, or who came without one.
        verdict: the machine's verdict after all readings.
        opened_s: monotonic seconds when the code arrived.
        asking: what is asked about the person, and what was answered.
        opened_at: the gate's time then, aware UTC; None as `text`.
        text: what was shown, so that it can be read again by other keys; None where nobody will.
        guard: what the guard decided, if anything.
        frame_to_verdict_ms: from the frame's capture to the durable verdict.
        passage: which way they want to go, and what the site knew of it then.
    """

    seq: int
    shown: Shown
    verdict: Verdict
    opened_s: float
    asking: Asking
    opened_at: datetime | None = None
    text: str | None = None
    guard: GuardDecision | None = None
    frame_to_verdict_ms: float = 0.0
    passage: Passage | None = None

    @property
    def is_pending(self) -> bool:
        """True while an answer is asked for and nobody has decided instead."""
        return self.seq > 0 and self.verdict.is_pending and self.guard is None

    @property
    def is_admitted(self) -> bool:
        """Whether this person may go in: by the guard's word, else by the machine's."""
        if self.guard is not None:
            return self.guard is GuardDecision.ADMITTED_BY_GUARD
        return self.seq > 0 and self.verdict.decision is Decision.ADMIT

    @property
    def party(self) -> int | None:
        """The guardian's visit, for the guardian and for each dependant; None for anybody else.

        A guardian with a code leads a party without knowing it.
        """
        if not isinstance(self.shown, Attendee):
            return None
        return self.seq if self.shown.kind is PersonKind.GUARDIAN else self.shown.party

    def show_for_s(self, timing: Timing) -> float:
        """How long this verdict stays on the screen."""
        if self.is_pending:
            return timing.pending_s
        if isinstance(self.shown, Attendee) and self.shown.is_followed and self.is_admitted:
            return _FOLLOWED_S
        admitted = self.verdict.decision is Decision.ADMIT or self.guard is not None
        return timing.admitted_s if admitted else timing.attention_s


def unrecordable(visit: Visit, cannot_record: Strict) -> Visit:
    """The same visit when the ledger could not take it: nobody is admitted unrecorded.

    Args:
        visit: as it was judged.
        cannot_record: what the site's rules want then.
    """
    verdict = visit.verdict
    finding = Finding(Reason.CANNOT_RECORD, Decision(cannot_record))
    stricter = max(verdict.decision, finding.decision, key=lambda decision: decision.strictness)
    findings = sorted((*verdict.findings, finding), key=lambda f: -f.decision.strictness)
    return replace(
        visit,
        seq=0,
        verdict=replace(verdict, decision=stricter, findings=tuple(findings), asks=()),
    )


def verdict_event(visit: Visit, instant: Instant, timing: Timing) -> VerdictShown:
    """What the kiosk shows of a visit."""
    verdict, claims = visit.verdict, visit.verdict.claims
    holder = claims.holder if claims else None
    test = claims.test if claims else None
    vaccine = claims.vaccine if claims else None
    recovery = claims.recovery if claims else None
    passage = visit.passage
    dwell = passage.dwell if passage else None
    test_age = test.age(instant.at) if test else None
    attendee = visit.shown if isinstance(visit.shown, Attendee) else None
    readings_c = visit.asking.told.readings_c
    return VerdictShown(
        visit=visit.seq,
        at=instant.at,
        decision=verdict.decision,
        reasons=verdict.reasons,
        asks=verdict.asks if visit.is_pending else (),
        final=not visit.is_pending,
        recorded=visit.seq > 0,
        shown_for_s=visit.show_for_s(timing),
        frame_to_verdict_ms=visit.frame_to_verdict_ms,
        guard=visit.guard,
        format=claims.format if claims else None,
        kind=claims.kind if claims else None,
        colour=claims.colour if claims else None,
        issuer=claims.issuer if claims else None,
        country=claims.country if claims else None,
        masked_name=holder.masked_name if holder else None,
        id_kind=holder.id_kind if holder else None,
        id_suffix=holder.id_suffix if holder else None,
        code_age_s=code_age_s(claims, instant.at) if claims else None,
        expires_at=claims.expires_at if claims else None,
        temperature_c=readings_c[-1] if readings_c else None,
        measure_in_s=visit.asking.cooling(instant.at).total_seconds() if visit.is_pending else 0.0,
        holder_is_dependant=claims is not None and claims.dependant is not None,
        test_negative=test.negative if test else None,
        test_age_s=None if test_age is None else test_age // timedelta(seconds=1),
        vaccine_doses=vaccine.doses if vaccine else None,
        vaccine_age_days=vaccine.age(instant.at).days if vaccine else None,
        recovery_age_days=recovery.age(instant.at).days if recovery else None,
        direction=passage.direction if passage else None,
        dwell_s=None if dwell is None else dwell // timedelta(seconds=1),
        reason_class=claims.reason_class if claims and claims.colour is not Colour.GREEN else None,
        foreign=visit.shown.foreign if isinstance(visit.shown, Rejection) else None,
        person=attendee.kind if attendee else None,
        party_place=attendee.place if attendee else 0,
        party_size=attendee.dependants if attendee else 0,
        advice=next(iter(verdict.advice), None),
    )
