"""What people hold up by mistake is named; the rest has a name, too."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.foreign import ForeignKind
from scanner.domain.passes import Rejection
from scanner.formats.foreign import MAX_LOOKED_AT, classify
from scanner.formats.registry import MAX_TEXT, read_pass
from tests.builders import NOW, a_code, a_key, a_ring

EMV = (
    "00020101021252044131153137210116372101160123456789ABCDE6010Phnom Penh5913Merchant Shop"
    "5802KH540510.005303840622501081234567802090124444446304A0BA"
)
"""Made up; the checksum is right."""

TABLE = {
    ForeignKind.PAYMENT: [
        "2876344382566439",  # Alipay, 16 digits
        "280389411343685293",
        "301234567890123456789012",
        "134567890123456789",  # WeChat
        "154658833119096245",
        "100000190001010003",  # an id number's shape, wrong check character
        "6212345678901234567",  # UnionPay
        "https://qr.alipay.com/fkx07120vzhsliuln927l74",
        "HTTPS://QR.ALIPAY.COM/FKX05202GE16QHOXXX7NE6",
        "wxp://f2f0xyz",
        "https://wx.tenpay.com/f2f?t=AQAAAF",
        "https://payapp.weixin.qq.com/qr/abc",
        "weixin://wxpay/bizpayurl?pr=abc",
        "https://qr.95516.com/00010000/62028489073949969691921655610979",
        "https://i.qianbao.qq.com/wallet/sqrcode.htm?m=tenpay",
        EMV,
        "hQVDUFYwMWETTwegAAAGFxABUAZC",  # EMV, consumer-presented
        "BCD\n002\n1\nSCT\n\nExample\nDE33100205000001194700\nEUR20",
        "BCD\r\n001\r\n1\r\nSCT",
        "SPC\n0200\n1\nCH4431999123000889012",
        "SPD*1.0*ACC:CZ2806000000000168540115*",
        "bitcoin:175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W?amount=1",
        "ethereum:0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
        "https://www.paypal.com/qrcodes/p2pqrc/ABC",
        "https://paypal.me/somebody",
        "upi://pay?pa=shop@bank",
    ],
    ForeignKind.VENUE: [
        "https://csm.example.gov.cn/changsuo?id=1",
        "https://jkm.example.gov.cn/qr?placeId=12",
        "https://example.gov.cn/venue/1",
    ],
    ForeignKind.TRAVEL_CARD: ["https://xc.caict.ac.cn/", "https://xc.caict.ac.cn/?code=101&ad=1"],
    ForeignKind.BOARDING_PASS: [
        "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100",
        "M2ZHANG/SANMR         EABC123 PEKSHACA 1501 326Y001A0025 100",
    ],
    ForeignKind.OTHER_PASS: [
        "hc1:6BF",
        "HC2:6BF",
        "jkm1:6BF",
        "JKM2:6BF",
        "SHC:/56762909",
        "NZCP:/2/2KCEVIQEIVV",
        "NZCP:",
        "JKM1",
        "NL2:6BF",
        '{"data":{"hdr":{"is":"UTO","t":"icao.test","v":1}',
        "http://health.example/#JKM1:BB8",
        "https://health.example/#jkm1:bb8",
        "https://s.sh.gov.cn/d9198c6243c8a557",
        "JKM1:" + "0" * MAX_TEXT,
    ],
    ForeignKind.CONTACT: ["BEGIN:VCARD\nN:张;三\nEND:VCARD", "MECARD:N:Doe,John;;"],
    ForeignKind.WIFI: ["WIFI:S:gate;T:WPA;P:12345678;;", "wifi:S:a;;"],
    ForeignKind.EVENT: ["BEGIN:VEVENT\nSUMMARY:a", "BEGIN:VCALENDAR\r\nVERSION:2.0"],
    ForeignKind.PHONE: ["tel:+8613800138000", "SMSTO:+8613800138000:hello"],
    ForeignKind.EMAIL: ["mailto:a@example.com", "MATMSG:TO:a@example.com;;"],
    ForeignKind.PLACE: ["geo:30.25,120.16"],
    ForeignKind.APP_LINK: [
        "alipays://platformapi/startapp?appId=2021001135679870",
        "weixin://dl/business/?t=QDZVQEO2z9f",
        "#小程序://健康/abc",
        "https://wxaurl.cn/abc",
        "otpauth://totp/a?secret=b",
    ],
    ForeignKind.WEB_LINK: [
        "https://example.com/",
        "http://weixin.qq.com/r/jHWSigDEQF0",
        "www.example.com/menu",
        "URLTO:example.com",
        "https://qr.alipay.com.example.net/pay",
        "https://qr.alipay.com@example.net/pay",
        "https://www.example.gov.cn/index.html",
        "https://example.com/changsuo",
        "https://" + "a" * 10_000,
        "https://",
    ],
    ForeignKind.NUMBER: [
        "6901234567892",  # a retail barcode
        "11010519491231002X",  # the example of GB 11643
        "100000190001010002",  # an id number of no place, right check character: not WeChat's
        "0",
        "9" * 10_000,
    ],
    ForeignKind.TEXT: [
        "",
        "   ",
        "hello",
        "张三",
        "$(reboot)",
        " : ",
        "1234x",
        "١٢٣",
        "M1",
        "BCD",
        EMV[:-1] + "B",
        "a b://c",
    ],
}
"""Codes that are made up, published examples or test data: no one's own."""


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in TABLE.items() for text in texts]
)
def test_a_foreign_code_is_named(kind: ForeignKind, text: str) -> None:
    assert classify(text) is kind


def test_every_kind_is_in_the_table() -> None:
    assert set(TABLE) == set(ForeignKind)


def test_what_a_scanner_adds_around_it_changes_nothing() -> None:
    assert classify("\ufeff 280389411343685293\r\n") is ForeignKind.PAYMENT


@given(st.text() | st.text("019xX#:/.@?M ", max_size=60))
@pytest.mark.parametrize(
    "start",
    ["", "https://", "000201", "M1", "JKM", "1101051949", "wxp:", "BEGIN:", "BCD\n", "\ud800"],
)
def test_every_text_has_a_kind(start: str, text: str) -> None:
    assert classify(start + text) in ForeignKind


@given(st.text(min_size=MAX_LOOKED_AT), st.text())
def test_only_the_beginning_is_looked_at(text: str, rest: str) -> None:
    assert classify(text) is classify(text[:MAX_LOOKED_AT] + rest)


@pytest.mark.parametrize(
    "unit", ["1", "a", "https://", "M1", "::", "/@", "\n", "x", "M1A ", "\ufeff"]
)
def test_a_long_text_takes_the_time_of_a_short_one(unit: str) -> None:
    text = unit * 1_000_000
    started_s = time.perf_counter()
    for _ in range(100):
        classify(text)
    assert time.perf_counter() - started_s < 0.5


def test_only_what_no_format_reads_is_foreign() -> None:
    foreign = read_pass("wxp://f2f0xyz", a_ring(), NOW)
    assert isinstance(foreign, Rejection)
    assert foreign.foreign is ForeignKind.PAYMENT
    for text in ("JKM1:", a_code(a_key("65"))):
        rejected = read_pass(text, a_ring(), NOW)
        assert isinstance(rejected, Rejection)
        assert rejected.foreign is None
