"""The trust repository as the hub gives it out: files, and nothing but its files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from scanner.trust.bundle import layout
from tests.sync_builders import served, wait_until
from tests.trust_builders import a_repository

TIMESTAMP = layout.TIMESTAMP_FILE
NONCE = {"Request-Nonce": "0123456789abcdefghijkl"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("given") / "repository"
    a_repository(folder, {"33": []})
    (folder.parent / "secret.json").write_text("{}")
    (folder / "metadata" / "link.json").symlink_to(folder.parent / "secret.json")
    (folder / "metadata" / ".timestamp.json.x1").write_text("{half")
    (folder / "targets" / "keys" / "33" / "abc.keys.json.part").write_text("{half")
    (folder / "notes.txt").write_text("mine")
    os.mkfifo(folder / "metadata" / "pipe.json")
    return folder


@pytest.fixture(scope="module")
def url(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("hub"), [], folder) as (_, port):
        yield f"http://127.0.0.1:{port}/trust"


def test_files_are_given_out_as_they_are(url: str, folder: Path) -> None:
    for file in ("metadata/1.root.json", TIMESTAMP):
        assert requests.get(f"{url}/{file}", timeout=5).content == (folder / file).read_bytes()


def test_what_never_changes_may_be_kept_and_the_timestamp_not(url: str) -> None:
    def kept(file: str) -> str:
        return requests.get(f"{url}/{file}", timeout=5).headers["Cache-Control"]

    assert "immutable" in kept("metadata/1.root.json")
    assert kept(TIMESTAMP) == "no-cache"
    assert kept("metadata/2.root.json") == "no-cache"  # tomorrow it may be there


def test_an_unchanged_timestamp_costs_no_body(url: str) -> None:
    first = requests.get(f"{url}/{TIMESTAMP}", timeout=5)
    again = requests.get(
        f"{url}/{TIMESTAMP}", headers={"If-None-Match": first.headers["ETag"]}, timeout=5
    )
    assert (again.status_code, again.content) == (304, b"")


def test_a_range_and_a_head_are_answered(url: str, folder: Path) -> None:
    file = "metadata/1.root.json"
    data = (folder / file).read_bytes()
    ranged = requests.get(f"{url}/{file}", headers={"Range": "bytes=100-"}, timeout=5)
    assert (ranged.status_code, ranged.content) == (206, data[100:])
    head = requests.head(f"{url}/{file}", timeout=5)
    assert (head.headers["Content-Length"], head.content) == (str(len(data)), b"")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "metadata",
        "metadata/",
        "targets/",
        "notes.txt",
        "targets/keys/33/abc.keys.json.part",
        "metadata/link.json",
        "metadata/pipe.json",
        "metadata/.timestamp.json.x1",
        "../secret.json",
        "%2e%2e/secret.json",
        "metadata/..%2f..%2fsecret.json",
        "metadata/%2e%2e/%2e%2e/secret.json",
        "//etc/passwd",
        "metadata/1.root.json%00",
        "metadata/" + "x" * 300 + ".json",
    ],
)
def test_nothing_else_is_found(url: str, name: str) -> None:
    session = requests.Session()
    prepared = requests.Request("GET", url).prepare()
    prepared.url = f"{url}/{name}"  # unlike requests, strangers do not tidy a path up
    answer = session.send(prepared, timeout=5)
    assert (answer.status_code, answer.content) == (404, b"")


def test_nothing_can_be_written(url: str) -> None:
    assert requests.put(f"{url}/{TIMESTAMP}", data=b"{}", timeout=5).status_code == 405


def test_a_hub_without_a_repository_says_not_found(tmp_path: Path) -> None:
    for trust in (None, tmp_path / "not-yet"):
        with served(tmp_path / f"hub-{trust is None}", [], trust) as (_, port):
            answer = requests.get(f"http://127.0.0.1:{port}/trust/{TIMESTAMP}", timeout=5)
        assert answer.status_code == 404


def test_a_repository_may_come_while_the_hub_runs(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    with served(tmp_path / "hub", [], folder) as (_, port):
        url = f"http://127.0.0.1:{port}/trust/{TIMESTAMP}"
        assert requests.get(url, timeout=5).status_code == 404
        a_repository(folder, {})
        wait_until(lambda: requests.get(url, timeout=5).status_code == 200)
