"""The layers of each format, taken apart and put together by the tests' own hand.

Every `decode` here raises `ValueError` on what it cannot take apart, and is otherwise lenient: the
strictness is the gate's. Parts of an envelope are [header, unprotected, payload, signature].
"""

import json
import zlib
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cbor2

from scanner.formats import base45
from scanner.formats.checks import UnreadableError
from scanner.issuing.keys import IssuerKey, spki
from scanner.issuing.signing import sign, sign1
from scanner.trust.algorithms import SCHEMES

MAX_INFLATED: Final = 1 << 16
_RAW_DEFLATE: Final = -15
_FIRST_PAIR: Final = 45
"""SMART Health Cards write each character as its ASCII code minus 45, in two digits."""


@dataclass(frozen=True)
class Coding:
    """One layer, off and on."""

    decode: Callable[[Any], Any]
    encode: Callable[[Any], Any]


@dataclass(frozen=True)
class Layers:
    """A format from its text down to its claims.

    Attributes:
        text: what follows the prefix, as bytes.
        packing: these bytes as the envelope's.
        envelope: the envelope as a list of its parts.
        payload: the payload as signed, as the claims' bytes.
        content: the claims' bytes as an object; the header is coded likewise.
        sign: the claims' bytes as the whole text, signed.
    """

    prefix: str
    text: Coding
    packing: Coding
    envelope: Coding
    payload: Coding
    content: Coding
    sign: Callable[[bytes, IssuerKey], str]

    def open(self, text: str) -> bytes:
        """The envelope's bytes in a text of this format."""
        envelope: bytes = self.packing.decode(self.text.decode(text[len(self.prefix) :]))
        return envelope

    def close(self, envelope: bytes) -> str:
        """The text around any bytes."""
        return f"{self.prefix}{self.text.encode(self.packing.encode(envelope))}"


def _guarded(decode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def guarded(value: Any) -> Any:
        try:
            return decode(value)
        except (UnreadableError, cbor2.CBORDecodeError, zlib.error) as error:
            raise ValueError("cannot be taken apart") from error
        except (TypeError, AttributeError, KeyError, RecursionError, OverflowError) as error:
            raise ValueError("is built of something else") from error

    return guarded


def _inflate(data: bytes, window: int = zlib.MAX_WBITS) -> bytes:
    return zlib.decompressobj(window).decompress(data, MAX_INFLATED)


def _deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(9, wbits=_RAW_DEFLATE)
    return stream.compress(data) + stream.flush()


def thaw(value: Any) -> Any:
    """A CBOR or JSON value of plain, changeable dicts and lists."""
    if isinstance(value, dict | cbor2.frozendict):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(item) for item in value]
    return value


def _sign1_parts(data: bytes) -> list[Any]:
    message = cbor2.loads(data)
    while isinstance(message, cbor2.CBORTag):
        message = message.value
    header, unprotected, payload, signature = message
    return [header, thaw(unprotected), payload, signature]


def _jws_parts(data: bytes) -> list[Any]:
    header, payload, signature = map(_from_base64url, data.split(b"."))
    return [header, {}, payload, signature]


def _jws(parts: list[Any]) -> bytes:
    return b".".join(
        _base64url(parts[at] if isinstance(parts[at], bytes) else b"") for at in (0, 2, 3)
    )


def _seal_parts(data: bytes) -> list[Any]:
    message = json.loads(data)
    how = dict(message["sig"])
    signature = _from_base64url(how.pop("sigvl").encode())
    return [_json(how), {}, _json(message["data"]), signature]


def _seal(parts: list[Any]) -> bytes:
    how, payload = (_unjson(parts[at]) for at in (0, 2))
    if isinstance(how, dict) and isinstance(parts[3], bytes):
        how["sigvl"] = _base64url(parts[3]).decode()
    return _json({"data": payload, "sig": how})


def _json(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) for the texts and whole numbers that passes hold."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr
    )
    return text.encode("utf-8", "surrogatepass")


def _unjson(value: Any) -> Any:
    try:
        return json.loads(value)
    except (ValueError, TypeError, RecursionError):
        return None


def _base64url(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def _from_base64url(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"==")


def _from_base32(text: str) -> bytes:
    return b32decode(text + "=" * (-len(text) % 8))


def _from_digits(digits: str) -> bytes:
    return bytes(int(digits[at : at + 2]) + _FIRST_PAIR for at in range(0, len(digits), 2))


def _digits(data: bytes) -> str:
    return "".join(f"{(byte - _FIRST_PAIR) % 100:02}" for byte in data)


def _sign_jws(content: bytes, key: IssuerKey) -> str:
    header = {"zip": "DEF", "alg": SCHEMES[key.algorithm].jose, "kid": key.key_id.decode()}
    message = _base64url(_json(header)) + b"." + _base64url(_deflate(content))
    signature = sign(key.private_key, message)
    return SMART_HEALTH_CARD.close(message + b"." + _base64url(signature))


def _sign_seal(content: bytes, key: IssuerKey) -> str:
    """The content goes in as it is spelt; signed is its canonical form."""
    # Our own kid is a digest of the public key's bytes, so that those can stand as the certificate.
    certificate = _base64url(spki(key.private_key.public_key())).decode()
    signature = _base64url(sign(key.private_key, _json(_unjson(content)))).decode()
    how = {"alg": SCHEMES[key.algorithm].jose, "cer": certificate, "sigvl": signature}
    return VDS_NC.close(b'{"data":' + content + b',"sig":' + _json(how) + b"}")


def _same(value: Any) -> Any:
    return value


_PLAIN: Final = Coding(_same, _same)
_BASE45: Final = Coding(_guarded(base45.decode), base45.encode)
_CBOR: Final = Coding(_guarded(lambda data: thaw(cbor2.loads(data))), cbor2.dumps)
_JSON: Final = Coding(_guarded(json.loads), _json)
_SIGN1: Final = Coding(
    _guarded(_sign1_parts), lambda parts: cbor2.dumps(cbor2.CBORTag(18, list(parts)))
)

HEALTH_CODE: Final[Layers] = Layers(
    "JKM1:", _BASE45, _PLAIN, _SIGN1, _PLAIN, _CBOR,
    lambda content, key: HEALTH_CODE.close(sign1(content, key)),
)  # fmt: skip
EU_DCC: Final[Layers] = Layers(
    "HC1:", _BASE45, Coding(_guarded(_inflate), zlib.compress), _SIGN1, _PLAIN, _CBOR,
    lambda content, key: EU_DCC.close(sign1(content, key)),
)  # fmt: skip
NZ_COVID_PASS: Final[Layers] = Layers(
    "NZCP:/1/",
    Coding(_guarded(_from_base32), lambda data: b32encode(data).decode().rstrip("=")),
    _PLAIN, _SIGN1, _PLAIN, _CBOR,
    lambda content, key: NZ_COVID_PASS.close(sign1(content, key)),
)  # fmt: skip
SMART_HEALTH_CARD: Final[Layers] = Layers(
    "shc:/", Coding(_guarded(_from_digits), _digits), _PLAIN,
    Coding(_guarded(_jws_parts), _jws),
    Coding(_guarded(lambda data: _inflate(data, _RAW_DEFLATE)), _deflate), _JSON, _sign_jws,
)  # fmt: skip
VDS_NC: Final[Layers] = Layers(
    "",
    Coding(lambda text: text.encode("utf-8", "surrogatepass"),
           lambda data: data.decode("utf-8", "replace")),
    _PLAIN, Coding(_guarded(_seal_parts), _seal), _PLAIN, _JSON, _sign_seal,
)  # fmt: skip
