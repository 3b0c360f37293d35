"""Names on a screen: enough to compare, not to copy."""

import pytest

from scanner.formats.masking import mask


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张小三", "张*三"),
        ("张三", "张*"),
        ("欧阳小三", "欧**三"),
        ("李", "李"),
        ("Gabriele Musterfrau-Gößinger", "G*** M***"),
        ("GABRIELE MUSTERFRAU<GOESSINGER", "G*** M*** G***"),
        ("émilie", "É***"),
        ("Παπαδοπούλου", "Π***"),
        ("a b c d e f", "A*** B*** C*** D***"),
        ("'t Hart", "T*** H***"),
        ("\u202e\x1b[31m 12", "M***"),
        ("\u202e <<< 12", ""),
        ("", ""),
    ],
)
def test_masked_names(name: str, masked: str) -> None:
    assert mask(name) == masked
