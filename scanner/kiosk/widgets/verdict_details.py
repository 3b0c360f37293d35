"""What the guard compares and needs to know: holder, issuer, age, reasons, the machine's word."""

from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from scanner.domain.issuers import EU, issuer_names
from scanner.domain.verdicts import Ask
from scanner.gate.messages import VerdictShown
from scanner.kiosk.palette import PLAIN, SCHEMES, Tone
from scanner.kiosk.presentation import TONES
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.words import Words

_MAX_REASONS: Final = 3
_MAX_TEXT: Final = 40


class VerdictDetails(Vertical):
    """The card below the picture. It shows what the issuer masked and the gate let through."""

    def __init__(self, session: Session, verdict: VerdictShown) -> None:
        super().__init__(id="details")
        self._session = session
        self._verdict = verdict

    def compose(self) -> ComposeResult:
        """The holder large, everything else in lines."""
        holder = holder_line(self._verdict)
        if holder:
            yield BigText(self._session, holder, scheme=PLAIN, widget_id="holder")
        yield Static(details_text(self._session, self._verdict), id="facts")


def holder_line(verdict: VerdictShown) -> str:
    """Masked name and the last characters of the document; empty for an unproven code."""
    name, suffix = printable(verdict.masked_name or ""), printable(verdict.id_suffix or "")
    return "  ".join(part for part in (name, f"…{suffix}" if suffix else "") if part)


def printable(text: str) -> str:
    """At most `_MAX_TEXT` characters, none of which could steer the terminal or turn the line.

    A signature proves who wrote a name, not that it is harmless on a screen.
    """
    return "".join(character for character in text[:_MAX_TEXT] if character.isprintable())


def details_text(session: Session, verdict: VerdictShown) -> Text:
    """The lines: what it is, who decided what, why, and what is still asked for."""
    large, small = session.speech.large, session.speech.small
    lines = [Text(" · ".join(facts), "#d8e2ec") for facts in (_facts(verdict, large),) if facts]
    if verdict.guard is not None:
        scheme = SCHEMES[TONES[verdict.decision]]
        word = f"decision.{verdict.decision.value}"
        machine = "   ".join(
            words("detail.machine", decision=words(word)) for words in (large, small)
        )
        lines.append(Text(f" {machine} ", f"bold {scheme.css_ink} on {scheme.css_ground}"))
    for reason in verdict.reasons[:_MAX_REASONS]:
        key = f"reason.{reason.value}"
        line = Text(f"• {large(key)}  ", "bold white")
        line.append(small(key), "#9fb0c0")
        lines.append(line)
    if len(verdict.reasons) > _MAX_REASONS:
        lines[-1].append(f"  +{len(verdict.reasons) - _MAX_REASONS}", "bold")
    attention = SCHEMES[Tone.CHECK].css_ground
    if not verdict.final:
        lines += [
            Text(f"→ {session.speech.both(f'ask.{ask.value}')}", f"bold {attention}")
            for ask in verdict.asks
            if ask is not Ask.TEMPERATURE
        ]
    return Text("\n").join(lines)


def _facts(verdict: VerdictShown, words: Words) -> list[str]:
    facts = []
    if verdict.id_kind is not None:
        document = words(f"id_kind.{verdict.id_kind.value}")
        facts.append(words("detail.compare", document=document))
    if verdict.issuer is not None:
        facts.append(_issuer(verdict.issuer, verdict.country, words))
    if verdict.holder_is_dependant:
        facts.append(words("detail.dependant"))
    elif verdict.kind is not None:
        facts.append(words(f"kind.{verdict.kind.value}"))
    if verdict.code_age_s is not None:
        facts.append(words("detail.code_age", age=words.age(verdict.code_age_s)))
    if verdict.temperature_c is not None:
        facts.append(words("detail.temperature", celsius=f"{verdict.temperature_c:.1f}"))
    if verdict.guard is not None and verdict.format is None:
        facts.append(words("detail.no_code"))
    return facts


def _issuer(code: str, country: str | None, words: Words) -> str:
    """The issuer's name; for an EU certificate the country as well."""
    english, chinese = issuer_names(printable(code))
    name = chinese if words.locale.language == "zh" else english
    if country is None:
        return name
    territory = words.locale.territories.get(country, printable(country))
    return f"{name} {territory}" if code == EU else territory
