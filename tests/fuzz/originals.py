"""Valid codes of every format under keys of our own: what fuzzing starts from and must not forge.

A new format gets one line in `RECIPES`; a test fails until it has one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from scanner.domain.issuers import EU
from scanner.domain.passes import (
    Algorithm,
    Colour,
    DependantRecord,
    LaboratoryTest,
    PassClaims,
    PassKind,
    Rejection,
    VaccineRecord,
    VerifiedPass,
)
from scanner.formats.holder_proof import PHONE_ALGORITHMS
from scanner.formats.registry import READERS, read_pass
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.issuing.health_code import encode_claims
from scanner.issuing.keys import IssuerKey, PrivateKey
from scanner.trust.key_ring import KeyRing
from tests.builders import NOW, a_bound_code, a_code, a_pass, a_phone
from tests.fuzz import layers
from tests.fuzz.documents import nz_covid_pass, smart_health_cards, vds_ncs
from tests.fuzz.layers import Layers
from tests.fuzz.mutators import Donor

Keys = Sequence[IssuerKey]


@dataclass(frozen=True)
class Recipe:
    """How valid codes of one format are made.

    Attributes:
        issuers: who signs, and by which algorithm.
        texts: codes that are valid at `NOW`, under keys in the order of `issuers`.
        claims: what no code of them shows on its outside, as seeds behind a signature.
    """

    layers: Layers
    issuers: tuple[tuple[str, Algorithm], ...]
    texts: Callable[[Keys], list[str]]
    claims: Callable[[], list[bytes]] = list


@dataclass(frozen=True)
class Original:
    """A valid code and what the gate makes of it."""

    format: str
    donor: Donor
    read: VerifiedPass


class Originals:
    """The valid codes and the keys that they are valid under."""

    def __init__(self, keys: Mapping[str, Keys], texts: Mapping[str, Sequence[str]]) -> None:
        """Read every text; each must be a verified pass."""
        self.keys = keys
        self.texts = texts
        self.ring = KeyRing(key.trusted() for group in keys.values() for key in group)
        self.all = [
            _original(name, text, self.ring) for name, group in texts.items() for text in group
        ]
        self.donors = [original.donor for original in self.all]
        self._believed = {original.read.identity: original.read.claims for original in self.all}

    def claims_of_an_original(self, outcome: VerifiedPass | Rejection) -> bool:
        """True when everything that is said to be proven is what an original says.

        A holder's own signature is no part of the identity: where it fails, the rejection tells
        the issuer's claims without it, and no pass may.
        """
        original = self._believed.get(outcome.identity or b"")
        if isinstance(outcome, VerifiedPass):
            return outcome.claims == original
        if outcome.proven is None:
            return True
        return original is not None and _unpresented(outcome.proven) == _unpresented(original)


def _unpresented(claims: PassClaims) -> PassClaims:
    return msgspec.structs.replace(claims, presented_at=None)


def _original(name: str, text: str, ring: KeyRing) -> Original:
    read = read_pass(text, ring, NOW)
    if not isinstance(read, VerifiedPass):
        raise TypeError(f"an original of {name} is refused: {read.reasons} {read.detail}")
    coding = RECIPES[name].layers
    parts = coding.envelope.decode(coding.open(text))
    return Original(name, Donor(text, coding, tuple(parts)), read)


@cache
def fresh() -> Originals:
    """Originals under new keys, made once in a process."""
    keys: dict[str, Keys] = {
        name: [_generated(name, *issuer) for issuer in RECIPES[name].issuers] for name in READERS
    }
    return Originals(keys, {name: RECIPES[name].texts(keys[name]) for name in READERS})


def _generated(name: str, issuer: str, algorithm: Algorithm) -> IssuerKey:
    key = IssuerKey.generate(issuer, algorithm)
    if RECIPES[name].layers is layers.SMART_HEALTH_CARD:
        return replace(key, key_id=key.key_id.hex().encode())  # a JWS names its key by text
    return key


class _SavedKey(msgspec.Struct, frozen=True):
    issuer: str
    kid: bytes
    algorithm: Algorithm
    pem: bytes


class _Saved(msgspec.Struct, frozen=True):
    keys: dict[str, list[_SavedKey]]
    texts: dict[str, list[str]]


def kept(path: Path) -> Originals:
    """The originals in `path`, so that a corpus and a finding stay valid from run to run.

    They are made anew when the file is missing, or no longer fits the formats.
    """
    try:
        saved = msgspec.json.decode(path.read_bytes(), type=_Saved)
        if saved.texts.keys() == READERS.keys():
            return Originals(
                {name: [*map(_key, ks)] for name, ks in saved.keys.items()}, saved.texts
            )
    except (OSError, msgspec.MsgspecError, TypeError):
        pass
    made = fresh()
    keys = {name: [_save(key) for key in group] for name, group in made.keys.items()}
    texts = {name: list(group) for name, group in made.texts.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(_Saved(keys, texts)))
    return made


def _save(key: IssuerKey) -> _SavedKey:
    pem = key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return _SavedKey(key.issuer, key.key_id, key.algorithm, pem)


def _key(saved: _SavedKey) -> IssuerKey:
    private_key = load_pem_private_key(saved.pem, password=None)
    if not isinstance(private_key, PrivateKey):
        raise TypeError("another kind of key")
    return IssuerKey(saved.issuer, saved.kid, saved.algorithm, private_key)


def _health_codes(keys: Keys) -> list[str]:
    day = NOW - timedelta(hours=20)
    full: dict[str, Any] = {
        "division": "330100",
        "not_before": NOW - timedelta(minutes=1),
        "test": LaboratoryTest("PCR", negative=True, sampled_at=day, reported_at=NOW),
        "vaccine": VaccineRecord(3, day.date()),
        "reason_class": "contact",
        "hard_line": True,
        "colour_since": day,
        "household": "H-1",
        "dependant": DependantRecord("child", "张*"),
        "policy_version": "2026-11",
        "scope": "gate 3",
    }
    texts = [
        a_code(key, issuer=key.issuer, colour=colour, code_id=colour.encode())
        for key in keys
        for colour in (Colour.GREEN, Colour.RED)
    ]
    texts.append(a_code(keys[0], issuer=keys[0].issuer, kind=PassKind.DEPENDANT, **full))
    return [*texts, *_bound_codes(keys)]


def _bound_codes(keys: Keys) -> list[str]:
    """Codes that a phone vouches for."""
    return [
        phone.receives(a_bound_code(phone, key, code_id=phone.algorithm.encode())).presents(NOW)
        for phone, key in zip(map(a_phone, PHONE_ALGORITHMS), keys, strict=False)
    ]


def _bound_claims() -> list[bytes]:
    """What the issuer signs of such a code."""
    return [
        encode_claims(a_pass(), a_phone(algorithm).public_key) for algorithm in PHONE_ALGORITHMS
    ]


def _eu_dccs(keys: Keys) -> list[str]:
    kinds = (PassKind.VACCINATION, PassKind.TEST, PassKind.RECOVERY)
    now = NOW - timedelta(days=1)
    return [issue_eu_dcc(key, now=now, kind=kind) for key in keys for kind in kinds]


def _signed(
    layers: Layers, documents: Callable[[IssuerKey], list[Any]]
) -> Callable[[Keys], list[str]]:
    def texts(keys: Keys) -> list[str]:
        return [
            layers.sign(layers.content.encode(document), key)
            for key in keys
            for document in documents(key)
        ]

    return texts


RECIPES: Final[Mapping[str, Recipe]] = {
    "health_code": Recipe(
        layers.HEALTH_CODE,
        (*(("33", algorithm) for algorithm in Algorithm), ("46", Algorithm.EDDSA)),
        _health_codes,
        _bound_claims,
    ),
    "eu_dcc": Recipe(layers.EU_DCC, tuple((EU, algorithm) for algorithm in Algorithm), _eu_dccs),
    "smart_health_card": Recipe(
        layers.SMART_HEALTH_CARD,
        (("https://a.example/shc", Algorithm.ES256), ("https://b.example/shc", Algorithm.ES256)),
        _signed(layers.SMART_HEALTH_CARD, lambda key: smart_health_cards(key, NOW)),
    ),
    "nz_covid_pass": Recipe(
        layers.NZ_COVID_PASS,
        (("did:web:a.example", Algorithm.ES256), ("did:web:b.example", Algorithm.ES256)),
        _signed(layers.NZ_COVID_PASS, lambda key: [nz_covid_pass(key, NOW)]),
    ),
    "vds_nc": Recipe(
        layers.VDS_NC,
        (("UTO", Algorithm.ES256), ("AUS", Algorithm.ES256)),
        _signed(layers.VDS_NC, lambda key: vds_ncs(key, NOW)),
    ),
}
"""By the name of the format. Only those that the registry knows are made."""
