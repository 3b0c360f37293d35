"""Ledger entries from what happened at the gate. Pure: numbers, times and pseudonyms come in."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, TypedDict

from msgspec import Struct

from scanner.domain.clock import ClockSource
from scanner.domain.entries import ENTRY_VERSION, Entry, EntryType, TrustWay
from scanner.domain.exports import Export
from scanner.domain.guards import LoginFailure, LoginWay, Person, ShiftChange
from scanner.domain.passes import PassClaims, PassFormat
from scanner.domain.reasons import GuardReason
from scanner.domain.suspicion import Suspicion
from scanner.domain.verdicts import Ask, GuardDecision, Verdict
from scanner.domain.walk_ins import Attendee
from scanner.policy.asking import Answer


class Moment(Struct, frozen=True):
    """When something happened, in every way that the hub may need to re-time it.

    Attributes:
        at: wall time, aware UTC.
        boot: the kernel's boot id.
        mono_ms: milliseconds since boot, sleep included.
        clock: who vouches for `at`.
        error: `at` give or take so much; None where nobody vouches.
        is_unsure: nobody should rely on `at`.
    """

    at: datetime
    boot: str
    mono_ms: int
    clock: ClockSource = ClockSource.NTP
    error: timedelta | None = timedelta(0)
    is_unsure: bool = False


class _When(TypedDict):
    """The fields that every entry has."""

    v: int
    seq: int
    at: datetime
    boot: str
    mono_ms: int
    clock: ClockSource
    clock_error_s: int | None
    clock_unsure: bool


class TrustState(Struct, frozen=True):
    """Which bundle verified, and how old it was."""

    version: str
    age_s: int


class Subject(Struct, frozen=True):
    """What the ledger keeps of the person: a pseudonym, a trace for a hub, and a sealed box."""

    pseudonym: str | None = None
    key_name: str | None = None
    sealed: str | None = None
    trace: str | None = None


def start_entry(seq: int, moment: Moment, *, policy: str, trust: TrustState, release: str) -> Entry:
    """The gate came up."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.START,
        policy=policy,
        trust=trust.version,
        trust_age_s=trust.age_s,
        release=release,
    )


def trust_entry(
    seq: int, moment: Moment, *, before: str | None, way: TrustWay, policy: str, trust: TrustState
) -> Entry:
    """Another bundle is in force from here on."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.TRUST,
        policy=policy,
        trust=trust.version,
        trust_age_s=trust.age_s,
        trust_before=before,
        trust_way=way,
    )


def scan_entry(
    seq: int,
    moment: Moment,
    verdict: Verdict,
    *,
    shown_format: PassFormat | None,
    subject: Subject,
    trust: TrustState,
    suspicion: Suspicion | None = None,
    failed_rules: tuple[str, ...] = (),
) -> Entry:
    """A code was shown and decided.

    `suspicion` is what is kept of one that looks forged, `failed_rules` the identifiers of business
    rules that it does not meet.
    """
    claims = verdict.claims
    return Entry(
        **_when(seq, moment),
        type=EntryType.SCAN,
        decision=verdict.decision,
        reasons=verdict.reasons,
        asks=verdict.asks,
        format=claims.format if claims else shown_format,
        kind=claims.kind if claims else None,
        issuer=claims.issuer if claims else None,
        division=claims.division if claims else None,
        colour=claims.colour if claims else None,
        code_age_s=code_age_s(claims, moment.at) if claims else None,
        subject=subject.pseudonym,
        subject_key=subject.key_name if subject.pseudonym else None,
        digest=suspicion.digest if suspicion else None,
        claimed_issuer=suspicion.claimed_issuer if suspicion else None,
        sealed=subject.sealed,
        failed_rules=failed_rules,
        trace=subject.trace,
        policy=verdict.policy_version,
        trust=trust.version,
        trust_age_s=trust.age_s,
    )


def walk_in_entry(
    seq: int, moment: Moment, attendee: Attendee, verdict: Verdict, subject: Subject
) -> Entry:
    """Somebody came without a code, and the guard said who it is."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.WALK_IN,
        decision=verdict.decision,
        reasons=verdict.reasons,
        asks=verdict.asks,
        subject=subject.pseudonym,
        subject_key=subject.key_name if subject.pseudonym else None,
        sealed=subject.sealed,
        person=attendee.kind,
        party=attendee.party,
        policy=verdict.policy_version,
    )


def answer_entry(
    seq: int, moment: Moment, completes: int, verdict: Verdict, answer: Answer, trust: TrustState
) -> Entry:
    """Something was answered for the visit that began with entry `completes`."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.ANSWER,
        completes=completes,
        decision=verdict.decision,
        reasons=verdict.reasons,
        asks=verdict.asks,
        temperature_c=None if answer.celsius is None else round(answer.celsius, 1),
        id_compared=answer.ask is Ask.ID_COMPARE,
        document_seen=answer.ask is Ask.DOCUMENT,
        policy=verdict.policy_version,
        trust=trust.version,
        trust_age_s=trust.age_s,
    )


def answers_of(entry: Entry) -> Iterator[Answer]:
    """What an ANSWER line told, the way `answer_entry` wrote it."""
    if entry.temperature_c is not None:
        yield Answer(Ask.TEMPERATURE, entry.temperature_c)
    if entry.id_compared:
        yield Answer(Ask.ID_COMPARE)
    if entry.document_seen:
        yield Answer(Ask.DOCUMENT)


class Deciders(Struct, frozen=True):
    """Who stands for a guard's decision; nobody has a name where nobody has to log in."""

    by: Person | None = None
    second: Person | None = None


ANONYMOUS: Final = Deciders()


def guard_entry(
    seq: int,
    moment: Moment,
    completes: int | None,
    decision: GuardDecision,
    reason: GuardReason,
    deciders: Deciders = ANONYMOUS,
    note: str | None = None,
) -> Entry:
    """A guard decided, beside a verdict or for a person without a code; the note is sealed."""
    by, second = deciders.by, deciders.second
    return Entry(
        **_when(seq, moment),
        type=EntryType.GUARD,
        completes=completes,
        guard=decision,
        guard_reason=reason,
        by=by.guard if by else None,
        role=by.role if by else None,
        second=second.guard if second else None,
        second_role=second.role if second else None,
        note=note,
    )


def undo_entry(
    seq: int, moment: Moment, completes: int | None, undoes: int, by: Person | None
) -> Entry:
    """The guard's decision in entry `undoes` is taken back; both entries stay."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.UNDO,
        completes=completes,
        undoes=undoes,
        by=by.guard if by else None,
        role=by.role if by else None,
    )


def shift_entry(
    seq: int, moment: Moment, change: ShiftChange, person: Person, way: LoginWay | None = None
) -> Entry:
    """Somebody's shift began or ended."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.SHIFT,
        shift=change,
        by=person.guard,
        role=person.role,
        login_way=way,
    )


def login_entry(seq: int, moment: Moment, failure: LoginFailure, person: Person | None) -> Entry:
    """Somebody was not believed; None for a number that nobody has."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.LOGIN,
        login_failure=failure,
        by=person.guard if person else None,
        role=person.role if person else None,
    )


def occupancy_entry(seq: int, moment: Moment, inside: int) -> Entry:
    """A guard said how many people are inside."""
    return Entry(**_when(seq, moment), type=EntryType.OCCUPANCY, occupancy=inside)


def abandoned_entry(seq: int, moment: Moment, completes: int) -> Entry:
    """Nobody answered what the visit still asked for."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.ABANDONED,
        completes=completes,
    )


def retention_entry(seq: int, moment: Moment, *, first: int, last: int, receipt: str) -> Entry:
    """The lines of these entries are erased; `receipt` is signed (`scanner.ledger.receipt`)."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.RETENTION,
        first=first,
        last=last,
        receipt=receipt,
    )


def export_entry(seq: int, moment: Moment, export: Export) -> Entry:
    """Two people took entries out."""
    return Entry(
        **_when(seq, moment),
        type=EntryType.EXPORT,
        by=export.by.guard,
        role=export.by.role,
        second=export.second.guard,
        second_role=export.second.role,
        first=export.first,
        last=export.last,
        count=export.count,
        export=export.form,
    )


def _when(seq: int, moment: Moment) -> _When:
    """Number and time, and how far it is to be believed; the usual case adds no byte."""
    error_s = None if moment.error is None else math.ceil(moment.error.total_seconds())
    return _When(
        v=ENTRY_VERSION,
        seq=seq,
        at=moment.at,
        boot=moment.boot,
        mono_ms=moment.mono_ms,
        clock=moment.clock,
        clock_error_s=error_s if error_s is not None and error_s > 1 else None,
        clock_unsure=moment.is_unsure,
    )


def code_age_s(claims: PassClaims, now: datetime) -> int | None:
    """Whole seconds since the issuer made the code; None when it does not say."""
    if claims.issued_at is None:
        return None
    return max(0, int((now - claims.issued_at).total_seconds()))
