"""What the ledger records: one `Entry` is one JSON line, one fact, never rewritten.

A scan whose verdict asks for something is recorded at once as CHECK; the answer is a line of its
own that names the scan in `completes`. So nothing is lost when the power goes while a thermometer
is being fetched, and nothing that was written is ever changed. `docs/ledger.md` documents each key.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from scanner.domain.clock import ClockSource
from scanner.domain.damage import Damage
from scanner.domain.decoding import decode
from scanner.domain.direction import Direction
from scanner.domain.exports import ExportFormat
from scanner.domain.guards import LoginFailure, LoginWay, Role, ShiftChange
from scanner.domain.passes import Colour, PassFormat, PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.domain.walk_ins import PersonKind

ENTRY_VERSION = 1


class EntryType(StrEnum):
    """What kind of fact a line records."""

    START = "start"
    SCAN = "scan"
    ANSWER = "answer"
    GUARD = "guard"
    ABANDONED = "abandoned"
    WALK_IN = "walk_in"
    TRUST = "trust"
    OCCUPANCY = "occupancy"
    SHIFT = "shift"
    LOGIN = "login"
    UNDO = "undo"
    RETENTION = "retention"
    EXPORT = "export"
    RESCUE = "rescue"


class TrustWay(StrEnum):
    """Which way a bundle of keys and rules came to this gate."""

    HUB = "hub"
    STICK = "stick"
    IMPORT = "import"
    UNKNOWN = "unknown"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One recorded fact. Absent keys were not asked for, not known, or not the gate's to keep.

    Attributes:
        v: version of this form, 1.
        seq: 1, 2, 3 ... within this device's log.
        at: wall time, aware UTC; `boot` and `mono_ms` let the hub re-time it, beside, never over.
        boot: the kernel's boot id.
        mono_ms: milliseconds since boot, sleep included (CLOCK_BOOTTIME).
        type: what kind of fact this is.
        clock: who vouched for `at`. Absent is an NTP service, the usual case, which costs no byte.
        clock_error_s: `at` give or take so much, rounded up; absent up to one second, and where
            nobody vouched.
        clock_unsure: nobody should rely on `at`.
        completes: seq of the scan or walk-in that this answer, guard's decision or abandonment
            belongs to.
        decision: the machine's decision.
        guard: the guard's decision, on GUARD lines.
        reasons: the worst first.
        asks: what the verdict still waits for.
        format: what kind of code it was read as.
        kind: what kind of pass it was, by its issuer.
        issuer: two digits of GB/T 2260, `00`, a state or an address, as its format has it.
        division: six digits of GB/T 2260, where the issuer names it.
        colour: as the issuer gave it.
        code_age_s: seconds since the issuer made the code.
        subject: pseudonym of the code, or of a typed number, under a key that lives in RAM for a
            day (16 hex digits).
        subject_key: names that key, so that a new key is never mistaken for a new person.
        digest: on suspicion of forgery only: SHA-256 of what was signed, 64 hex digits.
        claimed_issuer: beside it, whose code it says it is: an issuer whose keys are known here.
        sealed: personal fields, HPKE to the hub's key, base64; the gate cannot read them back.
        failed_rules: identifiers of business rules that a foreign certificate does not meet.
        temperature_c: what the thermometer or the guard said.
        id_compared: the guard compared name and document, and they are this person's.
        document_seen: the guard saw the document that the rules want.
        guard_reason: why the guard decided.
        person: who came without a code, on WALK_IN lines.
        party: visit of the guardian with whom a dependant came: seq of a scan or a walk-in.
        by: number of the guard who did it, or whose shift it is; absent where nobody had to log in,
            and on LOGIN lines for a number that nobody has: it may be a PIN in the wrong field.
        role: his.
        second: number of the second person, who proved by PIN to be there.
        second_role: that person's.
        shift: what happened to a shift, on SHIFT lines.
        login_way: how it was begun.
        login_failure: why somebody was not believed, on LOGIN lines.
        undoes: seq of the GUARD line that an UNDO line takes back; both stay.
        note: what the guard wrote, sealed as `sealed` is.
        policy: version of the rules that decided.
        trust: version of the bundle that verified; "1.5<1.9" where this gate has had 1.9.
        trust_age_s: its age in seconds when the verdict fell.
        trust_before: what was in force until then, on TRUST lines; absent when nothing was.
        trust_way: which way the bundle came, on TRUST lines.
        release: version of this program, on START lines.
        first, last: the entries that a RETENTION or EXPORT line is about; of an export the span
            from which it took.
        count: how many were taken out, on EXPORT lines.
        receipt: on RETENTION lines, the signed note that their lines are erased
            (`scanner.ledger.receipt`).
        export: the form of what was taken out, on EXPORT lines.
        damage: what was wrong with the ledger before, on RESCUE lines: the damaged file was put
            aside, and this one goes on from what was saved.
        lost: how many entries, at least, are not in this log any more: nobody knows of those that
            were the last ones of a damaged file and had not been sent.
        log_before: nonce of the log before in hex, where this one begins anew.
        direction: which way the gate let people pass when this one came.
        dwell_s: how long somebody who leaves was inside, to the minute.
        occupancy: how many people were inside, by all gates of the site, before this one; on
            OCCUPANCY lines, how many a guard counted.
        trace: 16 hex digits, the same for one person at all gates of a hub that asks for it, on one
            day in UTC (`scanner.ledger.trace_keys`).
    """

    v: int
    seq: int
    at: datetime
    boot: str
    mono_ms: int
    type: EntryType
    clock: ClockSource = ClockSource.NTP
    clock_error_s: int | None = None
    clock_unsure: bool = False
    completes: int | None = None
    decision: Decision | None = None
    guard: GuardDecision | None = None
    reasons: tuple[Reason, ...] = ()
    asks: tuple[Ask, ...] = ()
    format: PassFormat | None = None
    kind: PassKind | None = None
    issuer: str | None = None
    division: str | None = None
    colour: Colour | None = None
    code_age_s: int | None = None
    subject: str | None = None
    subject_key: str | None = None
    digest: str | None = None
    claimed_issuer: str | None = None
    sealed: str | None = None
    failed_rules: tuple[str, ...] = ()
    temperature_c: float | None = None
    id_compared: bool = False
    document_seen: bool = False
    guard_reason: GuardReason | None = None
    person: PersonKind | None = None
    party: int | None = None
    by: str | None = None
    role: Role | None = None
    second: str | None = None
    second_role: Role | None = None
    shift: ShiftChange | None = None
    login_way: LoginWay | None = None
    login_failure: LoginFailure | None = None
    undoes: int | None = None
    note: str | None = None
    policy: str | None = None
    trust: str | None = None
    trust_age_s: int | None = None
    trust_before: str | None = None
    trust_way: TrustWay | None = None
    release: str | None = None
    first: int | None = None
    last: int | None = None
    count: int | None = None
    receipt: str | None = None
    export: ExportFormat | None = None
    damage: Damage | None = None
    lost: int | None = None
    log_before: str | None = None
    direction: Direction | None = None
    dwell_s: int | None = None
    occupancy: int | None = None
    trace: str | None = None


_DECODER = msgspec.json.Decoder(Entry)


def encode_entry(entry: Entry) -> bytes:
    """The exact bytes of the ledger line: UTF-8 JSON without a newline."""
    return msgspec.json.encode(entry)


def decode_entry(line: bytes) -> Entry:
    """Read a ledger line.

    Raises:
        UndecodableError: the line is no entry; the hub then keeps it in quarantine.
    """
    return decode(_DECODER, line)
