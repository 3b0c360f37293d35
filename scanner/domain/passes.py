"""What a code says, before and after anyone has proven it.

`ParsedPass` and `VerifiedPass` are different types so that a decision on an unproven pass does not
type-check. All times are aware UTC.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

import msgspec

from scanner.domain.foreign import ForeignKind
from scanner.domain.reasons import Reason
from scanner.domain.rule_outcomes import CountryRules

PassFormat = NewType("PassFormat", str)
"""The family of a code by the name that its reader gives it, such as `eu_dcc`.

No enum: a new format is one new file in `scanner/formats/readers` and touches nothing else.
"""

HEALTH_CODE: Final = PassFormat("health_code")
"""The provinces' own format, the only one that counts unless a site's rules name more."""


EU_DCC: Final = PassFormat("eu_dcc")
"""The one whose content published business rules are about."""


class PassKind(StrEnum):
    """What the pass is for."""

    DYNAMIC = "dynamic"
    PAPER = "paper"
    DEPENDANT = "dependant"
    VISITOR = "visitor"
    NATIONAL = "national"
    VACCINATION = "vaccination"
    TEST = "test"
    RECOVERY = "recovery"
    CLEARANCE = "clearance"


class Colour(StrEnum):
    """The colour that the issuer gave the holder. Alone it is no decision."""

    NONE = "none"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    PENDING = "pending"


class IdKind(StrEnum):
    """The document whose last characters a guard compares."""

    RESIDENT_CARD = "resident_card"
    PASSPORT = "passport"
    HONG_KONG_MACAU_PERMIT = "hong_kong_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    OTHER = "other"


class Algorithm(StrEnum):
    """Signature algorithms by their COSE names (RFC 9053); the key decides, never the code."""

    ES256 = "ES256"
    EDDSA = "EdDSA"
    PS256 = "PS256"


class Holder(msgspec.Struct, frozen=True):
    """As much of the holder as a guard needs to compare; masked by `scanner.formats.masking`."""

    masked_name: str
    id_kind: IdKind
    id_suffix: str


class LaboratoryTest(msgspec.Struct, frozen=True):
    """One test and its result."""

    kind: str
    negative: bool
    sampled_at: datetime | None
    reported_at: datetime | None

    def age(self, now: datetime) -> timedelta | None:
        """Time since the sample was taken, else since the report; None when neither is told."""
        known_at = self.sampled_at or self.reported_at
        return None if known_at is None else max(now - known_at, timedelta())


class VaccineRecord(msgspec.Struct, frozen=True):
    """A course of vaccination."""

    doses: int
    last_day: date

    def age(self, now: datetime) -> timedelta:
        """Whole days since the last dose; never negative."""
        return max(now.date() - self.last_day, timedelta())


class RecoveryRecord(msgspec.Struct, frozen=True):
    """A past infection that the holder has recovered from."""

    first_positive: date

    def age(self, now: datetime) -> timedelta:
        """Whole days since the first positive test; never negative."""
        return max(now.date() - self.first_positive, timedelta())


class DependantRecord(msgspec.Struct, frozen=True):
    """Who answers for a child or an elder."""

    relation: str
    masked_guardian: str


class PassClaims(msgspec.Struct, frozen=True):
    """Everything that a code asserts, in one shape whatever its format.

    Attributes:
        issuer: whose keys were asked: two digits for a province (`scanner.domain.issuers`), `EU`
            for every EU certificate, else the format's own name for it (a https address, a DID, an
            ICAO country).
        colour: None when the format has none by its nature: its facts speak instead.
        country: ISO 3166 code where the format names one, else None.
        code_id: the issuer's own id of this code (CWT `cti`, DCC `ci`), None when it gives none.
        expires_at: None when the format sets no expiry.
        division: six digits of GB/T 2260, the city or county, where the issuer names it.
        scope: where a paper or visitor pass is valid, in the issuer's words.
        reason_class: the issuer's class of reason for the colour; never a diagnosis.
        hard_line: the issuer marks a red that no lower layer may loosen.
        household: an opaque household number, where household passes exist.
        holder_key: thumbprint (RFC 9679) of the phone's key that the issuer bound the code to.
        presented_at: when the holder's own phone vouched for it, else None.
    """

    format: PassFormat
    kind: PassKind
    issuer: str
    colour: Colour | None
    issued_at: datetime | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    code_id: bytes | None = None
    country: str | None = None
    holder: Holder | None = None
    division: str | None = None
    scope: str | None = None
    test: LaboratoryTest | None = None
    vaccine: VaccineRecord | None = None
    recovery: RecoveryRecord | None = None
    reason_class: str | None = None
    hard_line: bool = False
    colour_since: datetime | None = None
    household: str | None = None
    dependant: DependantRecord | None = None
    policy_version: str | None = None
    holder_key: bytes | None = None
    presented_at: datetime | None = None


class SignedMessage(msgspec.Struct, frozen=True):
    """What was signed, and how it claims to be; nothing of it proven.

    Attributes:
        message: the exact bytes under the signature.
        signature: r || s for ES256, 64 bytes for EdDSA, the modulus' length for PS256.
        algorithm: what the code claims; the key's own algorithm decides. None for an unknown one.
        key_id: the claimed kid; empty when there is none, so that no key is found.
    """

    message: bytes
    signature: bytes
    algorithm: Algorithm | None
    key_id: bytes


class Presentation(msgspec.Struct, frozen=True):
    """What the holder's phone signed around the issuer's message; nothing of it proven.

    Attributes:
        signed: what the phone signed, and how.
        at: when it claims to have done so.
    """

    signed: SignedMessage
    at: datetime


class ParsedPass(msgspec.Struct, frozen=True):
    """A code that reads well and proves nothing yet; only the formats ever see one.

    Attributes:
        signed: what the issuer signed, and how.
        identity: 32 bytes that stay the same under every change that leaves the signature valid
            (outer tag, unprotected header, ECDSA s to n-s): a digest of what is signed. Replay,
            revocation and debounce key on it, never on the text.
        issuer: the claimed issuer, whose keys are asked.
        content: the payload's claims; what they mean is read after the signature holds.
        is_holder_bound: the issuer names a key that the holder has to prove.
        presentation: what the holder's phone signed around it; None where it did not.
    """

    signed: SignedMessage
    identity: bytes
    issuer: str
    content: Mapping[object, object]
    is_holder_bound: bool = False
    presentation: Presentation | None = None


class Evidence(msgspec.Struct, frozen=True):
    """What proved a pass.

    Attributes:
        key_id: kid of the trusted key that verified it.
    """

    format: PassFormat
    key_id: bytes
    algorithm: Algorithm


class VerifiedPass(msgspec.Struct, frozen=True):
    """A pass whose signature, key and times hold at the moment of reading.

    Attributes:
        foreign_rules: what the business rules of each country that the site named then said; None
            where nobody asked them.
    """

    claims: PassClaims
    identity: bytes
    evidence: Evidence
    foreign_rules: tuple[CountryRules, ...] | None = None


class Rejection(msgspec.Struct, frozen=True):
    """The one way out for everything that is not a verified pass.

    Attributes:
        reasons: every failed check, the first failure first; never empty.
        proven: the claims when the *signature* is genuine and something later failed (expired, not
            yet valid, wrong key usage), so that a red and expired code lists both; else None.
        identity: as in `ParsedPass` once the code could be parsed that far, else None.
        detail: a short fixed phrase for operators ("trailing bytes after CBOR"); no content of the
            code ever gets in here.
        foreign: what it is instead, when no format recognises it.
        claimed_issuer: whose code it says it is, proven or not, where that is an issuer whose keys
            are known here: a word of the trust list, never one that only the code knows.
    """

    reasons: tuple[Reason, ...]
    proven: PassClaims | None = None
    identity: bytes | None = None
    format: PassFormat | None = None
    detail: str = ""
    foreign: ForeignKind | None = None
    claimed_issuer: str | None = None
