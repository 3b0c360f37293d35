"""Names what a text is that no format reads, so that its holder is told politely.

Only the text's beginning is looked at, nothing is decoded or kept, and every text has a kind. It
decides words on a screen and nothing else, so that a wrong guess costs no one the gate.

Sources: the prefixes of payment codes are those of the merchants' interfaces of Alipay (`auth_code`
of alipay.trade.pay), WeChat Pay (micropay) and UnionPay; EMV QRCPS merchant-presented mode 4.7.3;
EPC069-12; IATA Resolution 792; ZXing's list of barcode contents. Which links of a government are
venue codes is a guess: see `_VENUE_WORDS`.
"""

import re
from binascii import crc_hqx
from typing import Final

from scanner.domain.foreign import ForeignKind

MAX_LOOKED_AT: Final = 512
"""Characters; also the most that a merchant's EMV code may hold."""

_SCHEMES: Final = {
    scheme: kind
    for kind, schemes in {
        ForeignKind.PAYMENT: (
            "wxp", "wxhb", "alipayqr", "upi", "payto", "bitcoin", "bitcoincash", "ethereum",
            "lightning", "litecoin", "dogecoin", "monero", "solana", "tron",
        ),
        ForeignKind.CONTACT: ("mecard", "bizcard"),
        ForeignKind.WIFI: ("wifi", "dpp"),
        ForeignKind.PHONE: ("tel", "sms", "smsto", "mms", "mmsto"),
        ForeignKind.EMAIL: ("mailto", "matmsg", "smtp"),
        ForeignKind.PLACE: ("geo",),
        ForeignKind.WEB_LINK: ("mebkm", "urlto"),
    }.items()
    for scheme in schemes
}  # fmt: skip
_BEGINNINGS: Final = (
    ("weixin://wxpay", ForeignKind.PAYMENT),
    ("bcd\n00", ForeignKind.PAYMENT),  # EPC069-12: SEPA credit transfer
    ("spc\n02", ForeignKind.PAYMENT),  # Swiss QR bill
    ("spd*", ForeignKind.PAYMENT),  # Czech short payment descriptor
    ("st0001", ForeignKind.PAYMENT),  # GOST R 56042
    ("hqvdufywm", ForeignKind.PAYMENT),  # EMV consumer-presented mode: "CPV01" in Base64
    ("begin:vcard", ForeignKind.CONTACT),
    ("begin:vevent", ForeignKind.EVENT),
    ("begin:vcalendar", ForeignKind.EVENT),
    ("#小程序://", ForeignKind.APP_LINK),
    ("www.", ForeignKind.WEB_LINK),
)
_PASS_SCHEME: Final = re.compile(r"(?:jkm|hc|nl|dk)[0-9]|shc|nzcp", re.ASCII)
"""Families of health passes; what of them is supported has a reader, and never comes here."""
_VDS_HEADER: Final = re.compile(r'\{"(?:data":\{"hdr|hdr)"', re.ASCII)

_HOSTS: Final = {
    host: kind
    for kind, hosts in {
        ForeignKind.PAYMENT: (
            "qr.alipay.com", "d.alipay.com", "wx.tenpay.com", "payapp.weixin.qq.com",
            "payapp.wechatpay.cn", "i.qianbao.qq.com", "qr.95516.com", "paypal.com", "paypal.me",
            "buy.stripe.com", "cash.app", "venmo.com", "revolut.me", "qr.paypay.ne.jp",
        ),
        ForeignKind.TRAVEL_CARD: ("xc.caict.ac.cn",),
        ForeignKind.OTHER_PASS: ("s.sh.gov.cn",),  # Shanghai's own health code
        ForeignKind.APP_LINK: ("ds.alipay.com", "wxaurl.cn", "wxmpurl.cn"),
    }.items()
    for host in hosts
}  # fmt: skip
_GOVERNMENT: Final = ".gov.cn"
_VENUE_WORDS: Final = ("changsuo", "csm", "venue", "place", "scene")
"""In the rest of a government's link. A guess: no province publishes what its venue codes hold,
and many are short links of a mini program, which are then named as such."""

_BOARDING_PASS: Final = re.compile(r"m[1-4][a-z .'/-]{20}[e ][a-z0-9 ]{7}[a-z]{6}", re.ASCII)
"""Format, legs, name, ticket, booking reference, two airports: Resolution 792, items 1 to 26."""
_PAYMENT_NUMBER: Final = re.compile(
    r"1[0-5][0-9]{16}|(?:2[5-9]|30)[0-9]{14,22}|62[0-9]{17}", re.ASCII
)
"""What a shop scans from WeChat, Alipay and UnionPay."""
_RESIDENT_ID: Final = re.compile(
    r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x]",
    re.ASCII,
)
_EMV_INDICATOR: Final = "000201"
_EMV_CHECKSUM: Final = "6304"


def classify(text: str) -> ForeignKind:
    """The family of a text that is no pass; a guess by its beginning, for any text at all.

    Args:
        text: as decoded; hostile. It takes the same time however long it is.
    """
    beginning = text[:MAX_LOOKED_AT].strip("\ufeff \t\r\n")
    head = beginning.lower()
    scheme, colon, rest = head.partition(":")
    if _PASS_SCHEME.fullmatch(scheme) or _VDS_HEADER.match(head):
        return ForeignKind.OTHER_PASS
    if head.isascii() and head.rstrip("x").isdigit():
        return _number(head)
    lines = head.replace("\r\n", "\n")
    for start, kind in _BEGINNINGS:
        if lines.startswith(start):
            return kind
    if colon and scheme in _SCHEMES:
        return _SCHEMES[scheme]
    if rest.startswith("//"):
        return _link(scheme, rest[2:])
    if _BOARDING_PASS.match(head):
        return ForeignKind.BOARDING_PASS
    return ForeignKind.PAYMENT if _is_emv(beginning) else ForeignKind.TEXT


def _number(digits: str) -> ForeignKind:
    """A payment code by its first digits and its length; WeChat's overlap with id numbers."""
    if _PAYMENT_NUMBER.fullmatch(digits) and not _is_resident_id(digits):
        return ForeignKind.PAYMENT
    is_number = digits.isdigit() or _is_resident_id(digits)
    if not is_number:
        return ForeignKind.TEXT
    return ForeignKind.PAYMENT if _is_emv(digits) else ForeignKind.NUMBER


def _is_resident_id(digits: str) -> bool:
    """18 characters with a date of birth and the check character of ISO 7064 MOD 11-2."""
    if not _RESIDENT_ID.fullmatch(digits):
        return False
    values = [10 if character == "x" else int(character) for character in digits]
    weighed = sum(value << (17 - place) for place, value in enumerate(values))
    return weighed % 11 == 1


def _link(scheme: str, rest: str) -> ForeignKind:
    if scheme not in ("http", "https", "ftp"):
        is_word = scheme.isascii() and scheme.replace("-", "").isalnum()
        return ForeignKind.APP_LINK if is_word else ForeignKind.TEXT
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    host = authority.rpartition("@")[2].partition(":")[0].removeprefix("www.")
    if kind := _HOSTS.get(host):
        return kind
    tail = rest[len(authority) :]
    if _PASS_SCHEME.match(tail.partition("#")[2]):
        return ForeignKind.OTHER_PASS
    if host.endswith(_GOVERNMENT) and any(word in tail for word in _VENUE_WORDS):
        return ForeignKind.VENUE
    return ForeignKind.WEB_LINK


def _is_emv(text: str) -> bool:
    """A merchant's code: first object 00, last object 63, a CRC-16 over all before its digits."""
    if not text.startswith(_EMV_INDICATOR) or text[-8:-4] != _EMV_CHECKSUM:
        return False
    checksum = crc_hqx(text[:-4].encode("utf-8", "replace"), 0xFFFF)
    return text[-4:].upper() == f"{checksum:04X}"
