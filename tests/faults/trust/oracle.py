"""What the stock client of python-tuf says of the same repository: it judges updates, not age."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from scanner.trust.bundle import layout
from tests.trust_builders import NOW


class _Folder(FetcherInterface):
    """Fetches `file:` addresses as ngclient expects a server to answer."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = Path(url.removeprefix("file:"))
        if not path.is_file():
            raise DownloadHTTPError("missing", 404)
        yield path.read_bytes()


class Oracle:
    """A stock client with a cache of its own.

    Args:
        root: the pinned root's bytes.
        folder: for the cache.
    """

    def __init__(self, root: bytes, folder: Path) -> None:
        self._root = root
        self._cache = Path(tempfile.mkdtemp(dir=folder, prefix="oracle-"))

    def accepts(self, repository: Path, path: str) -> bool:
        """Whether it refreshes from the repository and finds the target there."""
        with tempfile.TemporaryDirectory() as scratch:
            updater = Updater(
                str(self._cache),
                f"file:{repository / layout.METADATA}/",
                target_dir=scratch,
                target_base_url=f"file:{repository / layout.TARGETS}/",
                fetcher=_Folder(),
                bootstrap=self._root,
            )
            updater._trusted_set.reference_time = NOW
            try:
                updater.refresh()
                info = updater.get_targetinfo(path)
                if info is None:
                    return False
                updater.download_target(info)
            except (RepositoryError, DownloadError):
                return False
        return True

    def forget(self) -> None:
        """An empty cache, as on the first day."""
        shutil.rmtree(self._cache)
        self._cache.mkdir()
