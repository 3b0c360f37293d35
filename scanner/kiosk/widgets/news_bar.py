"""A bar on the idle screen for what happened to the keys; not there while there is no news."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from scanner.kiosk.news import news_of
from scanner.kiosk.palette import HINT, NIGHT, SCHEMES, Scheme, Tone
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText

_ATTENTION: Final = Scheme(NIGHT, SCHEMES[Tone.CHECK].ground)
"""Amber on the idle screen's ground, as a warning of the status line: no verdict is painted so."""


class NewsBar(Vertical):
    """Headline in large letters, and a line that says from where, who signed and what changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="news")
        self._session = session

    def compose(self) -> ComposeResult:
        """Both lines; empty at first."""
        yield BigText(self._session, "", "", scheme=HINT, widget_id="news-headline")
        yield Static("", id="news-detail", markup=False)

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show()

    def show(self) -> None:
        """Show the session's newest news, or go away."""
        event = self._session.news
        self.display = event is not None
        if event is None:
            return
        news = news_of(event, self._session.speech)
        scheme = _ATTENTION if news.is_refusal else HINT
        for headline in self.query("#news-headline").results(BigText):
            headline.update(*news.headline, scheme=scheme)
        for detail in self.query("#news-detail").results(Static):
            detail.update(f" {news.detail}")
            detail.display = bool(news.detail)
