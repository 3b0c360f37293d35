"""What `checkpoint phone show` draws: the code, when it changes, and what to do when it ends."""

import time
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.console import Console, ConsoleDimensions, Group, RenderableType
from rich.live import Live
from rich.text import Text

from scanner.cli.terminal_code import half_blocks
from scanner.domain.errors import SettingsError, TrustError
from scanner.issuing.phone import REFRESH, Phone
from scanner.issuing.picture import qr_modules

_COLOURS: Final = "256"
"""The code's black and white are what is read: NO_COLOR and a terminal's theme do not apply."""


def current_text(folder: Path, now: datetime) -> str:
    """The text that the phone in `folder` shows at `now`.

    Raises:
        TrustError: there is no phone, or its code of the day has ended.
    """
    phone = Phone.load(folder)
    if phone.ends_at is not None and now >= phone.ends_at:
        raise TrustError(
            f"The code of the day ended at {_clock(phone.ends_at)}.",
            f"Get the next one: checkpoint phone new --folder KEYS --phone {folder}",
        )
    return phone.presents(now)


def print_code(text: str) -> None:
    """One code on standard output, in colour also where that is no terminal."""
    code = half_blocks(qr_modules(text))
    width = max(len(line) for line in code.plain.splitlines())
    Console(width=width, force_terminal=True, color_system=_COLOURS, no_color=False).print(code)


def keep_showing(folder: Path) -> None:
    """A fresh picture every second until Ctrl-C; the terminal is then as it was before.

    Raises:
        SettingsError: standard output is no terminal.
        TrustError: there is no phone in `folder`.
    """
    console = Console(color_system=_COLOURS, no_color=False)
    if not console.is_terminal:
        raise SettingsError(
            "Standard output is no terminal, so nothing can be shown anew.",
            "Take one code: --once, or --png FILE.",
        )
    Phone.load(folder)
    screen = PhoneScreen(folder)
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                now = datetime.now().astimezone()
                live.update(screen.at(now, console.size), refresh=True)
                time.sleep(1 - time.time() % 1)
    except KeyboardInterrupt:
        return


class PhoneScreen:
    """The phone's screen at one moment after the other.

    Args:
        folder: the phone's; read anew for each code, so that the next day's is taken up.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._code: Text | None = None
        self._trouble = ""
        self._made_at: datetime | None = None

    def at(self, now: datetime, size: ConsoleDimensions) -> RenderableType:
        """What to draw.

        Args:
            now: aware; a new code is made when `REFRESH` has passed or the clock went back.
            size: of the terminal.
        """
        if self._made_at is None or not self._made_at <= now < self._made_at + REFRESH:
            self._renew(now)
        made_at = self._made_at or now
        left_s = round((made_at + REFRESH - now).total_seconds())
        if self._code is None:
            return Text(f"{self._trouble}\n\nLooking again in {left_s} s. Ctrl-C ends.")
        lines = self._code.plain.splitlines()
        columns, rows = len(lines[0]), len(lines) + 1
        if size.width < columns or size.height < rows:
            return Text(
                f"The code needs {columns} columns and {rows} lines; this window has {size.width} "
                f"and {size.height}.\nMake the window larger or its letters smaller (Ctrl and "
                "minus), or take a picture: --png FILE.\nCtrl-C ends."
            )
        return Group(self._code, Text(f"New code in {left_s:2} s. Ctrl-C ends.", no_wrap=True))

    def _renew(self, now: datetime) -> None:
        self._made_at = now
        self._code, self._trouble = None, ""
        try:
            self._code = half_blocks(qr_modules(current_text(self._folder, now)))
        except TrustError as error:
            self._trouble = f"{error.found}\n{error.remedy}".strip()


def _clock(when: datetime) -> str:
    return f"{when.astimezone():%Y-%m-%d %H:%M %Z}"
