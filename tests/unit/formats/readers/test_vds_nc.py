"""ICAO seals: one meaning of JSON, keys from the trust list only."""

import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.domain.passes import Algorithm, PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats.canonical_json import canonical
from scanner.formats.checks import Check, UnreadableError
from scanner.formats.registry import read_pass, recognises
from scanner.issuing.signing import sign
from scanner.issuing.vds_nc import certificate, encode_vds_nc, generate_signer
from tests.builders import NOW, P256_ORDER, a_key, a_ring
from tests.vds_nc_builders import (
    KEY,
    TEST,
    VACCINATION,
    WITHOUT,
    a_seal,
    accepted,
    base64url,
    changed,
    failed,
    refused,
    signer,
    with_sig,
)


@pytest.mark.parametrize("kind", ["icao.dta", "icao.vacc ", "ICAO.VACC", "", None, 1, ["x"], {}])
def test_another_type_of_seal_is_genuine_and_of_another_scope(kind: object) -> None:
    assert refused(a_seal("hdr", "t", kind)) == (Reason.WRONG_SCOPE,)


@pytest.mark.parametrize(
    "issuer", ["UT", "UTOP", "uto", "UT1", "ＵＴＯ", "UTO\n", "", None, 33, ["x"]]
)
def test_an_issuer_that_is_no_state_is_malformed(issuer: object) -> None:
    assert failed(a_seal("hdr", "is", issuer)) is Check.ENVELOPE


def test_no_key_of_the_eu_or_of_a_province_signs_seals() -> None:
    for issuer in ("EU", "33"):
        key = replace(KEY, issuer=issuer)
        assert failed(a_seal("hdr", "is", issuer)) is Check.ENVELOPE
        assert refused(a_seal(), key) == (Reason.UNKNOWN_ISSUER,)


def test_a_state_signs_for_itself_only() -> None:
    other = signer("AUS")
    assert refused(encode_vds_nc(VACCINATION, other), KEY, other) == (Reason.UNKNOWN_KEY,)
    as_other = changed(VACCINATION, "hdr", "is", "AUS")
    assert refused(encode_vds_nc(as_other, KEY), KEY, other) == (Reason.UNKNOWN_KEY,)
    assert refused(encode_vds_nc(as_other, KEY), KEY) == (Reason.UNKNOWN_ISSUER,)


def test_the_certificate_of_an_attacker_proves_nothing() -> None:
    attacker = generate_signer("UTO")
    assert refused(encode_vds_nc(VACCINATION, attacker)) == (Reason.UNKNOWN_KEY,)
    forged = json.loads(encode_vds_nc(VACCINATION, attacker))
    forged["sig"]["cer"] = json.loads(a_seal())["sig"]["cer"]
    assert refused(json.dumps(forged)) == (Reason.BAD_SIGNATURE,)
    swapped = with_sig(cer=base64url(certificate(attacker)))
    assert refused(swapped) == (Reason.UNKNOWN_KEY,)


def test_the_certificate_is_never_read() -> None:
    junk = b"\x30\x84\xff\xff\xff\xff" + bytes(40)
    key = replace(KEY, key_id=sha256(junk).digest()[:8])
    accepted(with_sig(cer=base64url(junk)), key)


def test_without_a_certificate_no_key_is_named() -> None:
    nameless = replace(KEY, key_id=sha256(b"").digest()[:8])
    for text in (with_sig(cer=WITHOUT), with_sig(cer=None)):
        assert refused(text, KEY, nameless) == (Reason.UNKNOWN_KEY,)


@pytest.mark.parametrize("algorithm", ["ES256", "ES 256", "es256", " ES256 "])
def test_spellings_of_the_algorithm(algorithm: str) -> None:
    accepted(with_sig(alg=algorithm))


@pytest.mark.parametrize("algorithm", ["ES384", "EdDSA", "PS256", "none", "", "ES256K", "ES-256"])
def test_another_algorithm_is_a_bad_signature(algorithm: str) -> None:
    assert refused(with_sig(alg=algorithm)) == (Reason.BAD_SIGNATURE,)


def test_a_key_for_another_algorithm_never_counts() -> None:
    key = replace(a_key("UTO", Algorithm.EDDSA), key_id=KEY.key_id)
    signature = base64url(sign(key.private_key, canonical(VACCINATION)))
    for algorithm in ("ES256", "EdDSA"):
        text = with_sig(alg=algorithm, sigvl=signature)
        assert refused(text, key) == (Reason.BAD_SIGNATURE,)
        assert refused(text, KEY) == (Reason.BAD_SIGNATURE,)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        base64url(bytes(64)),
        base64url(b"\xff" * 64),
        base64url(bytes(63)),
        base64url(bytes.fromhex("3006020101020101")),
    ],
)
def test_no_other_signature_holds(signature: str) -> None:
    assert refused(with_sig(sigvl=signature)) == (Reason.BAD_SIGNATURE,)


ALTERED: Final = [
    ("msg", "pid", "n", "Smith Will"),
    ("msg", "pid", "i", "A1234568Z"),
    ("msg", "ve", 0, "vd", 1, "dvc", "2021-03-25"),
    ("msg", "ve", 0, "vd", 1, "seq", 3),
    ("msg", "ve", 0, "vd", 1, "seq", "2"),
    ("msg", "extra", None),
    ("msg", "uvci", "U32871"),
]


@pytest.mark.parametrize("change", ALTERED)
def test_an_altered_seal_has_a_bad_signature(change: tuple[Any, ...]) -> None:
    seal = json.loads(a_seal())
    seal["data"] = changed(seal["data"], *change)
    assert refused(json.dumps(seal)) == (Reason.BAD_SIGNATURE,)


def test_the_other_s_verifies_and_is_the_same_seal() -> None:
    text = a_seal()
    signature = urlsafe_b64decode(json.loads(text)["sig"]["sigvl"] + "==")
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    mirrored = text.replace(
        json.loads(text)["sig"]["sigvl"], base64url(signature[:32] + s.to_bytes(32, "big"))
    )
    assert mirrored != text
    assert accepted(mirrored).identity == accepted(text).identity


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def test_another_spelling_is_the_same_seal() -> None:
    text = a_seal("msg", "pid", "n", "Smith Bíll 😀")
    seal = json.loads(text)
    original = accepted(text).identity
    padded = seal["sig"] | {"sigvl": seal["sig"]["sigvl"] + "=="}
    for spelling in (
        json.dumps(_reversed(seal), ensure_ascii=True),
        json.dumps(seal, indent=2),
        " \n\t" + json.dumps({"sig": seal["sig"], "data": seal["data"]}) + "\r\n",
        json.dumps({"data": seal["data"], "sig": padded}),
        json.dumps({**seal, "note": "not signed, not read"}),
        text.replace('"msg"', '"\\u006dsg"'),
    ):
        assert spelling != text
        assert accepted(spelling).identity == original


def test_accents_are_not_normalised() -> None:
    composed = a_seal("msg", "pid", "n", "José")
    assert refused(composed.replace("José", "Jose\u0301")) == (Reason.BAD_SIGNATURE,)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "[" + a_seal() + "]",
        '{"data": 1}',
        '{"data": {"temperature": 21}}',
        '{"data": {"hdrs": {}}}',
        '{"data": {"hdr"',
        '{"sig": {"kid": "a"}}',
        '{"ssid": "guest", "data": {"hdr": {}}}',
        '{"type": "payment", "sig": {"alg": "ES256"}}',
        '{"DATA": {"hdr": {}}}',
        "{'data': {'hdr': {}}}",
        "\ufeff" + a_seal(),
        "\xa0" + a_seal(),
        "x" + a_seal(),
        '"' + a_seal(),
    ],
    ids=count(),
)
def test_other_json_is_no_seal_at_all(text: str) -> None:
    assert not recognises(text)
    assert refused(text) == (Reason.NOT_A_HEALTH_CODE,)


DATA: Final = json.dumps(VACCINATION)
SIG: Final = json.dumps(json.loads(a_seal())["sig"])


@pytest.mark.parametrize(
    "text",
    [
        '{"data":{"hdr":',
        '{"sig":{"alg":',
        a_seal()[:-1],
        a_seal() + "}",
        a_seal() + a_seal(),
        a_seal() + "\0",
        f'{{"data":{DATA}}}',
        f'{{"sig":{SIG}}}',
        f'{{"data":{DATA},"sig":null}}',
        f'{{"data":{DATA},"sig":[{SIG}]}}',
        f'{{"data":{DATA},"data":{DATA},"sig":{SIG}}}',
        f'{{"data":{DATA},"sig":{SIG},"sig":{SIG}}}',
        f'{{"data":{DATA},"d\\u0061ta":{{}},"sig":{SIG}}}',
        a_seal().replace('"v":1', '"v":1,"v":1'),
        a_seal().replace('"v":1', '"v":1.0'),
        a_seal().replace('"v":1', '"v":1e0'),
        a_seal().replace('"v":1', '"v":01'),
        a_seal().replace('"v":1', '"v":NaN'),
        a_seal().replace('"v":1', '"v":Infinity'),
        a_seal().replace('"v":1', '"v":-Infinity'),
        a_seal().replace('"v":1', '"v":1e999'),
        a_seal().replace('"v":1', '"v":' + "9" * 3000),
        a_seal().replace('"v":1', '"v":9007199254740992'),
        a_seal().replace('"v":1', '"v":' + "[" * 1500 + "]" * 1500),
        a_seal().replace('"v":1', '"v":' + "[" * 9 + "]" * 9),
        a_seal().replace('"v":1', '"v":' + '{"a":' * 400),
        a_seal().replace("Smith", "\\ud800"),
        a_seal().replace("Smith", "\\udc00\\ud800"),
        a_seal().replace("Smith", "\ud800"),
        a_seal().replace("Smith", "\x00"),
        a_seal().replace("Smith", "\n"),
        a_seal().replace("Smith", "\\x41"),
        a_seal().replace('"dob"', "dob"),
        a_seal().replace('{"hdr"', '{"hdr":{},"hdr"'),
        a_seal("hdr", WITHOUT).replace('{"data":{', '{"data":{"hdr":[],'),
        with_sig(alg=WITHOUT),
        with_sig(alg=None),
        with_sig(alg=-7),
        with_sig(sigvl=WITHOUT),
        with_sig(sigvl=None),
        with_sig(sigvl="A"),
        with_sig(sigvl="AB"),
        with_sig(sigvl="AA==="),
        with_sig(sigvl="A A"),
        with_sig(sigvl="AA\n"),
        with_sig(sigvl="A+/A"),
        with_sig(sigvl="ＡＡ"),
        with_sig(cer=1),
        with_sig(cer=[]),
        with_sig(cer="A"),
        with_sig(cer="MI+/"),
    ],
    ids=count(),
)
def test_json_with_two_meanings_or_none_is_malformed(text: str) -> None:
    assert recognises(text)
    assert failed(text) is Check.ENVELOPE
    assert refused(text) == (Reason.MALFORMED,)


def test_a_key_for_other_kinds_may_not_sign_vaccinations() -> None:
    key = replace(KEY, kinds=frozenset({PassKind.TEST}))
    assert refused(a_seal(), key) == (Reason.WRONG_KEY_USAGE,)
    accepted(a_seal(of=TEST), key)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_edit_of_the_text_is_believed(data: st.DataObject) -> None:
    original = a_seal()
    expected = accepted(original)
    at = data.draw(st.integers(0, len(original)))
    new = data.draw(st.text('0123456789abcdefABCDEF{}[]":,. -\\', max_size=4) | st.text(max_size=3))
    text = original[:at] + new + original[at + data.draw(st.sampled_from([0, len(new), 1, 8])) :]
    outcome = read_pass(text, a_ring(KEY), NOW)
    if isinstance(outcome, VerifiedPass):
        assert outcome.claims == expected.claims
        assert outcome.identity == expected.identity
    else:
        assert outcome.proven is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_a_state_signs_is_read_or_refused_and_nothing_escapes(
    data: st.DataObject,
) -> None:
    of = data.draw(st.sampled_from([VACCINATION, TEST]))
    path: list[Any] = []
    inner: Any = of
    while isinstance(inner, dict | list) and inner and (not path or data.draw(st.booleans())):
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        path.append(data.draw(st.sampled_from(keys)))
        inner = inner[path[-1]]
    seal = {"data": changed(of, *path, data.draw(json_values)), "sig": json.loads(SIG)}
    try:
        signature = sign(KEY.private_key, canonical(seal["data"]))
        seal["sig"]["sigvl"] = base64url(signature)
    except UnreadableError:
        assert not isinstance(read_pass(json.dumps(seal), a_ring(KEY), NOW), VerifiedPass)
        return
    outcome = read_pass(json.dumps(seal), a_ring(KEY), NOW)
    assert isinstance(outcome, VerifiedPass | Rejection)
