"""Tricks on valid codes, for `test_hostile`: each one is played on any format.

All are built by the tests' own hand (`tests.fuzz.layers`), on a code that is valid without them. A
new format needs its places in `TIMES`, `MANDATORY`, `NAMES` and `CODE_IDS`.
"""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import cbor2

from scanner.domain.passes import Algorithm
from scanner.issuing.keys import IssuerKey
from scanner.trust.key_ring import KeyRing
from tests.builders import NOW, P256_ORDER
from tests.fuzz.originals import RECIPES, Original, fresh

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

Place = tuple[str | int, ...]

MANDATORY: Final[Mapping[str, Place]] = {
    "health_code": (-65537, 2),
    "eu_dcc": (-260, 1, "dob"),
    "smart_health_card": ("vc", "type"),
    "nz_covid_pass": ("vc", "credentialSubject", "dob"),
    "vds_nc": ("msg", "pid", "n"),
}
NAMES: Final[Mapping[str, Place]] = {
    "health_code": (-65537, 3),
    "eu_dcc": (-260, 1, "nam", "fn"),
    "smart_health_card": (
        "vc", "credentialSubject", "fhirBundle", "entry", 0, "resource", "name", 0, "family",
    ),
    "nz_covid_pass": ("vc", "credentialSubject", "familyName"),
    "vds_nc": ("msg", "pid", "n"),
}  # fmt: skip
CODE_IDS: Final[Mapping[str, Place]] = {
    "health_code": (7,),
    "eu_dcc": (-260, 1, "v", 0, "ci"),
    "smart_health_card": ("vc", "rid"),
    "nz_covid_pass": (7,),
    "vds_nc": ("msg", "uvci"),
}
"""What revocation keys on."""


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


def case_of(name: str) -> Case:
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
    case.needs(*PACKED)
    if case.name != "eu_dcc":
        parts = case.parts()
        return case.closed([*parts[:2], parts[2] + b"more", parts[3]])
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


def _other_prefix(case: Case) -> str:
    start = case.coding.prefix or "{"
    return start.swapcase().replace("{", "[") + case.original.donor.text[len(start) :]


def _respelt(case: Case) -> str:
    """More text, or spare bits set, where a careless decoder still finds the same bytes."""
    text = case.original.donor.text
    if case.name == "vds_nc":
        seal = json.loads(text)
        seal["sig"]["sigvl"] = seal["sig"]["sigvl"][:-1] + "_"
        return json.dumps(seal, separators=(",", ":"))
    more = {"smart_health_card": "78", "nz_covid_pass": "=" * 8}
    return text + more.get(case.name, ":::")


def _tagged(case: Case, *tags: int) -> str:
    case.needs(*COSE)
    message: Any = case.parts()
    for tag in tags:
        message = cbor2.CBORTag(tag, message)
    return str(case.coding.close(cbor2.dumps(message)))


def _critical(case: Case) -> str:
    case.needs(*COSE, "smart_health_card")
    return _header(case, 2, "crit", ([99], ["b64"]))


def _at(case: Case, paths: Mapping[str, Place], value: object) -> str:
    """Another value, or none at all, at one place of the claims; signed again."""
    content = inner = case.content()
    *way, last = paths[case.name]
    for step in way:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return case.signed(content)


def _long_id(case: Case) -> str:
    is_bytes = case.name in ("health_code", "nz_covid_pass")
    return _at(case, CODE_IDS, b"x" * 200 if is_bytes else "x" * 200)


TRICKS: Final[dict[str, Callable[[Case], str]]] = {
    "longer than the longest pass": lambda case: case.original.donor.text.ljust(20_000, "0"),
    "a character outside the alphabet": lambda case: case.original.donor.text + "é",
    "bytes after the envelope": _trailing,
    "another prefix": _other_prefix,
    "another spelling of the same bytes": _respelt,
    "a compression bomb of 2 MB": _bomb,
    "bytes after the compressed stream": _after_stream,
    "claims nested 60 deep": _deep,
    "a key twice in the claims": _duplicate,
    "claims of indefinite length": _indefinite,
    "a tag for a regular expression": _odd_tag,
    "bytes after the claims": _after_claims,
    "the envelope's tag missing": _tagged,
    "the tag of a CWT around the envelope": lambda case: _tagged(case, 18, 61),
    "a critical header": _critical,
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
    "a claim missing that must be there": lambda case: _at(case, MANDATORY, None),
    "a name that turns the line": lambda case: _at(case, NAMES, "Eve\u202e\u0007\u200b Mallory"),
    "a name of 360 characters": lambda case: _at(case, NAMES, "Ab " * 120),
    "a code id of 200 bytes": _long_id,
}

ISSUERS_OWN: Final = frozenset(
    {
        "claims nested 60 deep",
        "a key twice in the claims",
        "claims of indefinite length",
        "a time with a fraction",
        "a name that turns the line",
        "a name of 360 characters",
        "a code id of 200 bytes",
    }
)
"""Oddities that an issuer signs itself: its own affair where a format is read with tolerance."""
