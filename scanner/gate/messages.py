"""What the gate and its kiosk say to one another.

The gate sends events, the kiosk sends commands; every command is answered by one `CommandResult`
with its number. Nothing here carries a QR text or a key. One message carries a full number of a
document, or a visitor's phone: `WalkIn`, from the kiosk to the gate, which alone has the keys to
make a pseudonym of the one and to seal the other. Both live in memory until then, appear in no repr
and in no log, and the kiosk keeps no `WalkIn` that it has sent.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from scanner.domain.decoding import UndecodableError, decode
from scanner.domain.direction import Direction
from scanner.domain.entries import TrustWay
from scanner.domain.errors import ProtocolError
from scanner.domain.exports import Export
from scanner.domain.foreign import ForeignKind
from scanner.domain.hints import Hint
from scanner.domain.id_documents import NumberForm
from scanner.domain.passes import Colour, IdKind, PassFormat, PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Advice, Ask, Decision, GuardDecision
from scanner.domain.walk_ins import PersonKind, TypedNumber, VisitorDetails
from scanner.gate.framing import Message
from scanner.gate.guard_messages import (
    MAX_NOTE,
    BadgeShown,
    Login,
    Logout,
    SecondPerson,
    Undo,
)
from scanner.gate.status import Status

PROTOCOL_VERSION: Final = 1


class Hello(Message, frozen=True, kw_only=True, tag="hello"):
    """The first message on each connection."""

    protocol: int
    device: str
    site: str
    gate: str
    retention_days: int
    languages: tuple[str, ...]
    max_temperature_c: float
    min_temperature_c: float
    number_form: NumberForm = NumberForm()


class Preview(Message, frozen=True, kw_only=True, tag="preview"):
    """A small grey picture for aiming, `height` rows of `width` bytes, at most 480x360.

    `code` frames the code that is being read: four (x, y) pairs in pixels of this picture.
    """

    width: int
    height: int
    grey: bytes
    code: tuple[tuple[float, float], ...] = ()


class VerdictShown(Message, frozen=True, kw_only=True, tag="verdict"):
    """A decision to show, already durable in the ledger, unless `recorded` says otherwise.

    Attributes:
        visit: seq of the scan's entry; commands refer to it. 0 when nothing could be recorded.
        guard: set when a person decided; `decision` then still is the machine's.
        temperature_c: the last reading, when there was one.
        measure_in_s: how long no reading counts yet, so that a warm forehead cools down.
        issuer: code of the issuer; names are in `scanner.domain.issuers`.
        test_negative, test_age_s: of the test that the code reports; the age is None when it names
            no time.
        vaccine_doses, vaccine_age_days: days since the last dose.
        recovery_age_days: since the first positive test.
        reason_class: the issuer's class of reason for a colour that is not green; for the guard,
            never recorded.
        foreign: what a code is that is no pass.
        person: who came without a code.
        party_place, party_size: which of the dependants of one guardian, and of how many; place 0
            is the guardian.
        direction: which way they want to go, at a gate that knows it.
        dwell_s: how long somebody who leaves was inside, where that is known.
        advice: what the strictest rule of a layer wants to be said.
        final: nothing is asked for any more.
        shown_for_s: how long the screen stays unless the next person comes.
    """

    visit: int
    at: datetime
    decision: Decision
    reasons: tuple[Reason, ...]
    asks: tuple[Ask, ...]
    final: bool
    recorded: bool
    shown_for_s: float
    frame_to_verdict_ms: float
    guard: GuardDecision | None = None
    format: PassFormat | None = None
    kind: PassKind | None = None
    colour: Colour | None = None
    issuer: str | None = None
    country: str | None = None
    masked_name: str | None = None
    id_kind: IdKind | None = None
    id_suffix: str | None = None
    code_age_s: int | None = None
    expires_at: datetime | None = None
    temperature_c: float | None = None
    measure_in_s: float = 0.0
    holder_is_dependant: bool = False
    test_negative: bool | None = None
    test_age_s: int | None = None
    vaccine_doses: int | None = None
    vaccine_age_days: int | None = None
    recovery_age_days: int | None = None
    reason_class: str | None = None
    foreign: ForeignKind | None = None
    person: PersonKind | None = None
    party_place: int = 0
    party_size: int = 0
    direction: Direction | None = None
    dwell_s: int | None = None
    advice: Advice | None = None


class Collecting(Message, frozen=True, kw_only=True, tag="collecting"):
    """A pass in several codes: `have` of `total` were read, the others are still to be shown."""

    have: int
    total: int


class HintShown(Message, frozen=True, kw_only=True, tag="hint"):
    """Advice to the person whose code is not read, or its end; a verdict ends it, too.

    Sent when it changes, and to a kiosk that connects while one stands.
    """

    hint: Hint | None


class TrustTopic(StrEnum):
    """What a bundle carries beside keys; the values are those of `scanner.trust.bundle.changes`."""

    RULES = "rules"
    SITES = "sites"
    REVOCATIONS = "revocations"
    RECOGNITION = "recognition"
    OTHER = "other"


class TrustChanged(Message, frozen=True, kw_only=True, tag="trust"):
    """Another bundle of keys and rules is in force.

    Attributes:
        before, after: versions; `before` is None when nothing was in force.
        way: which way it came.
        signers: who signed the list of who may publish what.
        added, removed, renewed: issuers that came, went, or have other keys now.
        topics: what else changed.
    """

    before: str | None
    after: str
    way: TrustWay
    signers: tuple[str, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    topics: tuple[TrustTopic, ...] = ()


class StickState(StrEnum):
    """What became of a stick that carries a bundle."""

    READING = "reading"
    TAKEN = "taken"
    SAME = "same"
    OLDER = "older"
    NOT_GENUINE = "not_genuine"
    UNREADABLE = "unreadable"
    NO_SPACE = "no_space"
    BUSY = "busy"


class StickTold(Message, frozen=True, kw_only=True, tag="stick"):
    """A stick was put in; the guard holds it and wants to know."""

    state: StickState


class Idle(Message, frozen=True, kw_only=True, tag="idle"):
    """The person has left and nothing is pending: back to the viewfinder."""


class ErrorCode(StrEnum):
    """Why a command was not carried out; the kiosk puts it into words."""

    NO_SUCH_VISIT = "no_such_visit"
    NOT_ASKED = "not_asked"
    TOO_SOON = "too_soon"
    NOT_ALLOWED = "not_allowed"
    BAD_VALUE = "bad_value"
    CANNOT_RECORD = "cannot_record"
    CANNOT_SEAL = "cannot_seal"
    LOGIN_NEEDED = "login_needed"
    SECOND_PERSON_NEEDED = "second_person_needed"
    SUPERVISOR_NEEDED = "supervisor_needed"
    NOTE_NEEDED = "note_needed"
    WRONG_PIN = "wrong_pin"
    LOCKED_OUT = "locked_out"
    BUSY = "busy"
    TOO_LATE = "too_late"


class CommandResult(Message, frozen=True, kw_only=True, tag="result"):
    """The answer to one command."""

    command: int
    error: ErrorCode | None = None


class EnterTemperature(Message, frozen=True, kw_only=True, tag="temperature"):
    """The guard or the thermometer read this person's temperature."""

    command: int
    visit: int
    celsius: float


class ConfirmIdentity(Message, frozen=True, kw_only=True, tag="identity"):
    """The guard compared name and document: they are this person's. Otherwise `Decide` refuses."""

    command: int
    visit: int


class ConfirmDocument(Message, frozen=True, kw_only=True, tag="document"):
    """The guard saw the document that the rules want. Otherwise `Decide` refuses."""

    command: int
    visit: int


class Decide(Message, frozen=True, kw_only=True, tag="decide"):
    """The guard admits or refuses, with a reason.

    Attributes:
        visit: None for a person without a code.
        note: what it was, in the guard's own words; needed with `GuardReason.OTHER`.
        second: who else agrees, where the verdict takes more than the guard on duty.
    """

    command: int
    admit: bool
    reason: GuardReason
    visit: int | None = None
    note: Annotated[str, msgspec.Meta(max_length=MAX_NOTE)] = ""
    second: SecondPerson | None = None

    def __repr__(self) -> str:
        return f"Decide(command={self.command}, ...)"


class NoteExport(Message, frozen=True, kw_only=True, tag="export"):
    """Record that entries are being taken out.

    From the command line, which has compared both people's PINs; only the gate's own user and root
    are believed.
    """

    command: int
    export: Export


class WalkIn(Message, frozen=True, kw_only=True, tag="walk_in"):
    """Somebody without a code is here, and the guard lets them in under the site's conditions.

    Attributes:
        person: who it is to the guard.
        number: of the document, or the registered one; exactly where the kind has one.
        visitor: exactly of a visitor.
        dependants: how many come along, with `GUARDIAN` and `DEPENDANT`.
        guardian: visit of the admitted guardian whom these `DEPENDANT` follow.
    """

    command: int
    person: PersonKind
    number: TypedNumber | None = None
    visitor: VisitorDetails | None = None
    dependants: int = 0
    guardian: int | None = None


class Dismiss(Message, frozen=True, kw_only=True, tag="dismiss"):
    """Close this verdict; a pending one is recorded as abandoned."""

    command: int
    visit: int


class Turn(Message, frozen=True, kw_only=True, tag="turn"):
    """From now on people go this way, at a gate for both directions."""

    command: int
    direction: Direction


class CountInside(Message, frozen=True, kw_only=True, tag="inside"):
    """The guard knows how many people are inside; 0 says that the site is empty."""

    command: int
    number: int


Event = (
    Hello
    | Collecting
    | HintShown
    | Preview
    | Status
    | VerdictShown
    | TrustChanged
    | StickTold
    | BadgeShown
    | Idle
    | CommandResult
)
Command = (
    EnterTemperature
    | ConfirmIdentity
    | ConfirmDocument
    | Decide
    | Dismiss
    | WalkIn
    | Undo
    | Login
    | Logout
    | NoteExport
    | Turn
    | CountInside
)

_EVENTS: Final[msgspec.msgpack.Decoder[Event]] = msgspec.msgpack.Decoder(Event)
_COMMANDS: Final[msgspec.msgpack.Decoder[Command]] = msgspec.msgpack.Decoder(Command)


def decode_event(body: bytes) -> Event:
    """Read what the gate sent.

    Raises:
        ProtocolError: the bytes are no event of this protocol.
    """
    try:
        return decode(_EVENTS, body)
    except UndecodableError as error:
        raise ProtocolError(f"Not an event of protocol {PROTOCOL_VERSION}: {error}") from error


def decode_command(body: bytes) -> Command:
    """Read what the kiosk sent.

    Raises:
        ProtocolError: the bytes are no command of this protocol.
    """
    try:
        return decode(_COMMANDS, body)
    except UndecodableError as error:
        # Its words may quote a value, and what a guard typed stays out of the log: where it stood.
        _, known, place = str(error).rpartition(" - at ")
        where = f": see {place}" if known else ""
        raise ProtocolError(f"Not a command of protocol {PROTOCOL_VERSION}{where}.") from None
