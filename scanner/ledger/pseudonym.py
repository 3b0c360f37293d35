"""Pseudonyms that hold for one day, under a key that never touches the card.

Whoever steals the card finds `subject` values and no key to test guesses with: the key lies in RAM
(the runtime folder), survives a restart of the service and goes with the power or at midnight, with
nobody at the gate, too. A file is overwritten before it goes, and so are the bytes in this process.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Self

from scanner.domain.errors import LedgerError
from scanner.domain.id_documents import DocumentNumber
from scanner.durable_files import erase_file, write_beside

_KEY_SIZE: Final = 32
_NAME_SIZE: Final = 6
_PREFIX: Final = "daily-key-"


@dataclass(frozen=True, slots=True)
class DailyKey:
    """One day's pseudonym key.

    Attributes:
        day: the day it is for.
        name: 12 random hex digits that go into entries as `subject_key`; independent of the key.
    """

    day: date
    name: str
    _key: bytearray = field(repr=False)

    @classmethod
    def load(cls, runtime: Path, today: date) -> Self:
        """Today's key from the runtime folder, made when there is none; any other day's is erased.

        Raises:
            LedgerError: the folder cannot be used.
        """
        path = runtime / f"{_PREFIX}{today.isoformat()}"
        try:
            for other in (*runtime.glob(f"{_PREFIX}*"), *runtime.glob(f".{_PREFIX}*")):
                if other != path:  # another day's, or one that was never finished
                    erase_file(other)
            data = _read(path)
            if len(data) != _KEY_SIZE + _NAME_SIZE:
                data = bytearray(secrets.token_bytes(_KEY_SIZE + _NAME_SIZE))
                write_beside(path, data).replace(path)
        except OSError as error:
            raise LedgerError(
                f"The runtime folder {runtime} cannot be used: {error.strerror}.",
                "It must exist in RAM, such as /run, and belong to the gate's user.",
            ) from error
        key = cls(today, data[_KEY_SIZE:].hex(), data[:_KEY_SIZE])
        data[:] = bytes(len(data))
        return key

    def pseudonym(self, identity: bytes) -> str:
        """16 hex digits of HMAC-SHA256 over a code's identity: equal today, unlinkable tomorrow."""
        return hmac.new(self._key, identity, hashlib.sha256).hexdigest()[:16]

    def forget(self) -> None:
        """Overwrite the key in this process; no pseudonym can be made with it any more."""
        self._key[:] = secrets.token_bytes(len(self._key))


def _read(path: Path) -> bytearray:
    """Into bytes that can be overwritten; empty where there is no file of that size."""
    data = bytearray(_KEY_SIZE + _NAME_SIZE)
    try:
        with path.open("rb", buffering=0) as file:
            size = file.readinto(data)
            return data if size == len(data) and not file.read(1) else bytearray()
    except FileNotFoundError:
        return bytearray()


def number_identity(number: DocumentNumber) -> bytes:
    """What a typed number is to `DailyKey.pseudonym`: never the same as any code's identity.

    A code's is a digest of 32 bytes; this one begins with a label and is as long as it is. The same
    digits on two kinds of document are two people.
    """
    kind = "registered" if number.kind is None else number.kind.value
    return b"checkpoint-gate/typed-number/1\0" + f"{kind}\0{number.text}".encode()
