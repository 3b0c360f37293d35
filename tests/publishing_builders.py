"""For tests of the publisher: passphrases that cost nothing, a served folder, a stock client."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tuf.api.metadata import Metadata, Snapshot, Targets
from tuf.ngclient.updater import Updater

from scanner.cli.trust.options import CREDENTIAL
from scanner.issuing.keys import IssuerKey
from scanner.publishing import key_files

PASSPHRASE = "five words drawn by dice"


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
    pinned = (folder / "root.json").read_bytes()

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
