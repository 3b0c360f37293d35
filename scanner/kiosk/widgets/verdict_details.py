"""What the guard compares and needs to know: holder, issuer, age, reasons, the machine's word."""

from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from scanner.domain.passes import Colour
from scanner.domain.reasons import Reason
from scanner.domain.suspicion import is_suspected
from scanner.domain.verdicts import Advice, Ask, Decision
from scanner.gate.messages import VerdictShown
from scanner.kiosk.issuers import issuer_name
from scanner.kiosk.palette import PLAIN, SCHEMES, Tone
from scanner.kiosk.presentation import TONES
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.words import Words

_MAX_REASONS: Final = 3
_MAX_TEXT: Final = 40
_MAX_ISSUER: Final = 60
_MAX_PHRASE: Final = 80
_MAX_CELLS: Final = 52
"""A line beside the keypad, on the smallest screen."""
_HOURS_UP_TO_S: Final = 120 * 3600
"""Rules about tests count hours, up to five days or so."""
_COLOURS: Final = {
    Reason.HARD_LINE: Colour.RED,
    Reason.COLOUR_RED: Colour.RED,
    Reason.COLOUR_YELLOW: Colour.YELLOW,
    Reason.COLOUR_PENDING: Colour.PENDING,
    Reason.COLOUR_NONE: Colour.NONE,
}
"""What a reason says of the colour already."""


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


def printable(text: str, limit: int = _MAX_TEXT) -> str:
    """At most `limit` characters, none of which could steer the terminal or turn the line.

    A signature proves who wrote a name, not that it is harmless on a screen.
    """
    return "".join(character for character in text[:limit] if character.isprintable())


def details_text(session: Session, verdict: VerdictShown) -> Text:
    """The lines: what it is, who decided what, why, and what is still asked for."""
    large, small = session.speech.large, session.speech.small
    lines = [
        Text(" · ".join(facts), "#d8e2ec")
        for facts in (_facts(verdict, large), _health_facts(verdict, large))
        if facts
    ]
    if verdict.guard is not None:
        scheme = SCHEMES[TONES[verdict.decision]]
        word = f"decision.{verdict.decision.value}"
        machine = "   ".join(
            words("detail.machine", decision=words(word)) for words in (large, small)
        )
        lines.append(Text(f" {machine} ", f"bold {scheme.css_ink} on {scheme.css_ground}"))
    suspected = is_suspected(verdict.reasons)
    most = _MAX_REASONS if verdict.advice is None and not suspected else _MAX_REASONS - 1
    reasons = [reason for reason in verdict.reasons if not _says_itself(reason, verdict.advice)]
    for reason in reasons[:most]:
        key = f"reason.{reason.value}"
        line = Text(f"• {large(key)}  ", "bold white")
        line.append(small(key), "#9fb0c0")
        lines.append(line)
    if len(reasons) > most:
        lines[-1].append(f"  +{len(reasons) - most}", "bold")
    if verdict.advice is not None:
        lines += _advice(verdict.advice, large)
    attention = SCHEMES[Tone.CHECK].css_ground
    if suspected:
        lines.append(Text(f"⚑ {large('suspicion')}", f"bold {attention}"))
    if not verdict.final:
        lines += [
            Text(f"→ {session.speech.both(f'ask.{ask.value}')}", f"bold {attention}")
            for ask in verdict.asks
            if ask is not Ask.TEMPERATURE
        ]
    return Text("\n").join(lines)


def _says_itself(reason: Reason, advice: Advice | None) -> bool:
    """Whether a line about it would say nothing more: the screen as a whole, or a rule's author."""
    if reason is Reason.SITE_RULE:
        return advice is not None and bool(advice.guard)
    return reason is Reason.OK


def _advice(advice: Advice, words: Words) -> list[Text]:
    """What the author of the rule wants said, to the guard and to the holder: a line for each."""
    guard, holder = _in_language(advice.guard, words), _in_language(advice.holder, words)
    lines = []
    if guard or advice.hotline:
        hotline = words("detail.hotline", number=advice.hotline) if advice.hotline else ""
        lines.append(
            Text(f"☞ {'  '.join(part for part in (guard, hotline) if part)}", "bold white")
        )
    if holder:
        lines.append(Text(f"“{holder}”", "#d8e2ec"))
    return lines


def _in_language(texts: tuple[tuple[str, str], ...], words: Words) -> str:
    """In the screen's language where it is there, else in the first; never wider than a line."""
    known = dict(texts)
    text = printable(known.get(words.language) or next(iter(known.values()), ""), _MAX_PHRASE)
    return (
        text if cell_len(text) <= _MAX_CELLS else f"{set_cell_size(text, _MAX_CELLS - 1).rstrip()}…"
    )


def _facts(verdict: VerdictShown, words: Words) -> list[str]:
    facts = []
    if verdict.id_kind is not None:
        document = words(f"id_kind.{verdict.id_kind.value}")
        facts.append(words("detail.compare", document=document))
    if verdict.issuer is not None:
        facts.append(printable(issuer_name(verdict.issuer, verdict.country, words), _MAX_ISSUER))
    if verdict.holder_is_dependant:
        facts.append(words("detail.dependant"))
    elif verdict.kind is not None:
        facts.append(words(f"kind.{verdict.kind.value}"))
    if verdict.colour is not None and not _says_colour(verdict):
        facts.append(words(f"colour.{verdict.colour.value}"))
    if verdict.reason_class is not None:
        reason = printable(verdict.reason_class)
        facts.append(words("detail.reason_class", reason=reason))
    if verdict.code_age_s is not None:
        facts.append(words("detail.code_age", age=words.age(verdict.code_age_s)))
    if verdict.direction is not None:
        facts.append(words(f"way.{verdict.direction.value}"))
    if verdict.dwell_s is not None:
        facts.append(words("detail.dwell", time=words.age(verdict.dwell_s)))
    if verdict.temperature_c is not None:
        facts.append(words("detail.temperature", celsius=f"{verdict.temperature_c:.1f}"))
    if verdict.person is not None:
        facts.append(_person(verdict, words))
    elif verdict.guard is not None and verdict.format is None:
        facts.append(words("detail.no_code"))
    return facts


def _person(verdict: VerdictShown, words: Words) -> str:
    """Who came without a code, and which one of how many."""
    who, total = (
        words(f"person.{verdict.person.value}") if verdict.person else "",
        verdict.party_size,
    )
    if verdict.party_place:
        return f"{who} {words('detail.party', place=verdict.party_place, total=total)}"
    return f"{who} {words('detail.followed', total=total)}" if total else who


def _health_facts(verdict: VerdictShown, words: Words) -> list[str]:
    """Test, vaccination, recovery, end: how old each is, never which product or which place."""
    facts = []
    if verdict.test_negative is not None:
        result = words("detail.test_negative" if verdict.test_negative else "detail.test_other")
        age_s = verdict.test_age_s
        facts.append(result if age_s is None else _ago(result, _test_age(age_s, words), words))
    if verdict.vaccine_doses is not None:
        vaccine = words("detail.vaccine", doses=verdict.vaccine_doses)
        facts.append(_ago(vaccine, words.days(verdict.vaccine_age_days or 0), words))
    if verdict.recovery_age_days is not None:
        age = words.days(verdict.recovery_age_days)
        facts.append(_ago(words("detail.recovery"), age, words))
    if verdict.expires_at is not None:
        left_s = (verdict.expires_at - verdict.at).total_seconds()
        key = "detail.expires" if left_s > 0 else "detail.expired"
        facts.append(words(key, time=words.age(abs(left_s))))
    return facts


def _says_colour(verdict: VerdictShown) -> bool:
    """Whether the headline or a reason names the colour already."""
    if verdict.decision is Decision.ADMIT and verdict.guard is None:
        return verdict.colour is Colour.GREEN
    return any(_COLOURS.get(reason) is verdict.colour for reason in verdict.reasons[:_MAX_REASONS])


def _ago(fact: str, age: str, words: Words) -> str:
    return words("detail.ago", fact=fact, age=age)


def _test_age(age_s: int, words: Words) -> str:
    if age_s < 3600:
        return words.age(age_s)
    return words.hours(age_s // 3600) if age_s < _HOURS_UP_TO_S else words.days(age_s // 86400)
