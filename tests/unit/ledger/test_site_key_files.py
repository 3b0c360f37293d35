"""Where a site's keys lie, what outlives a restart, and what is destroyed."""

import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from scanner.domain.errors import LedgerError
from scanner.ledger.site_key_files import SiteKeyring

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def a_keyring(folder: Path, today: date = TODAY) -> SiteKeyring:
    (folder / "run").mkdir(exist_ok=True)
    return SiteKeyring(folder / "site.key", folder / "run", today)


def days(keyring: SiteKeyring, today: date, *in_use: date, is_sure: bool = True) -> list[date]:
    return [keys.day for keys in keyring.keys(today, in_use, is_sure=is_sure)]


def test_gates_with_a_copy_of_the_file_have_the_same_keys_on_any_day(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first = a_keyring(tmp_path / "a")
    (tmp_path / "b" / "site.key").write_bytes((tmp_path / "a" / "site.key").read_bytes())
    first.keys(TODAY + DAY, (), is_sure=True)
    second = a_keyring(tmp_path / "b", TODAY + 9 * DAY)
    later = TODAY + 9 * DAY
    assert first.keys(later, (), is_sure=True) == second.keys(later, (), is_sure=True)


def test_earlier_keys_stay_as_long_as_somebody_is_known_by_them(tmp_path: Path) -> None:
    keyring = a_keyring(tmp_path)
    today = keyring.keys(TODAY, (), is_sure=True)[0]
    assert days(keyring, TODAY + DAY, TODAY) == [TODAY + DAY, TODAY]
    restarted = a_keyring(tmp_path, TODAY + DAY)
    assert restarted.keys(TODAY + DAY, (TODAY,), is_sure=True)[1] == today
    assert days(restarted, TODAY + DAY) == [TODAY + DAY]
    assert today.naming not in (tmp_path / "run" / "site-keys").read_bytes()


def test_what_is_destroyed_is_overwritten(tmp_path: Path) -> None:
    keyring = a_keyring(tmp_path)
    keyring.keys(TODAY + DAY, (TODAY,), is_sure=True)
    other_name = tmp_path / "still-linked"
    other_name.hardlink_to(tmp_path / "run" / "site-keys")
    keyring.keys(TODAY + DAY, (), is_sure=True)
    assert other_name.read_bytes().strip(b"\0") == b""


def test_the_card_leads_to_no_earlier_day(tmp_path: Path) -> None:
    keyring = a_keyring(tmp_path)
    before = (tmp_path / "site.key").read_bytes()
    yesterday = keyring.keys(TODAY, (), is_sure=True)[0]
    keyring.keys(TODAY + DAY, (), is_sure=True)
    after = (tmp_path / "site.key").read_bytes()
    assert after != before
    assert stat.S_IMODE((tmp_path / "site.key").stat().st_mode) == 0o600
    assert a_keyring(tmp_path).sealing_keys(TODAY) is None
    assert yesterday not in a_keyring(tmp_path).keys(TODAY, (), is_sure=True)


def test_the_card_does_not_follow_a_clock_that_nobody_vouches_for(tmp_path: Path) -> None:
    keyring = a_keyring(tmp_path)
    before = (tmp_path / "site.key").read_bytes()
    ahead = TODAY + 1000 * DAY
    assert days(keyring, ahead, is_sure=False) == [ahead]
    assert (tmp_path / "site.key").read_bytes() == before
    assert days(keyring, TODAY + DAY, is_sure=True) == [TODAY + DAY]
    assert days(a_keyring(tmp_path), TODAY + DAY) == [TODAY + DAY]


def test_a_date_before_the_links_is_served_by_the_links_own_keys(tmp_path: Path) -> None:
    keyring = a_keyring(tmp_path)
    assert days(keyring, TODAY - 400 * DAY) == [TODAY]


def test_another_gates_midnight_may_come_a_little_earlier(tmp_path: Path) -> None:
    keyring = a_keyring(tmp_path)
    early = keyring.sealing_keys(TODAY + DAY)
    assert early is not None
    assert keyring.sealing_keys(TODAY + 2 * DAY) is None
    assert keyring.keys(TODAY + DAY, (), is_sure=True)[0] == early


def test_a_torn_file_in_ram_is_none(tmp_path: Path) -> None:
    a_keyring(tmp_path).keys(TODAY + DAY, (TODAY,), is_sure=True)
    (tmp_path / "run" / "site-keys").write_bytes(b"\x91torn")
    assert days(a_keyring(tmp_path), TODAY + DAY, TODAY) == [TODAY + DAY]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"day":"2026-11-23","secret":"AA=="}', b"x" * 100_000],
    ids=["empty", "no link", "short", "long"],
)
def test_a_file_that_is_no_link_is_named_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "site.key").write_bytes(content)
    with pytest.raises(LedgerError, match="holds no site key"):
        a_keyring(tmp_path)


def test_without_a_folder_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be used"):
        SiteKeyring(tmp_path / "absent" / "site.key", tmp_path, TODAY)
