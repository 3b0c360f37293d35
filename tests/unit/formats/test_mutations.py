"""Valid codes, changed in every layer: nothing escapes, and no changed claim is believed.

`CHECKPOINT_MUTATIONS` sets how many; beyond the default each run has a new seed. `make mutations`
runs a million by a faster generator.
"""

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Final

import cbor2
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.domain.issuers import EU
from scanner.domain.passes import (
    Algorithm,
    Colour,
    PassClaims,
    PassKind,
    Rejection,
    VerifiedPass,
)
from scanner.formats import base45
from scanner.formats.holder_proof import PHONE_ALGORITHMS, protected_header
from scanner.formats.readers.eu_dcc import FORMAT as EU_DCC
from scanner.formats.registry import read_pass
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.issuing.phone import Phone
from scanner.issuing.signing import sign1_under
from tests.builders import NOW, P256_ORDER, a_bound_code, a_code, a_key, a_phone, a_ring

DEFAULT: Final = 5000
MUTATIONS: Final = int(os.environ.get("CHECKPOINT_MUTATIONS", DEFAULT))
LEVELS: Final = 5

HEALTH_KEYS: Final = [a_key("33", algorithm) for algorithm in Algorithm]
EU_KEYS: Final = [a_key(EU, algorithm) for algorithm in Algorithm]
PHONES: Final = [a_phone(algorithm) for algorithm in PHONE_ALGORITHMS]
STRANGER: Final = Phone.new()
RING: Final = a_ring(*HEALTH_KEYS, *EU_KEYS)

Draw = st.DrawFn


@dataclass(frozen=True)
class Original:
    """A valid code and its layers."""

    text: str
    message: bytes
    parts: tuple[Any, ...]
    read: VerifiedPass
    phone: Phone | None = None

    @property
    def is_eu(self) -> bool:
        return self.read.claims.format is EU_DCC

    def wrap(self, message: bytes) -> str:
        """Another message in the same outer layers."""
        return _wrap(message, is_eu=self.is_eu)


def _wrap(message: bytes, *, is_eu: bool) -> str:
    packed = zlib.compress(message) if is_eu else message
    return ("HC1:" if is_eu else "JKM1:") + base45.encode(packed)


@cache
def _originals() -> tuple[Original, ...]:
    texts = [
        a_code(key, colour=colour, code_id=colour.encode())
        for key in HEALTH_KEYS
        for colour in (Colour.GREEN, Colour.RED)
    ]
    kinds = (PassKind.VACCINATION, PassKind.TEST, PassKind.RECOVERY)
    texts += [
        issue_eu_dcc(key, now=NOW - timedelta(days=1), kind=kind)
        for key, kind in zip(EU_KEYS, kinds, strict=True)
    ]
    bound = []
    for phone in PHONES:
        for key, colour in zip(HEALTH_KEYS[:2], (Colour.GREEN, Colour.RED), strict=True):
            code = a_bound_code(phone, key, colour=colour, code_id=phone.algorithm.encode())
            bound.append(_take_apart(phone.receives(code).presents(NOW), phone))
    return (*map(_take_apart, texts), *bound)


def _take_apart(text: str, phone: Phone | None = None) -> Original:
    prefix, _, encoded = text.partition(":")
    packed = base45.decode(encoded)
    message = zlib.decompress(packed) if prefix == "HC1" else packed
    read = read_pass(text, RING, NOW)
    assert isinstance(read, VerifiedPass)
    return Original(text, message, tuple(cbor2.loads(message).value), read, phone)


@cache
def _believed() -> dict[bytes, PassClaims]:
    return {original.read.identity: _issued(original.read.claims) for original in _originals()}


def _issued(claims: PassClaims) -> PassClaims:
    """Without what only the phone says, and leaves out of the bare code."""
    return msgspec.structs.replace(claims, presented_at=None)


originals = st.deferred(lambda: st.sampled_from(_originals()))
cbor_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=12)
    | st.binary(max_size=12)
    | st.builds(cbor2.CBORTag, st.sampled_from([0, 1, 18, 28, 29, 35, 61, 258]), st.integers()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.integers(-300, 20) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def changed_texts(draw: Draw) -> str:
    """One to three edits of the characters."""
    text = draw(originals).text
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 3))
        text = text[:at] + draw(st.text(max_size=3)) + text[at + length :]
    return text


@st.composite
def changed_base45(draw: Draw) -> str:
    """Edits that stay within the alphabet, behind the prefix."""
    prefix, colon, encoded = draw(originals).text.partition(":")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(encoded)))
        new = draw(st.text(base45.ALPHABET, max_size=6))
        encoded = encoded[:at] + new + encoded[at + len(new) :]
    return prefix + colon + encoded


@st.composite
def changed_bytes(draw: Draw) -> str:
    """Edits of the message, or of what it was compressed to."""
    original = draw(originals)
    compressed = original.is_eu and draw(st.booleans())
    data = base45.decode(original.text[4:]) if compressed else original.message
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        new = draw(st.binary(max_size=4))
        skipped = draw(st.sampled_from([0, len(new), 1, len(data)]))
        data = data[:at] + new + data[at + skipped :]
    return "HC1:" + base45.encode(data) if compressed else original.wrap(data)


@st.composite
def changed_structures(draw: Draw) -> str:
    """Parts of the message exchanged, re-tagged, or decoded, changed and encoded again."""
    original = draw(originals)
    parts = list(original.parts)
    for change in draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=2)):
        change(draw, parts)
    message: object = parts
    for tag in draw(st.sampled_from([(18,), (18,), (), (61,), (18, 61), (61, 18), (18, 18)])):
        message = cbor2.CBORTag(tag, message)
    return original.wrap(cbor2.dumps(message))


def _exchange(draw: Draw, parts: list[Any]) -> None:
    at = draw(st.integers(0, 3))
    parts[at] = draw(originals).parts[at]


def _replace(draw: Draw, parts: list[Any]) -> None:
    parts[draw(st.integers(0, 3))] = draw(cbor_values)


def _change_map(draw: Draw, parts: list[Any]) -> None:
    at = draw(st.sampled_from([0, 2]))
    if not isinstance(parts[at], bytes):
        return
    content = _decoded(parts[at])
    key = draw(st.sampled_from(sorted(content, key=repr)) if content else st.just(1))
    content[key] = draw(cbor_values | st.sampled_from([content.get(key)]))
    parts[at] = cbor2.dumps(content)


def _decoded(data: bytes) -> dict[Any, Any]:
    try:
        return dict(cbor2.loads(data))
    except (cbor2.CBORDecodeError, TypeError, ValueError):
        return {}


def _fill_unprotected(draw: Draw, parts: list[Any]) -> None:
    parts[1] = draw(st.dictionaries(st.integers(0, 8), cbor_values, max_size=3))


def _invert_signature(draw: Draw, parts: list[Any]) -> None:
    signature = parts[3]
    if not isinstance(signature, bytes) or len(signature) != 64:
        parts[3] = draw(st.binary(max_size=70))
        return
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    parts[3] = signature[:32] + (s % 2**256).to_bytes(32, "big")


CHANGES: Final[list[Callable[[Draw, list[Any]], None]]] = [
    _exchange,
    _replace,
    _change_map,
    _fill_unprotected,
    _invert_signature,
]


@st.composite
def changed_tokens(draw: Draw) -> str:
    """The issuer's message changed within a phone's wrapper, and bare; any phone signs anew."""
    original = draw(st.deferred(lambda: st.sampled_from([o for o in _originals() if o.phone])))
    seconds, token = cbor2.loads(original.parts[2])
    if draw(st.booleans()):
        parts = list(cbor2.loads(token).value)
        for change in draw(st.lists(st.sampled_from(CHANGES), max_size=2)):
            change(draw, parts)
        token = cbor2.dumps(cbor2.CBORTag(18, parts))
    else:
        at = draw(st.integers(0, len(token)))
        new = draw(st.binary(max_size=3))
        token = token[:at] + new + token[at + len(new) :]
    phone = draw(st.sampled_from([*PHONES, STRANGER, None]))
    if phone is None:
        return original.wrap(token)
    header = draw(st.sampled_from([original.parts[0], protected_header(phone.algorithm)]))
    payload = cbor2.dumps([seconds, token])
    return original.wrap(sign1_under(header, payload, phone.private_key))


@pytest.mark.parametrize(
    "mutants",
    [
        changed_texts(),
        changed_base45(),
        changed_bytes(),
        changed_structures(),
        changed_tokens(),
    ],
    ids=["text", "base45", "bytes", "structure", "token"],
)
def test_no_changed_claim_is_believed_and_nothing_escapes(
    mutants: st.SearchStrategy[str],
) -> None:
    seen = {VerifiedPass: 0, Rejection: 0}

    @settings(
        max_examples=MUTATIONS // LEVELS,
        derandomize=MUTATIONS <= DEFAULT,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutants)
    def believe_only_originals(text: str) -> None:
        outcome = read_pass(text, RING, NOW)
        seen[type(outcome)] += 1
        claims = outcome.claims if isinstance(outcome, VerifiedPass) else outcome.proven
        if claims is not None:
            assert outcome.identity is not None
            assert _believed()[outcome.identity] == _issued(claims)
        if isinstance(outcome, VerifiedPass):
            assert outcome.claims.presented_at == (NOW if outcome.claims.holder_key else None)

    believe_only_originals()
    print(f"{seen[VerifiedPass]} accepted, each an original; {seen[Rejection]} refused")
    assert seen[Rejection] > MUTATIONS // LEVELS // 2
