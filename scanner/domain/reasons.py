"""Why a verdict is what it is. The screen translates each code; logs carry only the code."""

from enum import StrEnum


class Reason(StrEnum):
    """One reason code. Colour, check result and decision are three separate things: see domain."""

    # nothing speaks against the pass: proven, in time, recognised here, and of a colour that admits
    OK = "ok"
    # what was shown is no pass, or cannot be read as one
    NOT_A_HEALTH_CODE = "not_a_health_code"
    MALFORMED = "malformed"
    # the signature
    UNKNOWN_ISSUER = "unknown_issuer"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    WRONG_KEY_USAGE = "wrong_key_usage"
    KEY_REVOKED = "key_revoked"
    HOLDER_UNPROVEN = "holder_unproven"
    SCREENSHOT = "screenshot"
    # the time
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    CODE_TOO_OLD = "code_too_old"
    # the pass at this site
    REVOKED = "revoked"
    PROBABLY_REVOKED = "probably_revoked"
    REPLAYED = "replayed"
    SEEN_AT_OTHER_GATE = "seen_at_other_gate"
    STILL_INSIDE = "still_inside"
    EXIT_WITHOUT_ENTRY = "exit_without_entry"
    SUPERSEDED = "superseded"
    NOT_RECOGNISED = "not_recognised"
    RECOGNITION_DENIED = "recognition_denied"
    SHOWN_ONLY = "shown_only"
    WRONG_SCOPE = "wrong_scope"
    # the colour
    HARD_LINE = "hard_line"
    COLOUR_RED = "colour_red"
    COLOUR_YELLOW = "colour_yellow"
    COLOUR_PENDING = "colour_pending"
    COLOUR_NONE = "colour_none"
    COLOUR_CONVERTED = "colour_converted"
    # what else the pass says
    TEST_POSITIVE = "test_positive"
    # what a layer's rule wants here
    TEST_MISSING = "test_missing"
    TEST_TOO_OLD = "test_too_old"
    VACCINE_MISSING = "vaccine_missing"
    OUTSIDE_HOURS = "outside_hours"
    OVER_CAPACITY = "over_capacity"
    SITE_RULE = "site_rule"
    # what a country that the site named asks of foreign certificates
    FOREIGN_RULE_FAILED = "foreign_rule_failed"
    FOREIGN_RULE_OPEN = "foreign_rule_open"
    # the temperature
    TEMPERATURE_NEEDED = "temperature_needed"
    TEMPERATURE_HIGH = "temperature_high"
    TEMPERATURE_IMPLAUSIBLE = "temperature_implausible"
    # a person without a code
    NO_CODE = "no_code"
    REFUSED_EARLIER = "refused_earlier"
    GUARDIAN_NOT_ADMITTED = "guardian_not_admitted"
    # the machine
    KEYS_STALE = "keys_stale"
    ISSUER_KEYS_STALE = "issuer_keys_stale"
    REVOCATION_STALE = "revocation_stale"
    CLOCK_UNSURE = "clock_unsure"
    CANNOT_RECORD = "cannot_record"


class GuardReason(StrEnum):
    """Why a guard decided beside the machine, or without a code."""

    ELDER_WITHOUT_PHONE = "elder_without_phone"
    CHILD_WITH_GUARDIAN = "child_with_guardian"
    PAPER_PASS = "paper_pass"
    ID_REGISTERED = "id_registered"
    EMERGENCY_MEDICAL = "emergency_medical"
    STAFF_ON_DUTY = "staff_on_duty"
    SYSTEM_OUTAGE = "system_outage"
    TEMPERATURE_REMEASURED = "temperature_remeasured"
    RESIDENT_WITHOUT_TEST = "resident_without_test"
    GUARDIAN_OF_DEPENDANTS = "guardian_of_dependants"
    VISITOR_REGISTERED = "visitor_registered"
    ID_MISMATCH = "id_mismatch"
    TEMPERATURE_CONFIRMED = "temperature_confirmed"
    OTHER = "other"
