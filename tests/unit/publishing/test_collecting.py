"""What comes back from other machines, and a folder that somebody else works on."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.domain.errors import TrustError
from scanner.publishing import metadata as edits
from scanner.publishing.comparing import staged_changes
from scanner.publishing.folder import RepositoryFolder
from scanner.publishing.offices import rotate
from scanner.publishing.signing import collect, standings
from scanner.publishing.staging import relabel
from tests.publishing_builders import NOW, Operator

LATER = NOW + timedelta(hours=1)


def test_signatures_that_were_made_side_by_side_are_put_together(
    operator: Operator, tmp_path: Path
) -> None:
    rotate(operator.folder, "root", [operator.key("D").public_key], ["C"], None, LATER)
    for owner in "AB":
        shutil.copytree(operator.folder.folder, tmp_path / owner)
        copy = Operator(RepositoryFolder(tmp_path / owner), operator.keys)
        copy.sign("root", owner)
    assert collect(operator.folder, tmp_path / "A") == ["root"]
    assert collect(operator.folder, tmp_path / "B/staged") == ["root"]
    assert collect(operator.folder, tmp_path / "B") == []
    assert [found.missing for found in standings(operator.folder, "root")] == [0, 0]


def test_a_copy_that_says_something_else_is_not_collected(
    operator: Operator, tmp_path: Path
) -> None:
    relabel(operator.folder, "issuer-33", LATER, timedelta(days=30))
    operator.sign("issuer-33", "issuer-33")
    shutil.copytree(operator.folder.folder, tmp_path / "copy")
    copy = Operator(RepositoryFolder(tmp_path / "copy"), operator.keys)
    relabel(copy.folder, "issuer-33", LATER, timedelta(days=31))
    copy.sign("issuer-33", "issuer-33")
    with pytest.raises(TrustError, match="but not the same"):
        collect(operator.folder, tmp_path / "copy")


def test_an_outdated_copy_is_not_collected(operator: Operator, tmp_path: Path) -> None:
    shutil.copytree(operator.folder.folder, tmp_path / "copy")
    copy = Operator(RepositoryFolder(tmp_path / "copy"), operator.keys)
    for folder in (operator, copy):
        relabel(folder.folder, "issuer-33", LATER, timedelta(days=30))
        folder.sign("issuer-33", "issuer-33")
    operator.publish(LATER)
    with pytest.raises(TrustError, match="issuer-33 2 is staged, but issuer-33 2 is published"):
        collect(operator.folder, tmp_path / "copy")
    assert operator.folder.staged_roles() == []


def test_a_folder_that_somebody_tampered_with_is_not_worked_on(operator: Operator) -> None:
    path = operator.folder.folder / "metadata/2.targets.json"
    path.write_bytes(path.read_bytes().replace(b"issuer-33", b"issuer-44"))
    with pytest.raises(TrustError, match="not the file that was signed for"):
        RepositoryFolder(operator.folder.folder).required()


def test_only_one_changes_a_folder_at_a_time(operator: Operator) -> None:
    with (
        operator.folder.locked(),
        pytest.raises(TrustError, match="Somebody else is changing"),
        RepositoryFolder(operator.folder.folder).locked(),
    ):
        pass


@pytest.mark.parametrize(
    "path", ["../../evil.sh", "/evil.sh", "keys/33/../../../evil.sh", ".hidden"]
)
def test_a_copy_writes_nothing_outside_the_repository(
    operator: Operator, tmp_path: Path, path: str
) -> None:
    """A province's stick lists a file under a path that leads elsewhere, and brings it along."""
    metadata = operator.folder.targets("issuer-33")
    assert metadata is not None
    name = edits.vouch(metadata.signed, path, b"evil")
    copy = tmp_path / "stick"
    metadata.signed.version += 1
    (copy / "staged").mkdir(parents=True)
    metadata.to_file(str(copy / "staged/issuer-33.json"))
    goal = (copy / "staged" / name).resolve()
    if goal.is_relative_to(tmp_path):
        goal.parent.mkdir(parents=True, exist_ok=True)
        goal.write_bytes(b"evil")
    before = sorted((tmp_path / "trust").rglob("*"))
    with pytest.raises(TrustError, match="in a form that no gate takes"):
        collect(operator.folder, copy)
    assert sorted((tmp_path / "trust").rglob("*")) == before


@given(st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_a_copy_holds_is_taken_or_refused_in_words(
    operator: Operator, tmp_path: Path, data: st.DataObject
) -> None:
    shutil.rmtree(tmp_path / "stick", ignore_errors=True)
    staged = tmp_path / "stick/staged"
    staged.mkdir(parents=True)
    role = data.draw(st.sampled_from(["root", "targets", "issuer-33"]))
    metadata = operator.folder.root() if role == "root" else operator.folder.targets(role)
    assert metadata is not None
    metadata.signed.version += 1
    tree = json.loads(metadata.to_bytes())
    place, key = data.draw(st.sampled_from(list(_places(tree))))
    place[key] = data.draw(_JSON)
    (staged / f"{role}.json").write_text(json.dumps(tree))
    try:
        collect(operator.folder, tmp_path / "stick")
        staged_changes(operator.folder, role)
    except TrustError:
        pass
    finally:
        operator.folder.unstage(role)
    assert operator.folder.staged_roles() == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)


def _places(tree: object) -> Iterator[tuple[dict[str, object], str]]:
    """Every member of every object in a JSON tree."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield tree, key
            yield from _places(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _places(value)
