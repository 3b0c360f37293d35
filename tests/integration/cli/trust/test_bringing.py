"""`checkpoint trust import` and `export`, from gate to gate by a stick."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scanner.cli.trust.command import app
from scanner.domain.errors import TrustError
from scanner.issuing.keys import IssuerKey
from scanner.publishing.pilot import PilotPublisher
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore, Origin
from scanner.trust.bundle.update import update
from scanner.trust.bundle.verify import RollbackError, verify_repository
from tests.trust_builders import a_record, a_repository

NOW = datetime.now(UTC)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def says(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def a_gate(folder: Path, root: bytes) -> Path:
    """A gate's settings; its store is empty."""
    folder.mkdir()
    (folder / "root.json").write_bytes(root)
    settings = folder / "gate.toml"
    settings.write_text('[trust]\nfolder = "trust"\nroot = "root.json"\n')
    return settings


@pytest.fixture
def publisher(tmp_path: Path) -> PilotPublisher:
    return a_repository(tmp_path / "published", {"33": [IssuerKey.generate("33")]}, NOW)


def test_an_import_says_old_new_who_signed_and_what_changed(
    tmp_path: Path, publisher: PilotPublisher
) -> None:
    settings = a_gate(tmp_path / "gate", publisher.pinned_root)
    store = BundleStore(tmp_path / "gate" / "trust")
    first = says("import", tmp_path / "published", "--settings", settings)
    assert "nothing → 1.1 is in force" in first
    publisher.set_keys("44", [a_record(IssuerKey.generate("44"))], NOW + timedelta(minutes=1))
    publisher.publish(tmp_path / "published", NOW + timedelta(minutes=1))
    told = says("import", tmp_path / "published", "--settings", settings, "--dry-run")
    assert "1.1 → 1.2 would be in force" in told
    assert len(store.candidates()) == 1
    told = says("import", tmp_path / "published", "--settings", settings)
    assert "1.1 → 1.2 is in force" in told
    assert "signed by      Targets" in told
    assert "44 Guangdong" in told
    assert store.origin() is Origin.IMPORT
    again = says("import", tmp_path / "published", "--settings", settings)
    assert "1.2 is in force already" in again


def test_a_refused_import_leaves_what_is_in_force(
    tmp_path: Path, publisher: PilotPublisher
) -> None:
    settings = a_gate(tmp_path / "gate", publisher.pinned_root)
    store = BundleStore(tmp_path / "gate" / "trust")
    publisher.publish(tmp_path / "newer", NOW)
    update(store, FolderSource(tmp_path / "newer"), publisher.pinned_root)
    a_repository(tmp_path / "stranger", {}, NOW)
    for folder, error in (
        ("published", RollbackError),
        ("stranger", TrustError),
        ("nowhere", TrustError),
    ):
        for more in ([], ["--dry-run"]):
            refused = run("import", tmp_path / folder, "--settings", settings, *more)
            assert isinstance(refused.exception, error), folder
    assert load_bundle(store.candidates()[0], publisher.pinned_root).version == "1.2"


def test_an_export_serves_the_next_gate_and_keeps_the_roots_together(
    tmp_path: Path, publisher: PilotPublisher
) -> None:
    one = a_gate(tmp_path / "one", publisher.pinned_root)
    two = a_gate(tmp_path / "two", publisher.pinned_root)
    stick = tmp_path / "stick"
    stick.mkdir()
    assert isinstance(run("export", stick, "--settings", one).exception, TrustError)
    says("import", tmp_path / "published", "--settings", one)
    assert "1.1 is on" in says("export", stick, "--settings", one)
    publisher.set_keys("44", [a_record(IssuerKey.generate("44"))], NOW)
    publisher.publish(tmp_path / "published", NOW)
    says("import", tmp_path / "published", "--settings", one)
    says("export", stick, "--settings", one)  # over the older one
    assert (stick / "checkpoint-trust" / "metadata" / "1.root.json").is_file()
    assert list(stick.rglob("*.part")) == []
    assert "nothing → 1.2 is in force" in says("import", stick, "--settings", two)


def test_a_damaged_bundle_is_not_handed_on(tmp_path: Path, publisher: PilotPublisher) -> None:
    settings = a_gate(tmp_path / "gate", publisher.pinned_root)
    says("import", tmp_path / "published", "--settings", settings)
    store = BundleStore(tmp_path / "gate" / "trust")
    (keys,) = (store.candidates()[0] / "targets" / "keys" / "33").iterdir()
    keys.write_bytes(bytes(keys.stat().st_size))
    stick = tmp_path / "stick"
    assert isinstance(run("export", stick, "--settings", settings).exception, TrustError)
    with pytest.raises(TrustError):
        verify_repository(FolderSource(stick / "checkpoint-trust"), publisher.pinned_root)
