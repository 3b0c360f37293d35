"""One-time tokens that turn a device key into a gate of this hub.

A token is `SECRET-FINGERPRINT`: 120 random bits that the hub keeps only as a hash, and 80 bits that
stand for the hub's two public keys. Whoever carries the token to the gate thereby carries the hub's
identity: a gate refuses an answer whose keys do not fit, even over plain HTTP.
"""

import base64
import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final

from sync.hub.keys import HubKeys
from sync.hub.store.base import HubStore
from sync.protocol import fingerprint

_SECRET_BYTES: Final = 15
_TOKEN: Final = re.compile(r"([a-z2-7]{24})-([a-z2-7]{16})")


def make_token(store: HubStore, keys: HubKeys, now: datetime, validity: timedelta) -> str:
    """A new token, good for one gate until `now + validity`."""
    secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().lower()
    store.add_token(_hash(secret), now, now + validity)
    return f"{secret}-{fingerprint(keys.signing_public, keys.sealing_public)}"


def token_hash(token: str) -> bytes | None:
    """Under which a token is stored; None when the text is no token."""
    match = _TOKEN.fullmatch(token.strip().lower())
    return _hash(match[1]) if match else None


def _hash(secret: str) -> bytes:
    """Plain SHA-256: 120 random bits need no slow hash."""
    return hashlib.sha256(b"checkpoint-token/1\0" + secret.encode()).digest()
