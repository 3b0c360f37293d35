"""A holder's phone: keeps its own key and the day's code, and vouches for it every half minute.

What a carrier app has to do, in one file; `checkpoint phone` shows it in a terminal.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm
from scanner.durable_files import replace_file
from scanner.formats import base45, cbor, cose, cwt
from scanner.formats.checks import UnreadableError
from scanner.formats.health_code_claims import PREFIX
from scanner.formats.holder_proof import protected_header, read_key
from scanner.issuing.keys import save_private_key
from scanner.issuing.signing import sign1_under
from scanner.trust.cose_keys import thumbprint
from scanner.trust.keys import PublicKey

PhoneKey = Ed25519PrivateKey | EllipticCurvePrivateKey

REFRESH: Final = timedelta(seconds=30)
"""How often a phone signs anew: half of what gates allow, so that clocks may differ a little."""

KEY_NAME: Final = "phone.pem"
CODE_NAME: Final = "code.txt"


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone.

    Attributes:
        private_key: made by the phone itself; it never leaves it.
        code: the issuer's COSE_Sign1 for today; None before the first one has come.
        ends_at: when that code expires.
    """

    private_key: PhoneKey
    code: bytes | None = None
    ends_at: datetime | None = None

    @classmethod
    def new(cls, algorithm: Algorithm = Algorithm.EDDSA) -> "Phone":
        """A phone with a new key of its own and no code yet.

        Raises:
            ValueError: an algorithm that no phone signs with.
        """
        match algorithm:
            case Algorithm.EDDSA:
                return cls(Ed25519PrivateKey.generate())
            case Algorithm.ES256:
                return cls(generate_private_key(SECP256R1()))
        raise ValueError(f"phones do not sign with {algorithm}")

    @property
    def algorithm(self) -> Algorithm:
        """What it signs with."""
        is_edwards = isinstance(self.private_key, Ed25519PrivateKey)
        return Algorithm.EDDSA if is_edwards else Algorithm.ES256

    @property
    def public_key(self) -> PublicKey:
        """What the issuer gets to know, and names in the code."""
        return self.private_key.public_key()

    def receives(self, text: str) -> "Phone":
        """The phone with the day's code.

        Args:
            text: as the issuer made it for this phone's public key.

        Raises:
            TrustError: it is no health code, or one for another key.
        """
        try:
            code = base45.decode(text.removeprefix(PREFIX))
            claims = cbor.read(cose.parse(code, strict=True).payload, strict=True)
            if not cbor.is_map(claims):
                raise TrustError("This code is a phone's already; the issuer's own is needed.")
            key, ends_at = read_key(claims), cwt.read_times(claims, strict=True).expires_at
        except UnreadableError as error:
            raise TrustError("This is no health code.") from error
        if key is None or key.thumbprint != thumbprint(self.public_key):
            raise TrustError("This code was issued for another phone.")
        return replace(self, code=code, ends_at=ends_at)

    def presents(self, now: datetime) -> str:
        """The text to show at `now`; gates take it for a minute.

        Raises:
            TrustError: there is no code yet.
        """
        if self.code is None:
            raise TrustError("This phone has no code yet.")
        payload = cbor2.dumps([int(now.timestamp()), self.code])
        header = protected_header(self.algorithm)
        return PREFIX + base45.encode(sign1_under(header, payload, self.private_key))

    def save(self, folder: Path) -> None:
        """Write the key, unless it is there, and the code; only the owner can read either.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / KEY_NAME).exists():
            save_private_key(self.private_key, folder / KEY_NAME)
        if self.code is not None:
            text = PREFIX + base45.encode(self.code)
            replace_file(folder / CODE_NAME, text.encode())

    @classmethod
    def load(cls, folder: Path) -> "Phone":
        """What `save` wrote.

        Raises:
            TrustError: there is none, or its files are damaged.
        """
        try:
            private_key = load_pem_private_key((folder / KEY_NAME).read_bytes(), password=None)
            code = folder / CODE_NAME
            text = code.read_text("ascii") if code.exists() else None
        except (OSError, ValueError) as error:
            raise TrustError(
                f"There is no phone in {folder}.",
                f"Make one: checkpoint phone new --folder KEYS --phone {folder}",
            ) from error
        if not isinstance(private_key, PhoneKey):
            raise TrustError(f"{folder / KEY_NAME} is no phone's key.")
        phone = cls(private_key)
        return phone if text is None else phone.receives(text)
