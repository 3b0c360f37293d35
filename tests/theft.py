"""Who passed a gate, and how a thief would look for them in what he stole."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from scanner.domain.passes import HEALTH_CODE, Colour, Holder, IdKind, PassClaims, PassKind
from scanner.formats import base45, cose
from scanner.formats.health_code_claims import PREFIX
from scanner.formats.masking import mask
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey

PIECE = 12
_START = 6
"""Bytes by which a needle is looked up before it is compared."""

T = TypeVar("T", str, bytes)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐"
    "许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈"
)
_MIDDLES = "建志文国明春晓海玉秀"
_LASTS = "伟芳娜敏静丽强磊军洋勇艳杰娟涛超霞平刚桂"


class Person(Struct, frozen=True):
    """Somebody, as an identity card has him, and the code in his hand."""

    name: str
    id_number: str
    text: str

    @property
    def masked(self) -> str:
        """What a code carries of the name."""
        return mask(self.name)

    @property
    def suffix(self) -> str:
        """What a code carries of the number."""
        return self.id_number[-4:]

    @property
    def message(self) -> bytes:
        """The signed bytes in the code."""
        return base45.decode(self.text.removeprefix(PREFIX))

    @property
    def identity(self) -> bytes:
        """What the gate knows the code by."""
        return cose.identity(cose.parse(self.message, strict=True))


def people(count: int, key: IssuerKey, now: datetime) -> list[Person]:
    """So many people with codes; no two have one masked name, number or suffix."""
    return [_person(number, key, now) for number in range(count)]


def _person(number: int, key: IssuerKey, now: datetime) -> Person:
    surname, last = _SURNAMES[number % 50], _LASTS[number // 50 % 20]
    name = surname + _MIDDLES[number % 10] + last
    id_number = f"3301{number * 7919 % 100_000_000:08}1{number // 1000:01}{number % 1000:03}X"
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer="33",
        colour=Colour.GREEN if number % 20 else Colour.YELLOW,
        issued_at=now,
        expires_at=now + timedelta(hours=1),
        code_id=hashlib.sha256(f"code {number}".encode()).digest()[:8],
        holder=Holder(mask(name), IdKind.RESIDENT_CARD, id_number[-4:]),
    )
    return Person(name, id_number, issue_health_code(claims, key))


def stolen(*folders: Path) -> dict[Path, bytes]:
    """Every file below these folders."""
    return {
        path: path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def found(needles: Iterable[bytes], haystack: Iterable[bytes]) -> set[bytes]:
    """Which of the needles stand anywhere in the haystack: every place of it is looked at."""
    by_start: dict[int, dict[bytes, list[bytes]]] = {}
    for needle in needles:
        length = min(len(needle), _START)
        by_start.setdefault(length, {}).setdefault(needle[:length], []).append(needle)
    seen: set[bytes] = set()
    for data in haystack:
        for length, starts in by_start.items():
            there = {data[at : at + length] for at in range(len(data) - length + 1)}
            for start in starts.keys() & there:
                seen.update(needle for needle in starts[start] if needle in data)
    return seen


def spellings(text: str) -> Iterator[bytes]:
    """A text as files may hold it."""
    yield from coded(text.encode())
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    if not text.isascii():
        yield json.dumps(text)[1:-1].encode()


def coded(data: bytes) -> Iterator[bytes]:
    """Bytes as they are, in hex and inside base64 wherever they begin there."""
    yield data
    yield data.hex().encode()
    yield data.hex().upper().encode()
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(bytes(before) + data)
        yield whole[cut : (before + len(data)) * 8 // 6]


def pieces(everybody: Iterable[Person]) -> tuple[set[str], set[bytes]]:
    """Twelve characters of a code's text, and twelve bytes of what it says, of one code alone."""
    texts: Counter[str] = Counter()
    messages: Counter[bytes] = Counter()
    for person in everybody:
        texts.update(_cut(person.text))
        messages.update(_cut(person.message))
    return {t for t, n in texts.items() if n == 1}, {m for m, n in messages.items() if n == 1}


def _cut(whole: T) -> set[T]:
    return {whole[at : at + PIECE] for at in range(0, len(whole) - PIECE + 1, PIECE)}


def guesses(person: Person, keys: Iterable[bytes]) -> Iterator[str]:
    """Every pseudonym that somebody could calculate who has this person's code and number."""
    messages = (
        person.identity,
        person.message,
        person.text.encode(),
        person.name.encode(),
        person.id_number.encode(),
        f"{person.masked}{person.suffix}".encode(),
    )
    for message in messages:
        yield hashlib.sha256(message).hexdigest()
    for key in keys:
        for message in messages:
            yield hmac.new(key, message, hashlib.sha256).hexdigest()
            yield hashlib.sha256(key + message).hexdigest()
