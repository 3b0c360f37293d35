"""What a code is when it is no pass: enough to say so politely, nothing of its content."""

from enum import StrEnum


class ForeignKind(StrEnum):
    """The families that people hold up by mistake, and the rest.

    Attributes:
        OTHER_PASS: looks like a health pass, of a kind or version that nothing here reads.
        NUMBER: digits alone, such as a retail barcode or an id number.
        TEXT: everything else.
    """

    PAYMENT = "payment"
    VENUE = "venue"
    TRAVEL_CARD = "travel_card"
    BOARDING_PASS = "boarding_pass"
    OTHER_PASS = "other_pass"
    CONTACT = "contact"
    WIFI = "wifi"
    EVENT = "event"
    PHONE = "phone"
    EMAIL = "email"
    PLACE = "place"
    APP_LINK = "app_link"
    WEB_LINK = "web_link"
    NUMBER = "number"
    TEXT = "text"
