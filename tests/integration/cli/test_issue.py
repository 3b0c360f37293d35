"""`checkpoint issue`, as a person types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scanner.cli.main import app
from scanner.domain.errors import SettingsError


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Keys of every issuer."""
    folder = tmp_path / "keys"
    assert _run("issue", "keys", "--folder", folder).exit_code == 0
    return folder


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "Zhejiang"),
        (("--issuer", "33", "--colour", "yellow"), "yellow"),
        (("--kind", "paper", "--issuer", "46", "--scope", "Block 3"), "Block 3"),
        (("--kind", "dependant", "--name", "张小宝"), "张*宝"),
        (("--kind", "visitor", "--id-kind", "passport", "--id-suffix", "77AB"), "passport 77AB"),
        (("--kind", "national"), "National platform"),
        (("--division", "330100"), "330100"),
        (("--kind", "eu"), "vaccination"),
        (("--kind", "eu-test"), "negative"),
        (("--kind", "eu-recovery"), "recovery"),
        (("--link", "https://health.example/code"), "Zhejiang"),
    ],
)
def test_codes_of_every_kind_are_verified(
    folder: Path, options: tuple[str, ...], says: str
) -> None:
    issued = _run("issue", "code", "--folder", folder, *options)
    assert issued.exit_code == 0, issued.output
    verified = _run("verify", "--keys", folder, issued.stdout.rstrip("\n"))
    assert verified.exit_code == 0, verified.output
    assert says in verified.stdout


def test_a_picture_is_verified_from_its_file(folder: Path, tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    assert _run("issue", "code", "--folder", folder, "--png", picture).exit_code == 0
    verified = _run("verify", "--keys", folder, picture)
    assert verified.exit_code == 0, verified.output
    assert _run("verify", "--keys", folder, "--camera", picture).exit_code == 0


def test_an_old_code_has_expired(folder: Path) -> None:
    issued = _run("issue", "code", "--folder", folder, "--issued-ago", "2h", "--valid-for", "10m")
    verified = _run("verify", "--keys", folder, issued.stdout.rstrip("\n"))
    assert verified.exit_code == 1
    assert "it has expired" in verified.stdout


def test_making_keys_again_keeps_them_and_signs_anew(folder: Path) -> None:
    code = _run("issue", "code", "--folder", folder).stdout.rstrip("\n")
    before = sorted((folder / "private" / "issuers").iterdir())
    assert _run("issue", "keys", "--folder", folder).exit_code == 0
    assert sorted((folder / "private" / "issuers").iterdir()) == before
    assert _run("verify", "--keys", folder, code).exit_code == 0


def test_a_citys_key_joins_its_provinces(folder: Path) -> None:
    added = _run(
        "issue", "keys", "--folder", folder, "--issuer", "44", "--division", "440300", "--add"
    )
    assert added.exit_code == 0
    for division in ((), ("--division", "440300"), ("--division", "440100")):
        issued = _run("issue", "code", "--folder", folder, "--issuer", "44", *division)
        assert _run("verify", "--keys", folder, issued.stdout.rstrip("\n")).exit_code == 0


@pytest.mark.parametrize("division", ["", "33", "33010", "3301000", "33010x", "030100"])
def test_a_division_that_is_none_makes_no_key_and_no_code(folder: Path, division: str) -> None:
    before = sorted(folder.rglob("*"))
    for command in ("keys", "code"):
        refused = _run(
            "issue", command, "--folder", folder, "--issuer", "33", "--division", division
        )
        assert refused.exit_code == 2
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("issuers", [("--issuer", "44"), ("--issuer", "EU"), ()])
def test_a_citys_key_is_its_own_provinces(tmp_path: Path, issuers: tuple[str, ...]) -> None:
    folder = tmp_path / "keys"
    refused = _run("issue", "keys", "--folder", folder, "--division", "330100", *issuers)
    assert isinstance(refused.exception, SettingsError)
    assert not folder.exists()


def test_secrets_are_the_owners_only(folder: Path) -> None:
    assert (folder / "private").stat().st_mode & 0o077 == 0
    for path in (folder / "private").rglob("*.pem"):
        assert path.stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in (folder / "root.json").read_text()


def test_unknown_issuers_and_missing_keys_are_explained(tmp_path: Path) -> None:
    unknown = _run("issue", "keys", "--folder", tmp_path, "--issuer", "99")
    assert isinstance(unknown.exception, SettingsError)
    missing = _run("issue", "code", "--folder", tmp_path)
    assert isinstance(missing.exception, SettingsError)
    assert "checkpoint issue keys" in missing.exception.remedy


@pytest.mark.parametrize("span", ["", "x", "10", "-5m", "1w", "٣m"])
def test_a_span_that_is_none_is_refused(folder: Path, span: str) -> None:
    refused = _run("issue", "code", "--folder", folder, "--issued-ago", span)
    assert refused.exit_code == 2


@pytest.mark.parametrize(("kind", "says"), [("shc", "dose 2"), ("shc-test", "negative")])
def test_smart_health_cards_are_verified(tmp_path: Path, kind: str, says: str) -> None:
    folder = tmp_path / "keys"
    issuer = "https://health.example/cards"
    assert _run("issue", "keys", "--folder", folder, "--issuer", issuer).exit_code == 0
    issued = _run("issue", "code", "--folder", folder, "--kind", kind)
    assert issued.exit_code == 0, issued.output
    verified = _run("verify", "--keys", folder, issued.stdout.rstrip("\n"))
    assert verified.exit_code == 0, verified.output
    assert says in verified.stdout
    assert f"issuer       {issuer}\n" in verified.stdout


@pytest.mark.parametrize(
    "issuer", ["https://health.example/", "http://health.example", "https://a b", "https://"]
)
def test_an_address_that_no_card_can_name_makes_no_key(tmp_path: Path, issuer: str) -> None:
    refused = _run("issue", "keys", "--folder", tmp_path / "keys", "--issuer", issuer)
    assert isinstance(refused.exception, SettingsError)
    assert not (tmp_path / "keys").exists()
