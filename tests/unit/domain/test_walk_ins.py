"""Who comes without a code, in words that carry nobody's name."""

import pytest

from scanner.domain.walk_ins import (
    ALWAYS_MEASURED,
    GUARD_REASONS,
    MAX_FIELD,
    NUMBERED,
    PersonKind,
    TypedNumber,
    VisitorDetails,
)


def test_a_guard_lets_each_of_them_in_for_a_reason_with_a_name() -> None:
    assert set(GUARD_REASONS) == set(PersonKind)


def test_whoever_is_always_measured_has_no_number_to_type() -> None:
    assert ALWAYS_MEASURED.isdisjoint(NUMBERED)


@pytest.mark.parametrize(
    ("host", "phone", "name"),
    [
        ("", "13800000000", ""),
        ("  ", "13800000000", ""),
        ("3-2-501", "", ""),
        ("3-2-501", "12", ""),
        ("3-2-501", "1380000x000", ""),
        ("3-2-501", "\N{FULLWIDTH DIGIT ONE}" * 11, ""),
        ("3-2-501", "1" * 16, ""),
        ("A" * (MAX_FIELD + 1), "13800000000", ""),
        ("3-2-501", "13800000000", "张" * (MAX_FIELD + 1)),
        ("3-2-501", "13800000000", "a\x1b[2J"),
    ],
)
def test_a_visitor_who_cannot_be_reached_is_not_complete(host: str, phone: str, name: str) -> None:
    assert not VisitorDetails(host, phone, name).is_complete


def test_a_visitor_needs_a_host_and_a_phone_and_no_name() -> None:
    assert VisitorDetails("3-2-501", "13800000000").is_complete
    assert VisitorDetails("翠苑 3 幢 501", "110", "张三").is_complete


def test_no_repr_shows_whom_it_is_about() -> None:
    shown = f"{VisitorDetails('3-2-501', '13800000000', '张三')!r} {TypedNumber('330106')!r}"
    assert shown == "VisitorDetails() TypedNumber()"
