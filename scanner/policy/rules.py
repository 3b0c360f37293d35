"""The rules of one site, typed. What would loosen a hard line cannot be expressed or is refused."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal, Protocol

import msgspec

from scanner.domain.id_documents import MAX_TYPED, Alphabet, NumberForm
from scanner.domain.passes import Colour, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, Finding
from scanner.domain.walk_ins import ALWAYS_MEASURED, PersonKind


class Strict(StrEnum):
    """What a failed check may lead to: never to ADMIT."""

    CHECK = "CHECK"
    REFUSE = "REFUSE"


PHONE_KINDS = frozenset({PassKind.DYNAMIC, PassKind.NATIONAL})
"""What a phone shows anew each time; an old one is a picture of somebody else's, perhaps."""

_DAY_S = 86_400
_MAX_DAYS = 3660
Seconds = Annotated[int, msgspec.Meta(gt=0, le=_MAX_DAYS * _DAY_S)]
Days = Annotated[int, msgspec.Meta(gt=0, le=_MAX_DAYS)]
Celsius = Annotated[float, msgspec.Meta(ge=30, le=45)]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table in a rules file."""


class ColourRules(Table, frozen=True):
    """What each colour leads to; red is not here because it is always REFUSE."""

    green: Literal["ADMIT", "CHECK"] = "ADMIT"
    yellow: Strict = Strict.CHECK
    pending: Strict = Strict.CHECK
    none: Strict = Strict.CHECK

    def decision(self, colour: Colour) -> Decision:
        """The decision for one colour."""
        return Decision.REFUSE if colour is Colour.RED else Decision(getattr(self, colour.value))


class ResultRules(Table, frozen=True):
    """What each failed check leads to; the names are those of `Reason`."""

    not_a_health_code: Strict = Strict.CHECK
    malformed: Strict = Strict.CHECK
    unknown_issuer: Strict = Strict.CHECK
    unknown_key: Strict = Strict.CHECK
    bad_signature: Literal["REFUSE"] = "REFUSE"
    wrong_key_usage: Strict = Strict.REFUSE
    key_revoked: Strict = Strict.REFUSE
    holder_unproven: Strict = Strict.CHECK
    screenshot: Strict = Strict.CHECK
    expired: Strict = Strict.CHECK
    not_yet_valid: Strict = Strict.CHECK
    revoked: Strict = Strict.REFUSE
    probably_revoked: Strict = Strict.CHECK
    code_too_old: Strict = Strict.CHECK
    superseded: Strict = Strict.CHECK
    wrong_scope: Strict = Strict.CHECK
    not_recognised: Strict = Strict.CHECK
    recognition_denied: Strict = Strict.CHECK
    test_positive: Strict = Strict.REFUSE
    foreign_rule_failed: Strict = Strict.REFUSE
    foreign_rule_open: Strict = Strict.CHECK
    temperature_high: Strict = Strict.CHECK
    clock_unsure: Strict = Strict.CHECK
    cannot_record: Strict = Strict.CHECK
    replayed: Literal["CHECK"] = "CHECK"
    seen_at_other_gate: Literal["CHECK"] = "CHECK"
    still_inside: Literal["CHECK"] = "CHECK"
    over_capacity: Strict = Strict.CHECK

    def decision(self, reason: Reason) -> Decision:
        """The decision that a failed check forces; REFUSE for one without a rule."""
        return Decision(getattr(self, reason.value, Strict.REFUSE))


class MaxAgeRules(Table, frozen=True):
    """How old a pass may be since its issue, by kind."""

    dynamic_s: Seconds = 300
    holder_signed_s: Seconds = _DAY_S
    national_s: Seconds = 300
    visitor_days: Days = 1
    paper_days: Days = 180
    dependant_days: Days = 180

    def seconds(self, kind: PassKind, *, is_holder_signed: bool) -> int | None:
        """The longest age of a kind in seconds; None where the kind sets no limit of its own.

        Args:
            kind: of the pass.
            is_holder_signed: the holder's phone vouched for it, so that it is no old picture,
                however long ago the issuer made it.
        """
        if is_holder_signed and kind in PHONE_KINDS:
            return self.holder_signed_s
        limits = {
            PassKind.DYNAMIC: self.dynamic_s,
            PassKind.NATIONAL: self.national_s,
            PassKind.VISITOR: self.visitor_days * _DAY_S,
            PassKind.PAPER: self.paper_days * _DAY_S,
            PassKind.DEPENDANT: self.dependant_days * _DAY_S,
        }
        return limits.get(kind)


HIGHEST_C: Final = 45.0
"""A reading above it is no living person's."""


class TemperatureRules(Table, frozen=True):
    """Who is measured and what a reading means, in degrees Celsius.

    Attributes:
        required_for: kinds of pass that are admitted only after a reading.
        limit_c: this and above is high.
        low_c: below this the thermometer was held wrongly.
        remeasure: how often a high reading may be repeated.
        cool_down_s: after a high reading, how long until the next one counts: from the sun, or
            from a bicycle, a forehead is warm for some minutes.
    """

    required_for: tuple[PassKind, ...] = (PassKind.PAPER, PassKind.DEPENDANT)
    limit_c: Celsius = 37.3
    low_c: Celsius = 35.0
    remeasure: Annotated[int, msgspec.Meta(ge=0, le=5)] = 1
    cool_down_s: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 0

    def is_plausible(self, celsius: float) -> bool:
        """True for a reading that a living person can have."""
        return self.low_c <= celsius <= HIGHEST_C

    def is_high(self, celsius: float) -> bool:
        """True for a plausible reading at the limit or above."""
        return self.limit_c <= celsius <= HIGHEST_C


class WhenStale(StrEnum):
    """What the gate does with a good pass while what it knows is too old.

    Attributes:
        ADMIT: admits, with the reason on the screen and in the ledger.
        ADMIT_WITH_ID: asks the guard to compare name and document, then admits.
        SUPERVISOR: leaves the decision to a second person.
        STOP: refuses.
    """

    ADMIT = "admit"
    ADMIT_WITH_ID = "admit_with_id"
    SUPERVISOR = "supervisor"
    STOP = "stop"


Hours = Annotated[float, msgspec.Meta(gt=0, le=8_760)]
LimitDays = Annotated[float, msgspec.Meta(gt=0, le=365)]


class StalenessRules(Table, frozen=True):
    """What old keys and old revocations lead to; a site may set its own limits, too.

    Attributes:
        degraded: while the bundle, or the keys of the pass's own issuer, are degraded.
        revocation: while that issuer's revoked codes are.
        fresh_hours, degraded_days: where they are shorter than the gate's settings.
    """

    degraded: WhenStale = WhenStale.ADMIT_WITH_ID
    revocation: WhenStale = WhenStale.ADMIT_WITH_ID
    fresh_hours: Hours | None = None
    degraded_days: LimitDays | None = None


Characters = Annotated[int, msgspec.Meta(ge=1, le=MAX_TYPED)]


class WalkInRules(Table, frozen=True):
    """Who may come without a code, and who of them is measured.

    Elders, children, holders of a paper pass or of a document and emergencies have no key: a site
    cannot make the code the only way in. REFUSE for the others sends them away; as with anybody who
    was not measured, a guard then admits for an emergency or a system outage only.

    Attributes:
        temperature_for: beside `ALWAYS_MEASURED`, which no site can leave out.
        number_alphabet, number_shortest, number_longest: of registered numbers. Layers that agree
            on none take none.
    """

    visitor: Strict = Strict.CHECK
    staff: Strict = Strict.CHECK
    typed_number: Strict = Strict.CHECK
    temperature_for: tuple[PersonKind, ...] = (
        PersonKind.GUARDIAN,
        PersonKind.RESIDENT_CARD,
        PersonKind.TYPED_NUMBER,
        PersonKind.PASSPORT,
        PersonKind.HONG_KONG_MACAU_PERMIT,
        PersonKind.TAIWAN_PERMIT,
        PersonKind.VISITOR,
        PersonKind.STAFF,
    )
    number_alphabet: Alphabet = Alphabet.DIGITS_AND_LETTERS
    number_shortest: Characters = 4
    number_longest: Characters = 20

    @property
    def number_form(self) -> NumberForm:
        """What registered numbers look like here."""
        return NumberForm(self.number_alphabet, self.number_shortest, self.number_longest)

    def decision(self, kind: PersonKind) -> Decision:
        """CHECK leaves it to the guard, REFUSE sends away; never ADMIT."""
        return Decision(getattr(self, kind.value, Strict.CHECK))

    def is_measured(self, kind: PersonKind) -> bool:
        """Whether somebody of this kind is let in after a temperature only."""
        return kind in ALWAYS_MEASURED or kind in self.temperature_for


Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}\Z")]


class ForeignRules(Table, frozen=True):
    """What is asked of foreign certificates beyond being genuine.

    Attributes:
        business_rules: the country whose published acceptance rules an EU certificate has to meet,
            as if it were entered; of several, those of each. None asks for no rules.
    """

    business_rules: Country | Annotated[tuple[Country, ...], msgspec.Meta(max_length=8)] = ()

    @property
    def countries(self) -> tuple[str, ...]:
        """One or several, as a tuple."""
        named = self.business_rules
        return (named,) if isinstance(named, str) else named


class PassbackRules(Table, frozen=True):
    """When a code that passes again is looked at; at gates only whose settings tell a direction.

    Attributes:
        kinds: whose codes tell one person apart; a household shares its paper pass.
        replay_minutes: the same code once more the same way, at any gate of the site; 0 never is.
        turn_seconds: the same code the other way at this gate; 0 never is.
        other_gate_seconds: the same code at another gate of the site, whichever way; 0 never is.
        anti_passback: whoever came in must have gone out before coming in once more. For sites
            only where people show their code on the way out, too.
    """

    kinds: tuple[PassKind, ...] = (PassKind.DYNAMIC, PassKind.NATIONAL, PassKind.VISITOR)
    replay_minutes: Annotated[int, msgspec.Meta(ge=0, le=1_440)] = 2
    turn_seconds: Annotated[int, msgspec.Meta(ge=0, le=3_600)] = 20
    other_gate_seconds: Annotated[int, msgspec.Meta(ge=0, le=3_600)] = 20
    anti_passback: bool = False


class CapacityRules(Table, frozen=True):
    """How many people the site may hold.

    Attributes:
        limit: None for no limit.
    """

    limit: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None


class Tables(Table, frozen=True):
    """What the gate's own checks lead to."""

    colour: ColourRules = ColourRules()
    results: ResultRules = ResultRules()
    max_age: MaxAgeRules = MaxAgeRules()
    temperature: TemperatureRules = TemperatureRules()
    staleness: StalenessRules = StalenessRules()
    walk_in: WalkInRules = WalkInRules()
    foreign: ForeignRules = ForeignRules()
    passback: PassbackRules = PassbackRules()
    capacity: CapacityRules = CapacityRules()


class Weighed(msgspec.Struct, frozen=True):
    """What rules beyond the tables found about one person, and what would settle it."""

    findings: tuple[Finding, ...] = ()
    asks: tuple[Ask, ...] = ()


class ExtraRules(Protocol):
    """What layers add beyond the tables; `scanner.policy.extra_rules` compiles them."""

    def __bool__(self) -> bool:
        """False where there is nothing to weigh, so that nobody need gather facts."""

    def weigh(self, facts: Mapping[str, object], settles: Callable[[Ask], bool]) -> Weighed:
        """What applies to one person.

        Args:
            facts: as `scanner.policy.facts` makes them.
            settles: whether a question was answered.
        """


class NoExtraRules:
    """Nothing beyond the tables."""

    def __bool__(self) -> bool:
        return False

    def weigh(self, facts: Mapping[str, object], settles: Callable[[Ask], bool]) -> Weighed:  # noqa: ARG002
        """Nothing."""
        return Weighed()


NO_EXTRA_RULES: Final = NoExtraRules()


class RuleSet(Tables, frozen=True):
    """Everything that `evaluate` weighs beside the pass itself.

    Attributes:
        version: of every layer that it was made of.
        extra: what layers add beyond the tables.
    """

    version: str = "default-1"
    extra: ExtraRules = NO_EXTRA_RULES
