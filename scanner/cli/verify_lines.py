"""`checkpoint verify --jsonl`: one JSON request a line, one JSON answer a line.

A request carries a text with the clock to judge it by and the certificates to trust beside the
configured keys, or an image to read. `docs/health-code.md` lists the fields. A line that cannot be
read is answered with an error and never ends the run.
"""

import math
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final

import msgspec

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.passes import Rejection
from scanner.formats.checks import Check, Inspection
from scanner.formats.registry import inspect_pass
from scanner.trust.certificates import key_from_certificate
from scanner.trust.key_ring import JoinedKeys, KeyRing
from scanner.trust.keys import KeySource, TrustedKey

if TYPE_CHECKING:
    from scanner.vision.reader import QrReader

MAX_LINE: Final = 32 << 20
"""Room for a photograph in base64; longer lines are refused unread."""


class TextRequest(msgspec.Struct, frozen=True):
    """A text to verify; `clock` is ISO 8601, now when absent; `certs` are base64 DER."""

    id: str | int
    text: str
    clock: str | None = None
    certs: tuple[str, ...] = ()


class ImageRequest(msgspec.Struct, frozen=True):
    """A picture to read; `image` is base64."""

    id: str | int
    image: str


class _Numbered(msgspec.Struct, frozen=True):
    id: str | int | None = None


class TextAnswer(msgspec.Struct, frozen=True):
    """Every check as true, false or null for not reached; `stage` is the first that failed."""

    id: str | int
    ok: bool
    stage: str | None
    checks: Mapping[str, bool | None]
    reasons: Sequence[str]
    why: str
    hcert: object
    compressed: str | None
    cose: str | None


class ImageAnswer(msgspec.Struct, frozen=True):
    """The text of the code in the picture, null when there is none."""

    id: str | int
    text: str | None


_STAGES: Final = {
    check: check.value
    for check in Check
    if check not in (Check.ENCODING, Check.COMPRESSION, Check.ENVELOPE)
} | {Check.ENCODING: "base45", Check.COMPRESSION: "zlib", Check.ENVELOPE: "cose"}
"""The steps by the names that programs written for EU certificates know."""


class Trouble(msgspec.Struct, frozen=True):
    """A line that is no request."""

    id: str | int | None
    error: str


class LineVerifier:
    """Answers requests, one after the other."""

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys
        self._reader: QrReader | None = None

    def answer(self, line: bytes) -> bytes:
        """The answer to one line, without a newline."""
        return msgspec.json.encode(self._answer(line))

    def _answer(self, line: bytes) -> TextAnswer | ImageAnswer | Trouble:
        if len(line) > MAX_LINE:
            return Trouble(None, "the line is too long")
        try:
            return self._verify(decode_json(line, TextRequest))
        except ValueError:
            pass
        try:
            return self._read(decode_json(line, ImageRequest))
        except ValueError:
            return Trouble(_id_of(line), "the line is no request with a text or an image")

    def _verify(self, request: TextRequest) -> TextAnswer:
        now = _moment(request.clock)
        keys: KeySource = self._keys
        if request.certs:
            keys = JoinedKeys(KeyRing(_keys_from(request.certs)), keys)
        return _report(request.id, inspect_pass(request.text, keys, now))

    def _read(self, request: ImageRequest) -> ImageAnswer:
        from scanner.domain.errors import CameraError
        from scanner.vision.choice import choose
        from scanner.vision.reader import QrReader
        from scanner.vision.sources.files import decode_image

        self._reader = self._reader or QrReader()
        try:
            grey = decode_image(b64decode(request.image), "image")
        except CameraError:
            return ImageAnswer(request.id, None)
        height, width = grey.shape
        code = choose(self._reader.read(grey), (width, height))
        return ImageAnswer(request.id, code.text if code else None)


def answer_lines(keys: KeySource, requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer every line of `requests` at once, until it ends."""
    verifier = LineVerifier(keys)
    for line in _lines(requests):
        answers.write(verifier.answer(line) + b"\n")
        answers.flush()


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines that are not blank; of one that is too long only so much that it shows."""
    while line := stream.readline(MAX_LINE + 1):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE)
        if line.strip():
            yield line


def _moment(clock: str | None) -> datetime:
    if clock is None:
        return datetime.now(UTC)
    when = datetime.fromisoformat(clock)
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when


def _keys_from(certificates: Sequence[str]) -> Iterator[TrustedKey]:
    for certificate in certificates:
        try:
            key = key_from_certificate(b64decode(certificate))
        except ValueError:  # no base64
            continue
        if key is not None:
            yield key


def _report(identity: str | int, inspection: Inspection) -> TextAnswer:
    trail, outcome = inspection.trail, inspection.outcome
    rejection = outcome if isinstance(outcome, Rejection) else None
    return TextAnswer(
        id=identity,
        ok=rejection is None,
        stage=_STAGES[inspection.failed] if inspection.failed else None,
        checks={name: trail.checks.get(check) for check, name in _STAGES.items()},
        reasons=rejection.reasons if rejection else (),
        why=rejection.detail if rejection else "",
        hcert=None if trail.document is None else _plain(trail.document),
        compressed=None if trail.compressed is None else trail.compressed.hex(),
        cose=None if trail.cose is None else trail.cose.hex(),
    )


def _plain(value: object) -> object:
    """Decoded CBOR as what JSON can hold; bytes in hexadecimal."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, str | bool | int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else str(value)


def _id_of(line: bytes) -> str | int | None:
    try:
        return decode_json(line, _Numbered).id
    except UndecodableError:
        return None
