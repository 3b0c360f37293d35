"""A real file system with too little room: the bundle is refused before the ledger is in want."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.issuing.keys import IssuerKey
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import RESERVE_BYTES, update
from tests.trust_builders import NOW, a_repository

PROGRAM = """
import os, sys
from pathlib import Path
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import NoSpaceError, update
folder = Path(sys.argv[1])
store = BundleStore(folder / "card" / "trust")
root = (folder / "root.json").read_bytes()
print(update(store, FolderSource(folder / "first"), root).after.version)
try:
    update(store, FolderSource(folder / "second"), root)
except NoSpaceError:
    print("refused")
stat = os.statvfs(folder / "card")
print(stat.f_bavail * stat.f_frsize, store.candidates()[0].name[:3], store.incoming.exists())
"""
MOUNTED = 'mount -t tmpfs -o size="$1" card "$2/card" && exec "$3" -c "$4" "$2"'


def can_mount() -> bool:
    return not subprocess.run(["unshare", "-Urm", "true"], check=False).returncode


@pytest.mark.skipif(not can_mount(), reason="unshare is not permitted here")
def test_a_bundle_that_would_fill_the_card_is_refused(tmp_path: Path) -> None:
    publisher = a_repository(tmp_path / "first", {"33": [IssuerKey.generate("33")]})
    (tmp_path / "root.json").write_bytes(publisher.pinned_root)
    later = NOW + timedelta(hours=1)
    publisher.put("issuer-33", "revocation/33/extra.bin", os.urandom(12 << 20), later)
    publisher.publish(tmp_path / "second", later)
    (tmp_path / "card").mkdir()
    size = str(RESERVE_BYTES + (8 << 20))
    shell = ["sh", "-c", MOUNTED, "sh", size, str(tmp_path), sys.executable, PROGRAM]
    done = subprocess.run(
        ["unshare", "-Urm", *shell], capture_output=True, text=True, check=True, timeout=60
    )
    version, refused, rest = done.stdout.splitlines()
    free, in_force, has_incoming = rest.split()
    assert (version, refused, in_force, has_incoming) == ("1.1", "refused", "1.1", "False")
    assert int(free) > RESERVE_BYTES


def test_where_there_is_room_the_same_bundle_is_taken(tmp_path: Path) -> None:
    publisher = a_repository(tmp_path / "first", {"33": [IssuerKey.generate("33")]})
    publisher.put("issuer-33", "revocation/33/extra.bin", os.urandom(12 << 20), NOW)
    publisher.publish(tmp_path / "first", NOW)
    store = BundleStore(tmp_path / "trust")
    assert update(store, FolderSource(tmp_path / "first"), publisher.pinned_root).is_news
