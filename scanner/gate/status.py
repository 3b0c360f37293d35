"""How the gate's parts are, as its kiosk is told."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from scanner.domain.clock import ClockDoubt, ClockSource
from scanner.domain.direction import Direction
from scanner.domain.guards import GuardId, Role
from scanner.domain.reasons import GuardReason
from scanner.gate.framing import Message


class Health(StrEnum):
    """How one part of the gate is."""

    WELL = "well"
    WARNING = "warning"
    FAULT = "fault"
    UNKNOWN = "unknown"


class Part(StrEnum):
    """The parts that the status line names."""

    CAMERA = "camera"
    SCANNER = "scanner"
    KEYS = "keys"
    CLOCK = "clock"
    LEDGER = "ledger"
    HUB = "hub"


class CameraFault(StrEnum):
    """Why the gate sees nobody; the values are those of `scanner.vision.faults.Fault`."""

    FAILED = "failed"
    LATE = "late"
    DAMAGED = "damaged"
    BLACK = "black"
    FROZEN = "frozen"


class KeysTrouble(StrEnum):
    """Why newer keys do not come from the hub; the values are `sync_status.TrustTrouble`'s.

    A hub that does not answer is told by its own part of the status.
    """

    CAPTIVE = "captive"
    OLDER = "older"
    REFUSED = "refused"
    FAILED = "failed"


class Passing(Struct, frozen=True):
    """What a gate knows of those who come and go.

    Attributes:
        direction: which way people go now: in or out.
        can_turn: the guard says which way.
        inside: how many people are in the site.
        limit: how many it may hold; None for no limit.
        is_counted: the number is to be believed; a power cut, or a silent gate, makes it a guess.
        is_followed: people are told apart, and will be after a restart.
    """

    direction: Direction
    can_turn: bool
    inside: int
    limit: int | None
    is_counted: bool
    is_followed: bool


class UndoOffer(Struct, frozen=True):
    """The guard's decision that can still be taken back.

    Attributes:
        entry: its number in the ledger.
        visit: the scan that it was about; None for a person without a code.
        seconds: for how long.
    """

    entry: int
    visit: int | None
    admitted: bool
    reason: GuardReason
    seconds: float


class GuardStatus(Struct, frozen=True):
    """Who is on duty, and what the guard can do about the last decision.

    Attributes:
        is_login_needed: whoever overrides has to log in here.
        guard, role: who is on duty; None when nobody is.
        undo: None when there is nothing to take back.
        is_roster_damaged: there is a roster that cannot be read.
        locked_s: for how long nobody may try a PIN at this kiosk.
    """

    is_login_needed: bool = False
    guard: GuardId | None = None
    role: Role | None = None
    undo: UndoOffer | None = None
    is_roster_damaged: bool = False
    locked_s: float = 0.0


class Status(Message, frozen=True, kw_only=True, tag="status"):
    """Sent about once a second and on every change.

    Attributes:
        parts: health of each part; a part that is missing is not fitted to this gate.
        keys_age_s: seconds since the bundle of keys was signed.
        keys_version: which bundle is in force.
        passing: which way people go and how many are inside, at a gate that knows it.
        keys_trouble: what sync found wrong when it last looked for newer keys.
        guards: who is on duty here.
        queue: entries that the hub has not acknowledged yet; None when sync never ran.
        admitted, checked, refused: people today, by the final decision.
        camera_fault: what is wrong with the camera when its health is a fault.
        clock_source: who vouches for the gate's time.
        clock_error_s: give or take so much; None where nobody vouches.
        clock_doubt: why nobody should rely on it.
        frame_age_s: of the newest frame; None before the first.
        frames_damaged, camera_failures: since the gate started.
        exposure_ev: how much more light the camera is asked for than it would take; 0 leaves it to
            the camera, None where its exposure is not steered.
        can_seal: there is the hub's key for what a visitor says.
    """

    at: datetime
    parts: dict[Part, Health]
    keys_age_s: int
    queue: int | None
    admitted: int
    checked: int
    refused: int
    frames_per_s: float
    camera_fault: CameraFault | None = None
    clock_source: ClockSource = ClockSource.NTP
    clock_error_s: float | None = None
    clock_doubt: ClockDoubt | None = None
    frame_age_s: float | None = None
    frames_damaged: int = 0
    camera_failures: int = 0
    exposure_ev: float | None = None
    keys_version: str = ""
    keys_trouble: KeysTrouble | None = None
    can_seal: bool = True
    passing: Passing | None = None
    guards: GuardStatus = GuardStatus()
