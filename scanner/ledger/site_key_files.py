"""Where a site's keys are kept: the chain's link on the card, the keys still needed in RAM.

On the card lies one link, of today; it leads to no earlier day. Keys of days that somebody is still
known by lie in the runtime folder: they outlive a restart of the service, and go with the power or
when the last of these people has left. A flash card may keep an old link somewhere in its spare
blocks until it needs them; against whoever reads those out, encrypt the card.
"""

import os
import secrets
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from scanner.domain.decoding import UndecodableError, decode
from scanner.domain.errors import LedgerError
from scanner.durable_files import create_file, replace_file, write_beside
from scanner.ledger.site_key import SECRET_BYTES, Link, SiteKeys

_PAST_FILE: Final = "site-keys"
_MOST_BYTES: Final = 64 << 10
_PAST: Final = msgspec.msgpack.Decoder(tuple[SiteKeys, ...])
_LINK: Final = msgspec.json.Decoder(Link)


class SiteKeyring:
    """The site's keys as one gate has them.

    Args:
        link_file: made with a link of this gate's own when there is none; a copy of another gate's
            file makes both gates of one site.
        runtime: folder in RAM.
        today: the gate's local date.

    Raises:
        LedgerError: a folder cannot be used, or the link is damaged.
    """

    def __init__(self, link_file: Path, runtime: Path, today: date) -> None:
        self._link_file = link_file
        self._past_file = runtime / _PAST_FILE
        try:
            if not link_file.exists():
                create_file(link_file, _encode(Link(today, secrets.token_bytes(SECRET_BYTES))))
            self._link = _read_link(link_file)
            self._past = self._read_past()
        except OSError as error:
            raise LedgerError(
                f"The site key {link_file} cannot be used: {error.strerror}.",
                "Its folder and the runtime folder must belong to the gate's user.",
            ) from error
        self._saved = self._link
        self._today = self._link.keys()

    def keys(self, today: date, in_use: Collection[date], *, is_sure: bool) -> tuple[SiteKeys, ...]:
        """Today's keys, then those of earlier days that are in use, the newest first.

        A day that the chain has passed is not gone back to: then the newest keys serve.

        Args:
            today: the gate's local date.
            in_use: days by whose keys somebody is still known; others are destroyed.
            is_sure: the date is vouched for. The chain on the card does not follow a wrong clock.

        Raises:
            LedgerError: the files cannot be written; the keys that are in memory still serve.
        """
        link = self._link.onwards(today)
        if link.day != self._today.day:
            self._past = (self._today, *self._past)
            self._today = link.keys()
            self._link = link if is_sure else self._link
            self._save(in_use)
        elif is_sure and link is not self._saved:
            self._link = link
            self._save(in_use)
        elif any(keys.day not in in_use for keys in self._past):
            self._save(in_use)
        return (self._today, *self._past)

    def sealing_keys(self, day: date) -> SiteKeys | None:
        """The keys of another gate's day: a day in use, or the one after today."""
        for keys in (self._today, *self._past):
            if keys.day == day:
                return keys
        ahead = (day - self._today.day).days
        return self._link.onwards(day).keys() if ahead == 1 else None

    def _save(self, in_use: Collection[date]) -> None:
        self._past = tuple(keys for keys in self._past if keys.day in in_use)
        try:
            _overwrite(self._past_file, msgspec.msgpack.encode(self._past))
            if self._link != self._saved:
                replace_file(self._link_file, _encode(self._link))
                self._saved = self._link
        except OSError as error:
            raise LedgerError(
                f"The site key cannot be renewed: {error.strerror}.",
                f"{self._link_file.parent} and {self._past_file.parent} must be writable.",
            ) from error

    def _read_past(self) -> tuple[SiteKeys, ...]:
        """What a former process left in RAM; a torn file is none."""
        try:
            data = self._past_file.read_bytes()
        except FileNotFoundError:
            return ()
        if len(data) > _MOST_BYTES:
            return ()
        try:
            past = decode(_PAST, data)
        except UndecodableError:
            return ()
        return tuple(keys for keys in past if keys.day < self._link.day)


def _encode(link: Link) -> bytes:
    return msgspec.json.encode(link) + b"\n"


def _read_link(path: Path) -> Link:
    data = path.read_bytes()
    try:
        link = decode(_LINK, data) if len(data) <= _MOST_BYTES else None
    except UndecodableError:
        link = None
    if link is None or len(link.secret) != SECRET_BYTES:
        raise LedgerError(
            f"{path} holds no site key.",
            "Copy it anew from another gate of the site; at a site with one gate, delete it.",
        )
    return link


def _overwrite(path: Path, data: bytes) -> None:
    """Put `data` at `path`, and zeros over what was there: RAM has no second copy."""
    old = os.open(path, os.O_WRONLY) if path.exists() else None
    write_beside(path, data).replace(path)
    if old is not None:
        try:
            os.pwrite(old, bytes(os.fstat(old).st_size), 0)
        finally:
            os.close(old)
