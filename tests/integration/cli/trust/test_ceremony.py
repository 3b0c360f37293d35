"""docs/trust-ceremony.md, run line by line, with a gate and a stock TUF client looking on."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.recognition import SHIPPED
from scanner.cli.trust.command import app
from scanner.issuing.keys import IssuerKey
from scanner.trust.bundle.bundle import Bundle, load_bundle
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from tests.publishing_builders import cheap_passphrases, public_pem, served, stock_client

PAGE = Path(__file__).parents[4] / "docs" / "trust-ceremony.md"
CODES = IssuerKey.generate("33")
HANGZHOU = IssuerKey.generate("33")


class Ceremony:
    """The page's sections, one after the other, in a folder of machines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sections = dict(_sections(PAGE.read_text()))
        self.store = BundleStore(folder / "gate")
        for machine in ("li", "wang", "chen", "office", "zhejiang", "hub", "he"):
            (folder / machine).mkdir()
        (folder / "zhejiang/codes.pem").write_bytes(public_pem(CODES))
        (folder / "zhejiang/hangzhou.pem").write_bytes(public_pem(HANGZHOU))
        (folder / "office/rules.toml").write_text("[results]\nexpired = 'REFUSE'\n")
        (folder / "office/words.po").write_text('msgid "admit"\nmsgstr "请进"\n')
        (folder / "office/matrix.toml").write_bytes(SHIPPED.read_bytes())

    def run(self, title: str) -> str:
        """Run a section's commands; returns what they said."""
        return "".join(self._run(line) for line in self.sections.pop(title))

    def _run(self, line: str) -> str:
        command, *arguments = shlex.split(line, comments=True)
        if command == "rsync":
            source, target = arguments[-2:]
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target)
            return ""
        if command == "cp":
            shutil.copy(*arguments)
            return ""
        assert (command, arguments.pop(0)) == ("checkpoint", "trust"), line
        result = CliRunner().invoke(app, arguments, input="y\n")
        assert result.exit_code == 0, (line, result.output, result.exception)
        return result.stdout

    def at_the_gate(self) -> Bundle:
        """What a gate believes after it has looked at the hub."""
        pinned = (self.folder / "root.json").read_bytes()
        update(self.store, FolderSource(self.folder / "hub/trust"), pinned)
        return load_bundle(self.store.candidates()[0], pinned)


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Title and commands of each section: the lines of its fences that name no language."""
    for part in re.split(r"^#+ ", text, flags=re.MULTILINE)[1:]:
        title = part.partition("\n")[0]
        fences = re.findall(r"^```(\w*)\n(.*?)^```$", part, flags=re.MULTILINE | re.DOTALL)
        lines = [line for language, fence in fences if not language for line in fence.splitlines()]
        if lines:
            yield title, lines


@pytest.fixture
def ceremony(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ceremony:
    cheap_passphrases(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    return Ceremony(tmp_path)


def test_the_whole_ceremony_with_a_gate_and_a_stock_client_looking_on(ceremony: Ceremony) -> None:
    ceremony.run("The keys")
    said = ceremony.run("The first day")
    assert "root 1 is signed by Li Wei, ministry: 1 of 2 needed" in said
    assert not ceremony.at_the_gate().knows("33")
    with served(ceremony.folder / "hub/trust") as address:
        client = stock_client(address, ceremony.folder)
        assert client() == []

        said = ceremony.run("An issuer joins")
        assert "+ issuer-33 may publish keys/33/* and revocation/33/*" in said
        assert f"33 Zhejiang: + key {CODES.key_id.hex()}, EdDSA, valid ever to 2028-01-01" in said
        bundle = ceremony.at_the_gate()
        assert [key.public_key for key in bundle.find("33", CODES.key_id)] == [
            CODES.private_key.public_key()
        ]
        assert client() == ["keys/33/keys.json"]

        said = ceremony.run("An issuer changes its keys")
        assert "0a0b0c0d0e0f1011, EdDSA, for every kind, of division 330100, REVOKED" in said
        [issuer] = ceremony.at_the_gate().issuers
        assert [key.revoked_at is not None for key in issuer.keys] == [False, True]

        said = ceremony.run("An issuer takes codes back")
        assert "33 has taken back 1 codes" in said
        assert "revocation/33/delta-0002.bin" in client()
        ceremony.at_the_gate()

        ceremony.run("Rules, sites, words")
        assert set(ceremony.at_the_gate().small) == {
            "policy/330100/rules.toml",
            "policy/330100/words.zh_CN.po",
            "recognition/matrix.toml",
        }

        before = ceremony.at_the_gate()
        ceremony.run("Every day")
        assert ceremony.at_the_gate().repository.targets == before.repository.targets
        assert ceremony.at_the_gate().version != before.version

        said = ceremony.run("A root key is lost")
        assert "- Chen Gang, ministry" in said
        assert ceremony.at_the_gate().repository.root.version == 2
        assert "keys/33/keys.json" in client()

        ceremony.run("An issuer's key is stolen")
        assert ceremony.at_the_gate().repository.roles["issuer-33"].signers == (
            "Zhejiang, second key",
        )
        assert ceremony.at_the_gate().knows("33")

        ceremony.run("The hub was broken into")
        assert ceremony.at_the_gate().repository.timestamp.signers == (
            "Hub, timestamp, second key",
        )
        said = ceremony.run("The office's key is stolen")
        assert "Key office, second key" in said
        assert ceremony.at_the_gate().repository.signers == ("Key office, second key",)
        assert "keys/33/keys.json" in client()
    assert ceremony.sections == {}
