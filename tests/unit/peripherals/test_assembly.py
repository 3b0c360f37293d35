"""Bytes of a scanner to texts: terminators, gaps, caps, and whatever a wire can do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.peripherals.assembly import GAP_S, MAX_BYTES, TextAssembler


def assembled(*chunks: bytes) -> list[str]:
    assembler = TextAssembler()
    return [text.text for chunk in chunks for text in assembler.feed(chunk, 1.0)]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t", b"\n\r"])
def test_each_terminator_ends_a_text(end: bytes) -> None:
    assert assembled(b"JKM1:AB" + end + b"HC1:CD" + end) == ["JKM1:AB", "HC1:CD"]


def test_a_text_may_come_in_any_pieces() -> None:
    assert assembled(b"JK", b"", b"M1:A", b"B\r", b"\nHC1:", b"CD\n") == ["JKM1:AB", "HC1:CD"]


def test_a_text_without_a_terminator_ends_with_silence() -> None:
    assembler = TextAssembler()
    assert assembler.feed(b"JKM1:", 5.0) == []
    assert assembler.idle(5.0 + GAP_S / 2) == []
    assert assembler.feed(b"AB", 5.1) == []
    (text,) = assembler.idle(5.1 + GAP_S)
    assert (text.text, text.received_s) == ("JKM1:AB", 5.1)
    assert assembler.idle(9.0) == []


def test_a_machine_that_reads_late_does_not_tear_a_text() -> None:
    assembler = TextAssembler()
    assembler.feed(b"JKM1:", 5.0)
    assert [text.text for text in assembler.feed(b"AB\r", 5.0 + 10 * GAP_S)] == ["JKM1:AB"]


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"]Q1JKM1:AB", "JKM1:AB"),
        (b"\x02]Q3JKM1:AB\x03", "JKM1:AB"),
        (b"\x1dJK\x00M1:\x7fAB\xc2\x85", "JKM1:AB"),
        ("绿码".encode(), "绿码"),
        (b"caf\xe9", "café"),
        (b"]Q", "]Q"),
        (b"A]Q1", "A]Q1"),
    ],
)
def test_what_the_scanner_put_around_the_text_is_taken_off(sent: bytes, text: str) -> None:
    assert assembled(sent + b"\r") == [text]


@pytest.mark.parametrize("nothing", [b"\r\n\r\n", b"\x00\x1b\r", b"]Q1\r"])
def test_what_holds_no_text_is_no_scan(nothing: bytes) -> None:
    assert assembled(nothing) == []


def test_a_text_of_the_largest_size_is_whole() -> None:
    assert assembled(b"7" * MAX_BYTES + b"\r") == ["7" * MAX_BYTES]


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 3 * MAX_BYTES])
@pytest.mark.parametrize("piece", [MAX_BYTES * 4, 1000])
def test_a_longer_one_is_dropped_to_its_end_and_counted_once(size: int, piece: int) -> None:
    assembler = TextAssembler()
    sent = b"7" * size + b"\rNEXT\r"
    pieces = [sent[start : start + piece] for start in range(0, len(sent), piece)]
    texts = [text.text for chunk in pieces for text in assembler.feed(chunk, 1.0)]
    assert (texts, assembler.dropped) == (["NEXT"], 1)


def test_silence_ends_an_overlong_one_too() -> None:
    assembler = TextAssembler()
    assembler.feed(b"7" * (MAX_BYTES + 1), 1.0)
    assert assembler.idle(1.0 + GAP_S) == []
    assert [text.text for text in assembler.feed(b"NEXT\r", 2.0)] == ["NEXT"]


def test_a_text_with_characters_lost_is_dropped_to_its_end() -> None:
    assembler = TextAssembler()
    assembler.feed(b"JKM", 1.0)
    assembler.lose()
    assert [text.text for text in assembler.feed(b"AB\rNEXT\r", 1.0)] == ["NEXT"]
    assert assembler.dropped == 1


PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40).filter(
    lambda text: not text.startswith("]")
)


@given(texts=st.lists(PRINTABLE), data=st.data())
def test_every_text_arrives_once_however_it_is_cut(texts: list[str], data: st.DataObject) -> None:
    sent = b"".join(text.encode() + b"\r\n" for text in texts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=8)))
    chunks = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert assembled(*chunks) == texts


@given(st.lists(st.binary(max_size=6000)))
def test_no_bytes_raise_or_pass_the_cap(chunks: list[bytes]) -> None:
    for text in assembled(*chunks, b"\r"):
        assert 0 < len(text) <= MAX_BYTES
        assert not any(char in text for char in "\r\n\t\0\x1b")
