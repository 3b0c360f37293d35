"""A printed code is read back by the gate's own reader."""

import pytest

from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.issuing.picture import qr_png
from scanner.vision.reader import QrReader
from scanner.vision.sources.files import decode_image
from tests.builders import NOW, a_code, a_key


@pytest.mark.parametrize(
    "text", [a_code(), issue_eu_dcc(a_key("EU"), now=NOW)], ids=["health code", "EU certificate"]
)
def test_a_picture_says_what_was_issued(text: str) -> None:
    codes = QrReader().read(decode_image(qr_png(text), "code.png"))
    assert [code.text for code in codes] == [text]


def test_the_module_size_is_kept() -> None:
    (code,) = QrReader().read(decode_image(qr_png(a_code(), px_per_module=5), "code.png"))
    assert code.px_per_module == pytest.approx(5, abs=0.3)


def test_a_text_that_no_code_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        qr_png("x" * 5000)
