"""Keys from X.509 certificates, as the EU's trust list hands them out."""

from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from scanner.domain.issuers import EU
from scanner.domain.passes import Algorithm, PassKind
from scanner.trust.algorithms import fits
from scanner.trust.keys import TrustedKey

_KEY_ID_LENGTH: Final = 8
_USAGES: Final = {1: PassKind.TEST, 2: PassKind.VACCINATION, 3: PassKind.RECOVERY}
_KIND_OF_OID: Final = {
    f"{arc}.1847.2021.1.{number}": kind
    for arc in ("1.3.6.1.4.1", "1.3.6.1.4.1.0")
    for number, kind in _USAGES.items()
}
"""The extended key usages of the EU's certificate governance, in both spellings in use."""


def key_from_certificate(der: bytes) -> TrustedKey | None:
    """The signer's key in a certificate; None when it holds none that a code may be signed with.

    The kid is the first 8 bytes of the certificate's SHA-256. Who vouches for the certificate and
    how long is the trust list's affair and is not looked at here.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        public_key = certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        return None
    for algorithm in Algorithm:
        if checked := fits(public_key, algorithm):
            return TrustedKey(
                issuer=EU,
                key_id=sha256(der).digest()[:_KEY_ID_LENGTH],
                algorithm=algorithm,
                public_key=checked,
                kinds=_kinds(certificate),
            )
    return None


def _kinds(certificate: x509.Certificate) -> frozenset[PassKind] | None:
    """What the certificate may sign; None, everything, when it names none of the three usages."""
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
    named = (_KIND_OF_OID.get(oid.dotted_string) for oid in usages)
    return frozenset(kind for kind in named if kind is not None) or None
