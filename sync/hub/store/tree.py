"""Where a batch belongs in a device's tree of entries: pure, whatever the database is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sync.hub.ingest import Batch
from sync.hub.store.base import UnknownPredecessorError
from sync.protocol import Notice


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is in the tree, and the branch that it was written to."""

    seq: int
    head: bytes
    branch: int


@dataclass(frozen=True, slots=True)
class Branch:
    """One leaf with its past.

    Attributes:
        number: 0, 1, 2 ... within the device.
        seq, head: the leaf.
        genesis: head_0 of the log that it belongs to.
        archived_seq, archived_head: the newest entry on the way to the leaf that is in a backup.
    """

    number: int
    seq: int
    head: bytes
    genesis: bytes
    archived_seq: int
    archived_head: bytes


@dataclass(frozen=True, slots=True)
class Placement:
    """What to do with a batch.

    Attributes:
        known: how many of its first lines are in the tree already.
        branch: the branch of the batch's last entry, with the leaf that it has afterwards; None
            when nothing of this log is in the tree and the batch is empty.
        opened: `branch` is a new one.
        parent: the branch that a new one leaves; None at a genesis.
    """

    known: int
    branch: Branch | None
    opened: bool = False
    parent: int | None = None
    notices: tuple[Notice, ...] = ()


def place(
    batch: Batch,
    branches: Sequence[Branch],
    find: Callable[[int, int], Sequence[Known]],
) -> Placement:
    """Find the place of `batch`. `find(first, last)` looks up entries by seq, both included.

    Raises:
        UnknownPredecessorError: nothing in the tree is the batch's predecessor.
    """
    leaf = _leaf_at(branches, batch.previous_seq, batch.previous_head)
    if leaf is not None:
        return Placement(0, _grown(leaf, batch))
    start = _predecessor(batch, find)
    if start is None and batch.previous_seq > 0:
        raise UnknownPredecessorError
    last = start
    known = 0
    if batch.links:
        there = {
            (entry.seq, entry.head): entry for entry in find(batch.links[0].seq, batch.last_seq)
        }
        for step in batch.links:
            if (entry := there.get((step.seq, step.head))) is None:
                break
            last, known = entry, known + 1
    if known == len(batch.links):
        return _repeated(batch, branches, last, known)
    leaf = None if last is None else _leaf_at(branches, last.seq, last.head)
    if leaf is not None:
        return Placement(known, _grown(leaf, batch))
    return _opened(batch, branches, last, known)


def archived_for(batch: Batch, branch: Branch | None) -> tuple[int, bytes]:
    """The newest archived place that is not after the batch's end."""
    if branch is None or branch.archived_seq >= batch.last_seq:
        return batch.last_seq, batch.last_head
    return branch.archived_seq, branch.archived_head


def _predecessor(batch: Batch, find: Callable[[int, int], Sequence[Known]]) -> Known | None:
    if batch.previous_seq == 0:
        return None
    candidates = find(batch.previous_seq, batch.previous_seq)
    return next((entry for entry in candidates if entry.head == batch.previous_head), None)


def _leaf_at(branches: Sequence[Branch], seq: int, head: bytes) -> Branch | None:
    return next((leaf for leaf in branches if (leaf.seq, leaf.head) == (seq, head)), None)


def _grown(leaf: Branch, batch: Batch) -> Branch:
    return Branch(
        leaf.number,
        batch.last_seq,
        batch.last_head,
        leaf.genesis,
        leaf.archived_seq,
        leaf.archived_head,
    )


def _repeated(
    batch: Batch, branches: Sequence[Branch], last: Known | None, known: int
) -> Placement:
    """Everything is known, or it is a heartbeat at an entry that has successors here."""
    if last is not None:
        branch: Branch | None = next(leaf for leaf in branches if leaf.number == last.branch)
    else:
        branch = next((leaf for leaf in branches if leaf.genesis == batch.previous_head), None)
    behind = not batch.links and branch is not None
    return Placement(known, branch, notices=(Notice.ROLLBACK,) if behind else ())


def _opened(batch: Batch, branches: Sequence[Branch], last: Known | None, known: int) -> Placement:
    """New lines after an inner entry or a genesis: a further branch."""
    number = len(branches)
    if last is None:
        genesis = batch.previous_head
        archived = 0, genesis
        notice = (
            Notice.FORK if any(leaf.genesis == genesis for leaf in branches) else Notice.NEW_LOG
        )
    else:
        parent = next(leaf for leaf in branches if leaf.number == last.branch)
        genesis = parent.genesis
        archived = min(
            (parent.archived_seq, parent.archived_head),
            (last.seq, last.head),
            key=lambda place: place[0],
        )
        notice = Notice.FORK
    return Placement(
        known,
        Branch(number, batch.last_seq, batch.last_head, genesis, *archived),
        opened=True,
        parent=None if last is None else last.branch,
        notices=(notice,) if branches else (),
    )
