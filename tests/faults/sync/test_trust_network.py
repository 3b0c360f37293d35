"""Whatever a network makes of a trust repository, the bundle in force stays and the next one comes.

Real HTTP on the loopback: a real hub behind a relay that cuts, and servers that answer wrongly.
"""

import os
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tuf.ngclient.updater import Updater

from scanner.issuing.keys import IssuerKey
from scanner.publishing.pilot import PilotPublisher
from scanner.trust.bundle import layout
from scanner.trust.bundle.sources import FolderSource, SourceError
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from sync.agent.trust_fetch import CaptiveError, TrustFetcher
from sync.agent.trust_source import HttpSource
from tests.faults.sync.scripted import Script, answer, scripted
from tests.relay import relay
from tests.sync_builders import served
from tests.trust_builders import NOW, a_record, a_repository

ZHEJIANG = IssuerKey.generate("33")
HAINAN = IssuerKey.generate("46")
PAGE = b"<!DOCTYPE html><title>Hotel Wi-Fi: log in</title>"
BIG = 20 << 20


@pytest.fixture
def publisher(tmp_path: Path) -> PilotPublisher:
    return a_repository(tmp_path / "repository", {"33": [ZHEJIANG]})


def with_hainan(publisher: PilotPublisher, folder: Path) -> None:
    later = NOW + timedelta(hours=1)
    publisher.set_keys("46", [a_record(HAINAN)], later)
    publisher.publish(folder, later)


def files_of(folder: Path) -> Script:
    """A plain server that knows no ranges, no ETags and no types."""

    def serve(path: str, _headers: dict[str, str]) -> Iterable[bytes]:
        file = folder / path.lstrip("/")
        yield answer("200 OK", file.read_bytes()) if file.is_file() else answer("404 Not Found")

    return serve


def with_revocations(publisher: PilotPublisher, folder: Path, size: int) -> bytes:
    data = os.urandom(size)
    publisher.put("issuer-33", "revocation/33/base.bin", data, NOW)
    publisher.publish(folder, NOW)
    return data


def test_a_large_file_that_was_cut_off_needs_only_the_rest(
    tmp_path: Path, publisher: PilotPublisher
) -> None:
    repository = tmp_path / "repository"
    with_revocations(publisher, repository, BIG)
    store = BundleStore(tmp_path / "gate")
    with served(tmp_path / "hub", [], repository) as (_, port), relay(port) as wire:
        source = HttpSource(f"http://127.0.0.1:{wire.port}/trust")
        wire.cut_after = 15 << 20
        with pytest.raises(SourceError, match="broke off"):
            update(store, source, publisher.pinned_root)
        (part,) = store.incoming.rglob("*.part")
        come = part.stat().st_size
        wire.cut_after = None
        wire.reset()
        assert update(store, source, publisher.pinned_root).is_news
        source.close()
    assert wire.cuts == 1
    assert 14 << 20 < come < 15 << 20
    assert BIG - come < wire.received < BIG - come + 20_000  # the rest, metadata and headers


@pytest.mark.parametrize("at", [0, 1, 200, 1000, 2000, 3000])
def test_a_connection_may_break_at_any_byte(
    tmp_path: Path, publisher: PilotPublisher, at: int
) -> None:
    store = BundleStore(tmp_path / "gate")
    with served(tmp_path / "hub", [], tmp_path / "repository") as (_, port), relay(port) as wire:
        source = HttpSource(f"http://127.0.0.1:{wire.port}/trust")
        wire.cut_after = at
        with pytest.raises(SourceError):
            update(store, source, publisher.pinned_root)
        assert store.candidates() == []
        wire.cut_after = None
        assert update(store, source, publisher.pinned_root).is_news
        source.close()


def test_a_dripping_server_is_cut_off(tmp_path: Path, publisher: PilotPublisher) -> None:
    def drip(_path: str, _headers: dict[str, str]) -> Iterator[bytes]:
        yield answer("200 OK", content_length="60000")
        while True:
            time.sleep(0.01)
            yield b"{"

    def drip_header(_path: str, _headers: dict[str, str]) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nX-Long: "
        while True:
            time.sleep(0.01)
            yield b"x"

    for script in (drip, drip_header):
        with scripted(script) as heard:
            url = f"http://127.0.0.1:{heard.port}"
            source = HttpSource(url, TrustFetcher(url, patience_s=0.1))
            with pytest.raises(SourceError, match="slow"):
                update(BundleStore(tmp_path / "gate"), source, publisher.pinned_root)


@pytest.mark.parametrize(
    "portal",
    [
        answer("200 OK", PAGE, content_type="text/html; charset=utf-8"),
        answer("200 OK", PAGE, content_type="application/json"),
        answer("200 OK", b"\n " + PAGE, content_type="text/html"),
        answer("302 Found", location="http://portal.example/login"),
        answer("511 Network Authentication Required", PAGE, content_type="text/html"),
    ],
    ids=["page", "page said to be JSON", "page after a blank line", "redirect", "511"],
)
def test_a_login_page_is_told_as_one_and_wedges_nothing(
    tmp_path: Path, publisher: PilotPublisher, portal: bytes
) -> None:
    repository = tmp_path / "repository"
    store = BundleStore(tmp_path / "gate")
    update(store, FolderSource(repository), publisher.pinned_root)
    with_hainan(publisher, repository)
    plain, is_logged_in = files_of(repository), False

    def portal_first(path: str, headers: dict[str, str]) -> Iterable[bytes]:
        return plain(path, headers) if is_logged_in else [portal]

    with scripted(portal_first) as heard:
        source = HttpSource(f"http://127.0.0.1:{heard.port}")
        with pytest.raises(CaptiveError):
            update(store, source, publisher.pinned_root)
        is_logged_in = True
        assert update(store, source, publisher.pinned_root).after.version == "1.2"


def test_a_redirect_is_never_followed(tmp_path: Path, publisher: PilotPublisher) -> None:
    with scripted(files_of(tmp_path / "repository")) as elsewhere:
        target = f"http://127.0.0.1:{elsewhere.port}/metadata/timestamp.json"
        with scripted(lambda *_: [answer("307 Temporary Redirect", location=target)]) as heard:
            source = HttpSource(f"http://127.0.0.1:{heard.port}")
            with pytest.raises(CaptiveError):
                update(BundleStore(tmp_path / "gate"), source, publisher.pinned_root)
    assert elsewhere.paths == []


@pytest.mark.parametrize("status", ["500 Oops", "503 Later", "429 Too Many", "403 No", "407 Proxy"])
def test_a_server_that_cannot_is_asked_again_later(
    tmp_path: Path, publisher: PilotPublisher, status: str
) -> None:
    with scripted(lambda *_: [answer(status)]) as heard:
        source = HttpSource(f"http://127.0.0.1:{heard.port}")
        with pytest.raises(SourceError, match=status[:3]):
            update(BundleStore(tmp_path / "gate"), source, publisher.pinned_root)


def test_no_route_and_no_name_are_told_as_no_answer(
    tmp_path: Path, publisher: PilotPublisher
) -> None:
    for url in ("http://hub.invalid/trust", "http://127.0.0.1:1/trust"):
        with pytest.raises(SourceError, match="does not answer"):
            update(BundleStore(tmp_path / "gate"), HttpSource(url), publisher.pinned_root)


@pytest.mark.parametrize(
    "odd",
    [
        answer("200 OK", b"{}", content_length=""),
        answer("200 OK", b"{}", content_length="+2"),
        answer("200 OK", b"\x1f\x8b", content_encoding="gzip"),
    ],
    ids=["no length", "odd length", "compressed"],
)
def test_an_answer_in_an_odd_form_is_no_answer(
    tmp_path: Path, publisher: PilotPublisher, odd: bytes
) -> None:
    with scripted(lambda *_: [odd]) as heard:
        source = HttpSource(f"http://127.0.0.1:{heard.port}")
        with pytest.raises(SourceError):
            update(BundleStore(tmp_path / "gate"), source, publisher.pinned_root)


def no_ranges(file: bytes, _offset: int) -> bytes:
    return answer("200 OK", file)


def wrong_range(file: bytes, offset: int) -> bytes:
    return answer("206 Partial", file, content_range=f"bytes {offset + 7}-99/100")


def no_content_range(file: bytes, offset: int) -> bytes:
    return answer("206 Partial", file[offset:])


def no_such_range(_file: bytes, _offset: int) -> bytes:
    return answer("416 Range Not Satisfiable")


def another_file(file: bytes, offset: int) -> bytes:
    rest = bytes(len(file) - offset)
    return answer("206 Partial", rest, content_range=f"bytes {offset}-{len(file) - 1}/{len(file)}")


@pytest.mark.parametrize(
    "ranged", [no_ranges, wrong_range, no_content_range, no_such_range, another_file]
)
def test_a_server_that_resumes_wrongly_costs_bytes_and_nothing_else(
    tmp_path: Path, publisher: PilotPublisher, ranged: object
) -> None:
    assert callable(ranged)
    repository = tmp_path / "repository"
    data = with_revocations(publisher, repository, 300_000)
    plain, is_cut = files_of(repository), True

    def serve(path: str, headers: dict[str, str]) -> Iterable[bytes]:
        if not path.endswith("base.bin"):
            return plain(path, headers)
        if is_cut:
            return [answer("200 OK", data)[:200_000]]
        if "range" in headers:
            return [ranged(data, int(headers["range"].removeprefix("bytes=").rstrip("-")))]
        return plain(path, headers)

    store = BundleStore(tmp_path / "gate")
    with scripted(serve) as heard:
        source = HttpSource(f"http://127.0.0.1:{heard.port}")
        with pytest.raises(SourceError):
            update(store, source, publisher.pinned_root)
        is_cut = False
        assert update(store, source, publisher.pinned_root).is_news
    (kept,) = (store.candidates()[0] / "targets" / "revocation").rglob("*.bin")
    assert kept.read_bytes() == data


def test_the_stock_client_fetches_the_same_through_our_fetcher(tmp_path: Path) -> None:
    """`tuf.ngclient` as the oracle: hub, layout and fetcher are TUF's, not only ours."""
    repository = tmp_path / "repository"
    now = datetime.now(UTC)  # the stock client judges expiry by the machine's clock
    publisher = a_repository(repository, {"33": [ZHEJIANG], "46": [HAINAN]}, now)
    (tmp_path / "stock").mkdir()
    with served(tmp_path / "hub", [], repository) as (_, port):
        url = f"http://127.0.0.1:{port}/trust"
        stock = Updater(
            str(tmp_path / "stock"),
            f"{url}/metadata/",
            str(tmp_path / "stock"),
            f"{url}/targets/",
            fetcher=TrustFetcher(url),
            bootstrap=publisher.pinned_root,
        )
        stock.refresh()
        info = stock.get_targetinfo(layout.keys_path("46"))
        assert info is not None
        got = Path(stock.download_target(info)).read_bytes()
        store = BundleStore(tmp_path / "gate")
        after = update(store, HttpSource(url), publisher.pinned_root).after
    ours = store.candidates()[0] / after.files[layout.keys_path("46")].file
    assert got == ours.read_bytes()
