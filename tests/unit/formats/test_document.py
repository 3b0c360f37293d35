"""`docs/health-code.md` says what the code does: its vectors and its tables."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    Holder,
    IdKind,
    PassClaims,
    PassKind,
    VerifiedPass,
)
from scanner.formats import health_code_claims as table
from scanner.formats.registry import read_pass
from scanner.issuing.health_code import as_link, encode_claims, issue_health_code
from scanner.issuing.keys import IssuerKey, key_id_of, spki
from scanner.issuing.signing import sign1
from scanner.trust.algorithms import SCHEMES
from scanner.trust.key_file import KeyFile, KeyRecord
from tests.builders import a_ring

DOCUMENT: Final = (Path(__file__).parents[3] / "docs/health-code.md").read_text("utf-8")
BLOCKS: Final = dict(re.findall(r"^```(\w+)\n(.*?)\n```$", DOCUMENT, re.DOTALL | re.MULTILINE))
ISSUED: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLAIMS: Final = PassClaims(
    format=HEALTH_CODE,
    kind=PassKind.DYNAMIC,
    issuer="33",
    colour=Colour.GREEN,
    issued_at=ISSUED,
    expires_at=datetime(2026, 11, 23, 9, 10, tzinfo=UTC),
    code_id=b"code-001",
    holder=Holder("张*三", IdKind.RESIDENT_CARD, "207X"),
    division="330100",
)


@pytest.fixture
def key() -> IssuerKey:
    """The key of the vector."""
    private_key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(BLOCKS["seed"]))
    key_id = key_id_of(private_key.public_key())
    return IssuerKey("33", key_id, Algorithm.EDDSA, private_key)


def test_the_vector_is_what_the_reference_issuer_makes(key: IssuerKey) -> None:
    payload = encode_claims(CLAIMS)
    assert spki(key.private_key.public_key()).hex() == BLOCKS["spki"]
    assert payload.hex() == BLOCKS["payload"]
    assert sign1(payload, key).hex() == BLOCKS["envelope"]
    assert issue_health_code(CLAIMS, key) == BLOCKS["text"]
    assert as_link(BLOCKS["text"], "https://health.example/code") == BLOCKS["link"]


@pytest.mark.parametrize("block", ["text", "link"])
def test_the_vector_is_what_the_gate_accepts(key: IssuerKey, block: str) -> None:
    outcome = read_pass(BLOCKS[block], a_ring(key), ISSUED)
    assert isinstance(outcome, VerifiedPass)
    assert outcome.claims == CLAIMS


def test_the_example_of_a_key_file_is_one() -> None:
    example = json.loads(BLOCKS["json"])
    (record,) = msgspec.convert(example, KeyFile).keys
    assert record.spki.hex() == BLOCKS["spki"]
    assert set(example["keys"][0]) == set(KeyRecord.__struct_fields__)


def _rows(heading: str) -> list[list[str]]:
    """The rows of the table whose first heading cells are these."""
    lines = DOCUMENT.splitlines()
    at = lines.index(heading) + 2
    rows = []
    while lines[at].startswith("|"):
        rows.append([cell.strip() for cell in lines[at].strip("|").split("|")])
        at += 1
    return rows


def test_the_table_of_claims_lists_every_number() -> None:
    rows = _rows("| key | what | type | rule |")
    names = {int(number): name.replace(" ", "_").upper() for number, name, *_ in rows}
    assert names == {int(claim): claim.name for claim in table.Claim}


def test_the_listed_kinds_and_colours_have_their_numbers() -> None:
    rules = {row[1]: row[3] for row in _rows("| key | what | type | rule |")}
    for name, numbers in (
        ("kind", table.KIND_NUMBERS),
        ("colour", table.COLOUR_NUMBERS),
    ):
        for value, number in numbers.items():
            assert f"{number} {value.value}" in rules[name]
    for id_kind, number in table.ID_KIND_NUMBERS.items():
        words = id_kind.value.replace("_", " ").replace("hong kong macau", "hong kong or macau")
        assert f"{number} {words}" in rules["id kind"].lower()


def test_the_algorithms_have_their_numbers() -> None:
    rows = {row[0]: int(row[1]) for row in _rows("| alg | number | key |")}
    assert rows == {algorithm.value: scheme.cose for algorithm, scheme in SCHEMES.items()}
