"""HTTP message signatures (RFC 9421, Ed25519) with a content digest (RFC 9530).

What is covered is named by both sides and never left to the message. The target URI is the hub's
configured public URL, so that a proxy may change Host and nobody can replay a request at another
hub. The same signed request verifies as often as it arrives within `MAX_AGE`: that is harmless,
because entries are identified by (device, seq, head) and a repeated batch writes nothing, a locate
only reads, and an enrolment token works once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import ContentDigest, HTTPMessageSigner, HTTPMessageVerifier
from http_message_signatures.algorithms import ED25519
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from http_message_signatures.resolvers import MappingKeyResolver

from sync.protocol import PUSH_HEADERS, REQUEST_NONCE

MAX_AGE: Final = timedelta(minutes=5)
MAX_AHEAD: Final = timedelta(minutes=1)
_TAG: Final = "checkpoint-gate"
_MESSAGE: Final = (
    "@method",
    "@target-uri",
    "content-type",
    "content-digest",
    REQUEST_NONCE.lower(),
)
MESSAGE_COMPONENTS: Final = _MESSAGE
PUSH_COMPONENTS: Final = (
    *_MESSAGE,
    "content-encoding",
    *(name.lower() for name in PUSH_HEADERS),
)


class SignatureError(Exception):
    """The request is not signed by this key, or not completely."""


class SignatureTimeError(SignatureError):
    """The signature is genuine, but its time is too far from the hub's."""


@dataclass(frozen=True, slots=True)
class Request:
    """As much of an HTTP request as a signature covers; `body` as it crosses the wire."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class _Verifier(HTTPMessageVerifier):
    """Leaves the time of signing to `verify`, which has the caller's clock."""

    max_clock_skew = timedelta(days=36_500)


def sign(
    request: Request,
    components: tuple[str, ...],
    device_id: str,
    key: Ed25519PrivateKey,
    now: datetime,
) -> Request:
    """The request with the headers Content-Digest, Signature-Input and Signature added."""
    signed = Request(request.method, request.url, dict(request.headers), request.body)
    signer = HTTPMessageSigner(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={device_id: key}),
    )
    signer.sign(
        signed,
        key_id=device_id,
        created=now,
        tag=_TAG,
        label="gate",
        covered_component_ids=components,
        body=request.body,
    )
    return signed


def verify(
    request: Request,
    components: tuple[str, ...],
    device_id: str,
    key: Ed25519PublicKey,
    now: datetime,
) -> None:
    """Prove that the holder of `key` sent exactly this request a short time ago.

    Raises:
        SignatureTimeError: everything is genuine, but made before `MAX_AGE` or after `MAX_AHEAD`.
        SignatureError: anything else is missing or wrong.
    """
    verifier = _Verifier(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={device_id: key}, private_keys={}),
    )
    try:
        (result,) = verifier.verify(request, max_age=None, expect_tag=_TAG)
        # The library can check coverage and body too, but parses every name again each time.
        if {f'"{name}"' for name in components} - result.covered_components.keys():
            raise SignatureError("the signature does not cover everything")
        ContentDigest.verify(request.headers["content-digest"], request.body)
        created = datetime.fromtimestamp(int(result.parameters["created"]), UTC)
    except (HTTPMessageSignaturesException, ValueError, OverflowError, OSError) as error:
        raise SignatureError("the signature does not hold") from error
    if created > now + MAX_AHEAD or created < now - MAX_AGE:
        raise SignatureTimeError("the signature's time is too far from ours")
