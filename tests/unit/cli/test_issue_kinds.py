"""`checkpoint issue` makes foreign codes that gates accept with the keys that it publishes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scanner.cli.issue import app
from scanner.cli.issue_kinds import FOREIGN_KINDS, CodeKind, key_maker
from scanner.domain.passes import Algorithm, VerifiedPass
from scanner.formats.registry import read_pass
from scanner.trust.bundle.bundle import load_bundle


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("kind", FOREIGN_KINDS)
def test_a_foreign_code_is_accepted_with_the_published_keys(kind: CodeKind, tmp_path: Path) -> None:
    folder = str(tmp_path)
    _run("keys", "--folder", folder, "--issuer", FOREIGN_KINDS[kind].issuer)
    text = _run("code", "--folder", folder, "--kind", kind).strip()
    keys = load_bundle(tmp_path / "repository", (tmp_path / "root.json").read_bytes())
    outcome = read_pass(text, keys, datetime.now(UTC))
    assert isinstance(outcome, VerifiedPass), outcome
    assert outcome.claims.issuer == FOREIGN_KINDS[kind].issuer


@pytest.mark.parametrize("issuer", ["33", "00", "E", "eu", "did:key:z6Mk", "UT", "UTO\n", ""])
def test_other_names_are_no_foreign_issuers(issuer: str) -> None:
    assert key_maker(issuer) is None


@pytest.mark.parametrize("issuer", ["EU", "UTO", "did:web:nzcp.example"])
def test_foreign_keys_are_for_es256(issuer: str) -> None:
    make = key_maker(issuer)
    assert make is not None
    assert (make(issuer).issuer, make(issuer).algorithm) == (issuer, Algorithm.ES256)
