"""What counts as a phone's key, and how it is named."""

from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.passes import Algorithm
from scanner.trust.cose_keys import cose_key, read_cose_key, thumbprint

REFUSED = r"integer|neither|coordinate|no point|not.* on the curve|[Ii]nvalid"
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ED = Ed25519PrivateKey.generate().public_key()
EC = generate_private_key(SECP256R1()).public_key()

# RFC 9679 section 6: the key and its thumbprint
RFC_KEY = {
    1: 2,
    -1: 1,
    -2: bytes.fromhex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"),
    -3: bytes.fromhex("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"),
}
RFC_THUMBPRINT = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"


@pytest.mark.parametrize(("key", "algorithm"), [(ED, Algorithm.EDDSA), (EC, Algorithm.ES256)])
def test_a_key_comes_back_from_its_map(key: Any, algorithm: Algorithm) -> None:
    decoded = cbor2.loads(cbor2.dumps(cose_key(key)))
    assert read_cose_key(decoded) == (algorithm, key)


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    _, key = read_cose_key(RFC_KEY)
    assert thumbprint(key).hex() == RFC_THUMBPRINT


def test_no_other_curve_has_a_map() -> None:
    with pytest.raises(ValueError, match="neither"):
        cose_key(generate_private_key(SECP384R1()).public_key())


X = ED.public_bytes_raw()
EC_MAP = cose_key(EC)
WRONG: list[object] = [
    None,
    [],
    b"",
    {},
    {1: 1, -1: 6},
    {1: 1, -1: 6, -2: X[:31]},
    {1: 1, -1: 6, -2: X + b"\0"},
    {1: 1, -1: 6, -2: X.hex()},
    {1: 1, -1: 4, -2: X},  # X25519
    {1: 1, -1: 7, -2: X},  # Ed448
    {1: True, -1: 6, -2: X},
    {1: 1.0, -1: 6, -2: X},
    {1: 2, -1: 6, -2: X},
    {1: "OKP", -1: "Ed25519", -2: X},
    {1: [1], -1: 6, -2: X},
    {1: 1, -1: 6, -2: X, -3: X},
    {1: 1, -1: 6, -2: X, -4: X},  # a private key
    {1: 1, -1: 6, -2: X, 3: -8},
    {1: 1, -1: 6, -2: X, 4: [2]},
    {1: 1, -1: 6, -2: X, 2: b"kid"},
    {1: 1, -1: 6, -2: X, "x": 1},
    {1: 1, -1: 6, -2: X, 3.0: -8},
    {**EC_MAP, -1: 2},  # P-384
    {**EC_MAP, -1: 8},  # secp256k1
    {**EC_MAP, -2: bytes(32)},
    {**EC_MAP, -2: bytes(32), -3: bytes(32)},
    {**EC_MAP, -2: b"\xff" * 32},
    {**EC_MAP, -3: True},  # a compressed point
    {key: value for key, value in EC_MAP.items() if key != -3},
    {**EC_MAP, 3: -7},
    {1: 3, -1: b"n" * 256, -2: b"\1\0\1"},  # RSA
]


@pytest.mark.parametrize("value", WRONG)
def test_everything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        read_cose_key(value)


def _root(square: int) -> int | None:
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root * root % P == square else None


def _add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def _is_good(y: int) -> bool:
    """Written down anew: on the curve, and eight times the point is not the neutral one."""
    x = _root((y * y - 1) * pow(D * y * y + 1, -1, P) % P)
    if x is None or y >= P:
        return False
    point = (x, y)
    for _ in range(3):
        point = _add(point, point)
    return point != (0, 1)


@given(st.integers(0, 2**255 - 1) | st.integers(0, 20) | st.integers(P - 20, P + 18))
def test_an_ed25519_key_is_a_point_of_large_order(y: int) -> None:
    value = {1: 1, -1: 6, -2: y.to_bytes(32, "little")}
    if _is_good(y):
        assert read_cose_key(value)[0] is Algorithm.EDDSA
    else:
        with pytest.raises(ValueError, match=REFUSED):
            read_cose_key(value)


ORDER_8_Y = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826


@pytest.mark.parametrize("y", [0, 1, P - 1, ORDER_8_Y, P - ORDER_8_Y])
@pytest.mark.parametrize("sign", [0, 1])
def test_a_key_that_anybody_can_sign_for_is_refused(y: int, sign: int) -> None:
    assert not _is_good(y)
    assert y in (0, 1, P - 1) or _root((y * y - 1) * pow(D * y * y + 1, -1, P) % P) is not None
    with pytest.raises(ValueError, match=REFUSED):
        read_cose_key({1: 1, -1: 6, -2: (y | sign << 255).to_bytes(32, "little")})


@given(st.dictionaries(st.integers(-4, 4), st.integers() | st.binary(max_size=33), max_size=5))
def test_no_map_raises_anything_else(value: dict[int, object]) -> None:
    try:
        read_cose_key(value)
    except ValueError:
        return
