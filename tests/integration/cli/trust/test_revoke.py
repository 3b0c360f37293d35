"""`checkpoint trust revoke`: codes are taken back, given back, and their lists made anew."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scanner.cli.trust.command import app
from scanner.cli.trust.options import now
from scanner.domain.errors import TrustError
from scanner.issuing.keys import IssuerKey
from scanner.publishing.folder import RepositoryFolder
from scanner.publishing.revocation_files import take_out
from scanner.trust.keys import Revoked
from scanner.trust.revocation.hashes import code_hash
from scanner.trust.revocation.index import load_issuer
from tests.publishing_builders import Operator

STOLEN, OTHER = bytes.fromhex("0a1b2c3d4e5f6071"), bytes.fromhex("1122334455667788")


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    operator = Operator.begin(tmp_path / "trust", now())
    operator.add_issuer("33", [IssuerKey.generate("33")], now())
    operator.publish(now())
    return tmp_path / "trust"


def revoke(trust: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["revoke", "33", "-r", str(trust), "--yes", *options])


def held(trust: Path, folder: Path) -> dict[bytes, Revoked]:
    """What the staged list says."""
    take_out(RepositoryFolder(trust), "33", folder)
    issuer = load_issuer({path.name: path for path in folder.iterdir()})
    return {code: issuer.check(code_hash("33", code)) for code in (STOLEN, OTHER)}


def test_codes_are_taken_back_given_back_and_the_list_made_anew(
    trust: Path, tmp_path: Path
) -> None:
    file = tmp_path / "ids.txt"
    file.write_text(f"{STOLEN.hex()}\n\n{OTHER.hex()}\n")
    said = revoke(trust, "--ids", str(file)).output
    assert "33 has taken back 2 codes, 2 since its list." in said
    assert held(trust, tmp_path / "1") == {STOLEN: Revoked.YES, OTHER: Revoked.YES}
    said = revoke(trust, "--id", OTHER.hex(), "--restore").output
    assert "33 has taken back 1 codes" in said
    assert held(trust, tmp_path / "2") == {STOLEN: Revoked.YES, OTHER: Revoked.NO}
    said = revoke(trust, "--compact").output
    assert "33 has taken back 1 codes, 0 since its list." in said
    assert held(trust, tmp_path / "3") == {STOLEN: Revoked.YES, OTHER: Revoked.NO}
    assert [path.name for path in (tmp_path / "3").iterdir()] == ["base.bin"]


@pytest.mark.parametrize("options", [(), ("--id", "xyz"), ("--id", "00" * 256), ("--ids", "none")])
def test_what_names_no_code_stages_nothing(trust: Path, options: tuple[str, ...]) -> None:
    assert isinstance(revoke(trust, *options).exception, TrustError)
    assert not (trust / "staged").exists()
