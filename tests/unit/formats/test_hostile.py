"""The table of `docs/formats-checks.md`, cell by cell: what each trick comes to in each format.

A cell is the reason of the rejection; `accepted` means the original's claims under the original's
identity, and a dash that the format has no such thing. Every trick is built by the tests' own hand
(`tests.fuzz.layers`), on a code that is valid without it.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import cbor2
import pytest

from scanner.domain.passes import Algorithm, PassKind, Rejection
from scanner.formats.registry import READERS, read_pass
from scanner.issuing.keys import IssuerKey
from scanner.trust.key_ring import KeyRing
from tests.builders import NOW
from tests.fuzz.originals import RECIPES, Original, fresh

DOCUMENT: Final = (Path(__file__).parents[3] / "docs/formats-checks.md").read_text("utf-8")
P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
DAY_S: Final = 86_400
NOW_S: Final = int(NOW.timestamp())
TIMES: Final[dict[str, tuple[Any, Any]]] = {
    "health_code": (6, 4),
    "eu_dcc": (6, 4),
    "nz_covid_pass": (5, 4),
    "smart_health_card": ("nbf", "exp"),
}
"""The claims that tell the beginning and the end, where a format has them."""
COSE: Final = ("health_code", "eu_dcc", "nz_covid_pass")
PACKED: Final = ("eu_dcc", "smart_health_card")


class NoSuchThingError(Exception):
    """The format has nothing that the trick could be played on."""


@dataclass
class Case:
    """One valid ES256 code, and the keys around it."""

    name: str
    original: Original
    key: IssuerKey
    other: IssuerKey

    @property
    def coding(self) -> Any:
        return RECIPES[self.name].layers

    @property
    def ring(self) -> KeyRing:
        return fresh().ring

    def parts(self) -> list[Any]:
        return list(self.coding.envelope.decode(self.coding.open(self.original.donor.text)))

    def content(self) -> Any:
        return self.coding.content.decode(self.coding.payload.decode(self.parts()[2]))

    def closed(self, parts: list[Any]) -> str:
        return str(self.coding.close(self.coding.envelope.encode(parts)))

    def signed(self, content: Any, key: IssuerKey | None = None) -> str:
        return self.signed_bytes(self.coding.content.encode(content), key)

    def signed_bytes(self, content: bytes, key: IssuerKey | None = None) -> str:
        return str(self.coding.sign(content, key or self.key))

    def needs(self, *names: str) -> None:
        if self.name not in names:
            raise NoSuchThingError

    def with_time(self, at: int, value: object) -> str:
        self.needs(*TIMES)
        return self.signed({**self.content(), TIMES[self.name][at]: value})

    def with_claim(self, value: object) -> str:
        content = self.content()
        content["x-unknown" if isinstance(next(iter(content)), str) else 999] = value
        return self.signed(content)


def _case(name: str) -> Case:
    originals = fresh()
    original = next(
        o
        for o in originals.all
        if o.format == name
        and o.read.evidence.algorithm is Algorithm.ES256
        and o.read.claims.presented_at is None
    )
    keys = originals.keys[name]
    key = next(key for key in keys if key.key_id == original.read.evidence.key_id)
    other = next((k for k in keys if k.issuer != key.issuer), None)
    stranger = IssuerKey.generate("DE" if name == "eu_dcc" else key.issuer, Algorithm.ES256)
    return Case(name, original, key, other or stranger)


def _trailing(case: Case) -> str:
    return str(case.coding.close(case.coding.open(case.original.donor.text) + b"\0"))


def _bomb(case: Case) -> str:
    case.needs(*PACKED)
    zeros = b"0" * 2_000_000
    if case.name == "eu_dcc":
        return f"HC1:{case.coding.text.encode(zlib.compress(zeros, 9))}"
    return case.signed_bytes(zeros)


def _after_stream(case: Case) -> str:
    case.needs("eu_dcc")
    packed = case.coding.packing.encode(case.coding.open(case.original.donor.text))
    return f"HC1:{case.coding.text.encode(packed + b'more')}"


def _deep(case: Case) -> str:
    value: object = 1
    for _ in range(60):
        value = [value]
    return case.with_claim(value)


def _duplicate(case: Case) -> str:
    content = case.content()
    data = case.coding.content.encode(content)
    key, value = next(iter(content.items()))
    pair = {key: value}
    if case.name in COSE:
        return case.signed_bytes(bytes([data[0] + 1]) + data[1:] + cbor2.dumps(pair)[1:])
    return case.signed_bytes(data[:-1] + b"," + case.coding.content.encode(pair)[1:])


def _indefinite(case: Case) -> str:
    case.needs(*COSE)
    data = case.coding.content.encode(case.content())
    return case.signed_bytes(b"\xbf" + data[1:] + b"\xff")


def _odd_tag(case: Case) -> str:
    case.needs(*COSE)
    return case.with_claim(cbor2.CBORTag(35, "(a+)+$"))


def _after_claims(case: Case) -> str:
    return case.signed_bytes(case.coding.content.encode(case.content()) + b"{}")


def _header(case: Case, cose: Any, other: str, value: Any) -> str:
    parts = case.parts()
    header = case.coding.content.decode(parts[0])
    header[cose if case.name in COSE else other] = value[case.name not in COSE]
    parts[0] = case.coding.content.encode(header)
    return case.closed(parts)


def _unknown_kid(case: Case) -> str:
    stranger = IssuerKey.generate(case.key.issuer, Algorithm.ES256)
    if case.name == "smart_health_card":
        stranger = replace(stranger, key_id=b"nobody")
    return case.signed(case.content(), stranger)


def _stolen_kid(case: Case) -> str:
    if case.name == "vds_nc":  # the kid is the certificate's digest: another's is shown with it
        parts = case.parts()
        forged = case.coding.envelope.decode(
            case.coding.open(case.signed(case.content(), case.other))
        )
        return case.closed([parts[0], {}, parts[2], forged[3]])
    return case.signed(case.content(), replace(case.other, key_id=case.key.key_id))


def _unprotected(case: Case) -> str:
    case.needs(*COSE)
    parts = case.parts()
    return case.closed([parts[0], {99: b"anything"}, *parts[2:]])


def _signature(case: Case, change: Callable[[bytes], bytes]) -> str:
    parts = case.parts()
    return case.closed([*parts[:3], change(parts[3])])


def _invert(signature: bytes) -> bytes:
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    return signature[:32] + s.to_bytes(32, "big")


def _altered(case: Case) -> str:
    parts = case.parts()
    content = case.content()
    content["x" if isinstance(next(iter(content)), str) else 999] = 1
    parts[2] = case.coding.payload.encode(case.coding.content.encode(content))
    return case.closed(parts)


def _other_issuer(case: Case) -> str:
    if case.other.issuer == case.key.issuer or case.name == "eu_dcc":
        raise NoSuchThingError  # one flat list of keys
    return case.signed(case.content(), case.other)


TRICKS: Final[dict[str, Callable[[Case], str]]] = {
    "longer than the longest pass": lambda case: case.original.donor.text.ljust(20_000, "0"),
    "a character outside the alphabet": lambda case: case.original.donor.text + "é",
    "bytes after the envelope": _trailing,
    "a compression bomb of 2 MB": _bomb,
    "bytes after the compressed stream": _after_stream,
    "claims nested 60 deep": _deep,
    "a key twice in the claims": _duplicate,
    "claims of indefinite length": _indefinite,
    "a tag for a regular expression": _odd_tag,
    "bytes after the claims": _after_claims,
    "the header names another algorithm": lambda case: _header(case, 1, "alg", (-8, "EdDSA")),
    "the header names no known algorithm": lambda case: _header(case, 1, "alg", (0, "none")),
    "a kid that nobody has": _unknown_kid,
    "signed by another issuer under its own kid": _other_issuer,
    "signed by another key under this kid": _stolen_kid,
    "an unprotected header added": _unprotected,
    "ECDSA's s turned to n - s": lambda case: _signature(case, _invert),
    "a signature of zeros": lambda case: _signature(case, lambda s: bytes(len(s))),
    "a claim added afterwards": _altered,
    "not valid before tomorrow": lambda case: case.with_time(0, NOW_S + DAY_S),
    "expired yesterday": lambda case: case.with_time(1, NOW_S - DAY_S),
    "expires after the year 9999": lambda case: case.with_time(1, 253_402_300_800),
    "a time in milliseconds": lambda case: case.with_time(1, (NOW_S + DAY_S) * 1000),
    "a negative time": lambda case: case.with_time(0, -1),
    "a time with a fraction": lambda case: case.with_time(1, NOW_S + DAY_S + 0.5),
    "a time that is a text": lambda case: case.with_time(1, "tomorrow"),
    "a time that is no number": lambda case: case.with_time(1, float("nan")),
}


def outcome(trick: str, name: str) -> str:
    """What the cell must say."""
    case = _case(name)
    try:
        text = TRICKS[trick](case)
    except NoSuchThingError:
        return "—"
    assert text != case.original.donor.text
    read = read_pass(text, case.ring, NOW)
    if isinstance(read, Rejection):
        return ", ".join(reason.value for reason in read.reasons)
    if read.identity == case.original.read.identity:
        assert read.claims == case.original.read.claims
    else:  # only what an issuer signed anew may be another pass
        assert trick in ISSUERS_OWN
    return "accepted"


ISSUERS_OWN: Final = frozenset(
    {
        "claims nested 60 deep",
        "a key twice in the claims",
        "claims of indefinite length",
        "a time with a fraction",
    }
)
"""Oddities that an issuer signs itself: its own affair where a format is read with tolerance."""


def table() -> dict[tuple[str, str], str]:
    """The page's cells by (trick, format)."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.splitlines()
        if line.startswith("|")
    ]
    columns = [re.sub(r"`", "", cell) for cell in rows[0][1:]]
    return {
        (row[0], column): cell
        for row in rows[2:]
        for column, cell in zip(columns, row[1:], strict=True)
    }


def test_the_page_has_a_cell_for_every_trick_and_format() -> None:
    assert set(table()) == {(trick, name) for trick in TRICKS for name in READERS}


@pytest.mark.parametrize("name", list(READERS))
@pytest.mark.parametrize("trick", list(TRICKS))
def test_a_trick_comes_to_what_the_page_says(trick: str, name: str) -> None:
    assert outcome(trick, name) == table()[trick, name]


@pytest.mark.parametrize("name", list(READERS))
def test_of_two_keys_under_one_kid_the_right_one_is_found(name: str) -> None:
    case = _case(name)
    wrong = replace(IssuerKey.generate(case.key.issuer, Algorithm.ES256), key_id=case.key.key_id)
    ring = KeyRing([wrong.trusted(), case.key.trusted()])
    assert read_pass(case.original.donor.text, ring, NOW) == case.original.read


@pytest.mark.parametrize("name", list(READERS))
def test_a_key_for_other_kinds_may_not_sign(name: str) -> None:
    case = _case(name)
    key = replace(case.key, kinds=frozenset({PassKind.VISITOR}))
    read = read_pass(case.original.donor.text, KeyRing([key.trusted()]), NOW)
    assert isinstance(read, Rejection)
    assert [reason.value for reason in read.reasons] == ["wrong_key_usage"]
