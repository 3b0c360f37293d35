"""What every screen may read: handed down by the app, changed by the app only."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from scanner.domain.hints import Hint
from scanner.gate.messages import Collecting, Hello, StickTold, TrustChanged
from scanner.gate.status import Status
from scanner.kiosk.pictures import Font
from scanner.kiosk.terminal import Display
from scanner.kiosk.words import Speech


@dataclass(slots=True)
class Session:
    """The screen's surroundings and the newest of what the gate said.

    Attributes:
        font: for big glyphs; None where the font package is missing.
        timezone: None for the machine's own.
        hint: advice to the person whose code is not read.
        collecting: how far a pass in several codes has got.
        problem: key of the words for the last command that failed; empty when none did.
        news: what last happened to the keys; None after a while.
        note: key of the words for a decision that has just been recorded; empty after a while.
    """

    display: Display
    font: Font | None
    speech: Speech
    timezone: tzinfo | None = None
    hello: Hello | None = None
    status: Status | None = None
    hint: Hint | None = None
    collecting: Collecting | None = None
    problem: str = ""
    note: str = ""
    news: TrustChanged | StickTold | None = None

    def clock(self, at: datetime) -> str:
        """The gate's time in words of the large language, in the site's time zone."""
        return self.speech.large.clock(at.astimezone(self.timezone))
