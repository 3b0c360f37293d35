"""Eight QR codes of real payload sizes, version 12 to 20, the same in every run."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scanner.domain.passes import PassKind
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.vision.frames import Grey
from tests.builders import a_pass

_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_QUIET = 4  # modules around a code that to_image draws

# kind, holder's name, error correction level
_CERTIFICATES = (
    (PassKind.RECOVERY, "Li", "Q"),
    (PassKind.VACCINATION, "Li", "M"),
    (PassKind.RECOVERY, "Musterfrau-Gößinger", "Q"),
    (PassKind.VACCINATION, "Musterfrau-Gößinger", "Q"),
    (PassKind.TEST, "Musterfrau-Gößinger", "M"),
    (PassKind.VACCINATION, "Wolfeschlegelsteinhausenbergerdorff-Papadopoulou", "Q"),
    (PassKind.TEST, "Wolfeschlegelsteinhausenbergerdorff-Papadopoulou-Nascimento", "Q"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A QR code as its modules.

    Attributes:
        text: what it says.
        modules: `(N, N) uint8`, one pixel a module, 0 or 255, without the quiet zone.
        version: 1 to 40.
    """

    text: str
    modules: Grey
    version: int


def codes(holder: str = "") -> list[Code]:
    """One health code and seven EU certificates.

    Args:
        holder: put before the names, for another set of the same sizes and a little more.
    """
    private_key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key = replace(IssuerKey.generate("EU"), key_id=b"benchkey", private_key=private_key)
    texts = [
        (issue_health_code(a_pass(), replace(key, issuer="33")), "Q"),
        *(
            (
                issue_eu_dcc(
                    key,
                    now=_NOW,
                    kind=kind,
                    surname=holder + name,
                    forename=name,
                    valid_for=timedelta(days=180),
                ),
                level,
            )
            for kind, name, level in _CERTIFICATES
        ),
    ]
    return [_code(text, level) for text, level in texts]


def _code(text: str, level: str) -> Code:
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    picture = np.array(barcode.to_image(scale=1), dtype=np.uint8)
    modules = picture[_QUIET:-_QUIET, _QUIET:-_QUIET]
    return Code(text, np.ascontiguousarray(modules), (modules.shape[0] - 17) // 4)
