"""For tests of the publisher: passphrases that cost nothing, a served folder, a stock client."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Snapshot, Targets
from tuf.ngclient.updater import Updater

from scanner.cli.trust.options import CREDENTIAL
from scanner.issuing.keys import IssuerKey
from scanner.publishing import key_files
from scanner.publishing.folder import RepositoryFolder
from scanner.publishing.key_files import new_signer
from scanner.publishing.key_sets import stage_keys
from scanner.publishing.offices import add_role
from scanner.publishing.publication import Publication, publish
from scanner.publishing.signing import sign_staged
from scanner.publishing.staging import begin
from scanner.trust.bundle.bundle import Bundle, load_bundle
from scanner.trust.bundle.issuer_keys import IssuerKeys
from scanner.trust.bundle.layout import issuer_role
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from tests.trust_builders import a_record

PASSPHRASE = "five words drawn by dice"
ZHEJIANG = IssuerKey.generate("33")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass
class Operator:
    """A repository's folder and everybody's keys by owner: "A", "B", "C" hold the root's."""

    folder: RepositoryFolder
    keys: dict[str, CryptoSigner]

    @classmethod
    def begin(cls, path: Path, now: datetime = NOW) -> "Operator":
        """A published repository without issuers; the root needs two of three."""
        operator = cls(RepositoryFolder(path), {})
        roles = {
            "root": [operator.key(owner) for owner in "ABC"],
            **{role: [operator.key(role)] for role in ("targets", "snapshot", "timestamp")},
        }
        keys = {role: [signer.public_key for signer in held] for role, held in roles.items()}
        begin(operator.folder, keys, {**dict.fromkeys(keys, 1), "root": 2}, now)
        operator.sign("root", "A", "B")
        operator.sign("targets", "targets")
        operator.publish(now)
        return operator

    def key(self, owner: str) -> CryptoSigner:
        """Somebody's key, made at the first time."""
        return self.keys.setdefault(owner, new_signer(owner))

    def sign(self, role: str, *owners: str) -> None:
        """Let these people sign a staged role."""
        sign_staged(self.folder, role, [self.key(owner) for owner in owners])

    def add_issuer(self, issuer: str, keys: Iterable[IssuerKey], now: datetime = NOW) -> None:
        """Stage an issuer and its keys, signed by the issuer's own key."""
        role = issuer_role(issuer)
        add_role(self.folder, role, [self.key(role).public_key], 1, now)
        stage_keys(self.folder, IssuerKeys(issuer, tuple(map(a_record, keys))), now)
        self.sign("targets", "targets")
        self.sign(role, role)

    def publish(self, now: datetime = NOW) -> Publication:
        """Publish with the hub's keys."""
        with self.folder.locked():
            return publish(self.folder, [self.key("snapshot"), self.key("timestamp")], now)

    @property
    def pinned(self) -> bytes:
        """What gates were installed with."""
        return (self.folder.folder / "metadata/1.root.json").read_bytes()


def at_the_gate(operator: Operator, store: Path) -> Bundle:
    """What a gate with this store believes after it has looked at the operator's folder."""
    update(BundleStore(store), FolderSource(operator.folder.folder), operator.pinned)
    return load_bundle(BundleStore(store).candidates()[0], operator.pinned)


def cheap_passphrases(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands find a passphrase where systemd would put it, and stretch it little."""
    credentials = folder / "credentials"
    credentials.mkdir()
    path = credentials / CREDENTIAL
    path.write_text(PASSPHRASE)
    path.chmod(0o600)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    monkeypatch.setattr(key_files, "COST", key_files.Cost(n=1 << 10))


def public_pem(key: IssuerKey) -> bytes:
    """The public half as an issuer hands it out."""
    return key.private_key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder over HTTP on loopback; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def stock_client(address: str, folder: Path) -> Callable[[], list[str]]:
    """python-tuf's own client with its cache in `folder`; each call refreshes and downloads all.

    Returns:
        A call that gives the paths of all targets that it got.
    """
    metadata, targets = folder / "client/metadata", folder / "client/targets"
    metadata.mkdir(parents=True)
    targets.mkdir()
    pinned = requests.get(f"{address}/metadata/1.root.json", timeout=5).content

    def run() -> list[str]:
        updater = Updater(
            str(metadata),
            f"{address}/metadata/",
            str(targets),
            f"{address}/targets/",
            bootstrap=pinned,
        )
        updater.refresh()
        found: list[str] = []
        for path in _listed(metadata, address):
            info = updater.get_targetinfo(path)
            if info is not None:
                updater.download_target(info)
                found.append(path)
        return sorted(found)

    return run


def _listed(metadata: Path, address: str) -> set[str]:
    """Paths to ask the client for: of every role that the hub has ever published."""
    snapshot: Metadata[Snapshot] = Metadata.from_file(str(metadata / "snapshot.json"))
    paths: set[str] = set()
    for name, meta in snapshot.signed.meta.items():
        data = requests.get(f"{address}/metadata/{meta.version}.{name}", timeout=5).content
        role: Metadata[Targets] = Metadata.from_bytes(data)
        paths |= set(role.signed.targets)
    return paths
