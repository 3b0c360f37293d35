"""`checkpoint issue` makes foreign codes that gates accept with the keys that it publishes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scanner.cli.foreign_kinds import FOREIGN, key_maker
from scanner.cli.issue import CodeKind, app
from scanner.domain.passes import Algorithm, VerifiedPass
from scanner.formats.registry import read_pass
from scanner.trust.key_file import load_key_file


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_code_is_accepted_with_the_published_keys(kind: str, tmp_path: Path) -> None:
    folder = str(tmp_path)
    _run("keys", "--folder", folder, "--issuer", FOREIGN[kind].issuer)
    text = _run("code", "--folder", folder, "--kind", kind).strip()
    week = timedelta(days=7)
    keys = load_key_file(tmp_path, tmp_path / "publisher.pem", week, week)
    outcome = read_pass(text, keys, datetime.now(UTC))
    assert isinstance(outcome, VerifiedPass), outcome
    assert outcome.claims.issuer == FOREIGN[kind].issuer


def test_every_foreign_kind_can_be_asked_for() -> None:
    assert set(FOREIGN) <= set(CodeKind)


@pytest.mark.parametrize("issuer", ["33", "00", "E", "eu", "did:key:z6Mk", "UT", "UTO\n", ""])
def test_other_names_are_no_foreign_issuers(issuer: str) -> None:
    assert key_maker(issuer) is None


@pytest.mark.parametrize("issuer", ["EU", "UTO", "did:web:nzcp.example"])
def test_foreign_keys_are_for_es256(issuer: str) -> None:
    make = key_maker(issuer)
    assert make is not None
    assert (make(issuer).issuer, make(issuer).algorithm) == (issuer, Algorithm.ES256)
