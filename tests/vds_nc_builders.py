"""ICAO seals for tests: any content, signed by one state."""

import json
from base64 import urlsafe_b64encode
from copy import deepcopy
from functools import cache
from typing import Any, Final

from scanner.domain.passes import Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats.checks import Check
from scanner.formats.registry import inspect_pass, read_pass
from scanner.issuing.keys import IssuerKey
from scanner.issuing.vds_nc import encode_vds_nc, generate_signer
from tests.builders import NOW, a_ring

WITHOUT: Final = object()
VACCINATION: Final[dict[str, Any]] = {
    "hdr": {"t": "icao.vacc", "v": 1, "is": "UTO"},
    "msg": {
        "uvci": "U32870",
        "pid": {"n": "Smith Bill", "dob": "1990-01-02", "sex": "M", "i": "A1234567Z"},
        "ve": [
            {
                "des": "XM68M6",
                "nam": "Comirnaty",
                "dis": "RA01.0",
                "vd": [
                    {"dvc": "2021-03-03", "seq": 1, "ctr": "UTO", "lot": "VC35679"},
                    {"dvc": "2021-03-24", "seq": 2, "ctr": "UTO", "lot": "VC87540"},
                ],
            }
        ],
    },
}
TEST: Final[dict[str, Any]] = {
    "hdr": {"t": "icao.test", "v": 1, "is": "UTO"},
    "msg": {
        "utci": "T32870",
        "pid": {"n": "Smith Bill", "dob": "1990-01-02", "dt": "P", "dn": "A1234567Z"},
        "sp": {"spn": "Lab", "ctr": "UTO", "cd": {"p": "+12345", "e": "a@b.example", "a": "1 St"}},
        "dat": {"sc": "2026-11-22T20:00:00+10:00", "ri": "2026-11-22T23:00:00+10:00"},
        "tr": {"tc": "molecular(PCR)", "r": "negative", "m": "saliva"},
    },
}
YELLOW_FEVER: Final = {"des": "XM0N24", "dis": "1D47", "vd": [{"dvc": "2019-01-01", "seq": 1}]}


@cache
def signer(issuer: str = "UTO") -> IssuerKey:
    """The signer of a state; the same one every time."""
    return generate_signer(issuer)


KEY: Final = signer()


def a_seal(*path_and_value: Any, of: dict[str, Any] = VACCINATION) -> str:
    """A signed seal; the last argument stands where the others lead to."""
    return encode_vds_nc(changed(of, *path_and_value), KEY)


def changed(value: Any, *path_and_value: Any) -> Any:
    """A copy of `value`; the last argument stands where those before it lead to."""
    copy = deepcopy(value)
    if not path_and_value:
        return copy
    *path, last, new = path_and_value
    inner = copy
    for step in path:
        inner = inner[step]
    if new is WITHOUT:
        del inner[last]
    else:
        inner[last] = new
    return copy


def with_sig(**changes: object) -> str:
    """A good seal with other members of `sig`."""
    seal = json.loads(a_seal())
    seal["sig"] |= changes
    seal["sig"] = {key: item for key, item in seal["sig"].items() if item is not WITHOUT}
    return json.dumps(seal, separators=(",", ":"))


def base64url(data: bytes) -> str:
    """Without padding (RFC 4648 section 5)."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def accepted(text: str, *keys: IssuerKey) -> VerifiedPass:
    """The pass that it is."""
    outcome = read_pass(text, a_ring(*keys or (KEY,)), NOW)
    assert isinstance(outcome, VerifiedPass), outcome
    return outcome


def refused(text: str, *keys: IssuerKey) -> tuple[Reason, ...]:
    """The reasons."""
    outcome = read_pass(text, a_ring(*keys or (KEY,)), NOW)
    assert isinstance(outcome, Rejection), outcome
    return outcome.reasons


def failed(text: str) -> Check | None:
    """The step that failed."""
    inspection = inspect_pass(text, a_ring(KEY), NOW)
    assert isinstance(inspection.outcome, Rejection), inspection.outcome
    return inspection.failed
