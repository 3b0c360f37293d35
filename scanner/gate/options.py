"""What the gate daemon is told from outside."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from scanner.gate.guardhouse import NO_WISHES, GuardRules
from scanner.gate.site_recognition import RecognitionReader
from scanner.gate.site_rules import RulesReader
from scanner.gate.visits import Timing
from scanner.peripherals.texts import TextSource
from scanner.policy.layers import Layer
from scanner.policy.places import NOWHERE, Place
from scanner.policy.recognition import RecognitionMatrix
from scanner.trust.staleness import Limits
from scanner.vision.engines import EngineName
from scanner.vision.frames import FrameSource

if TYPE_CHECKING:
    from scanner.gate.doorway import Door


class GateOptions(Struct, frozen=True, kw_only=True):
    """Everything that the daemon is told from outside.

    Attributes:
        gate, site: names for the screen.
        languages: the screen's, the first one first.
        retention_days: how long lines are kept; shown to the people in the queue, too.
        kiosk_uids: who may connect to the socket.
        preview_fps: small pictures a second for the viewfinder.
        rules: the gate's own.
        door: which way the gate leads into its site; None where it was not told.
        site_id, division: whose layers of the bundle tighten them; None where it was not told.
        read_rules: what reads a layer.
        place: what lies behind the gate, which way it leads, and who mostly comes.
        recognition, read_recognition: whose codes are recognised where, while the bundle carries
            nothing about it, and what reads that.
        trust_folder, trust_root, trust_limits: the store of bundles, the installed root metadata,
            and what counts as old.
        stick_folders: below which a stick that is mounted is looked at; none turns that off.
        open_camera: opens the frame source; called again after each failure. None where only
            barcode scanners are fitted.
        open_scanners: opens each barcode scanner, likewise.
        reader: the library that decodes what the camera sees.
        guards: what the site wants of its guards.
        roster: who they are; there may be no such file.
        system_clock_counts: the machine's clock is right by itself, whoever keeps it.
        keep_running: False ends the daemon with a finite source, such as a video file.
    """

    gate: str
    site: str
    languages: tuple[str, ...]
    retention_days: int
    kiosk_uids: frozenset[int]
    preview_fps: int
    open_camera: Callable[[], FrameSource] | None
    rules: Layer
    timing: Timing
    trust_folder: Path
    trust_root: Path
    trust_limits: Limits
    stick_folders: tuple[Path, ...]
    site_id: str | None
    read_rules: RulesReader
    division: str | None
    place: Place = NOWHERE
    recognition: RecognitionMatrix
    read_recognition: RecognitionReader
    state: Path
    runtime: Path
    socket: Path
    outbox: Path
    sync_status: Path
    sealing_key: Path
    roster: Path
    release: str
    door: "Door | None" = None
    open_scanners: tuple[Callable[[], TextSource], ...] = ()
    reader: EngineName = EngineName.ZXING
    keep_running: bool = True
    guards: GuardRules = NO_WISHES
    system_clock_counts: bool = False
