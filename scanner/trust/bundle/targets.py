"""Reads the files that a verified repository vouches for, each one verified as it is read."""

from collections.abc import Callable
from hashlib import sha256
from typing import BinaryIO, Final

from scanner.domain.errors import TrustError
from scanner.trust.bundle.repository import SignedTarget
from scanner.trust.bundle.signed import KEPT
from scanner.trust.bundle.sources import RepositorySource, SourceError

_CHUNK: Final = 256 << 10


class WrongContentError(TrustError):
    """A file is not the one that was signed for."""


def copy_target(
    source: RepositorySource,
    target: SignedTarget,
    write: Callable[[bytes], object],
    begun: BinaryIO | None = None,
) -> None:
    """Hand the file's bytes to `write` as they come; they count only once this returns.

    Args:
        source: where the file is.
        target: what it must be.
        write: takes each piece.
        begun: what of the file is here already, from its start; it is read to its end, and `write`
            gets what follows.

    Raises:
        SourceError: the file is missing or cannot be read now.
        WrongContentError: it is not the file that was signed for.
        OSError: `write` failed; that is our own card, and no fault of the source.
    """
    digest, left = sha256(), target.length
    while begun is not None and (chunk := begun.read(_CHUNK)):
        digest.update(chunk)
        left -= len(chunk)
    file = source.open(target.file, target.length - left)
    if file is None:
        raise SourceError(f"{target.path} is missing.", "Take a complete copy of the repository.")
    with file:
        while chunk := _read(file, min(_CHUNK, max(left, 0) + 1), target):
            left -= len(chunk)
            if _is_too_much(left):
                break
            digest.update(chunk)
            write(chunk)
    _is_signed_for(target, left, digest.hexdigest())


def _read(file: BinaryIO, size: int, target: SignedTarget) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        raise SourceError(f"{target.path} cannot be read: {error.strerror}.", "Again.") from error


def _is_too_much(left: int) -> bool:
    """Whether more has come than was signed for."""
    return left < 0


def _is_signed_for(target: SignedTarget, left: int, digest: str) -> None:
    if left or digest != target.sha256:
        raise WrongContentError(f"{target.path} is not the file that was signed for.", KEPT)


def read_target(source: RepositorySource, target: SignedTarget) -> bytes:
    """The verified bytes of a small file.

    Raises:
        SourceError, WrongContentError: as `copy_target`.
    """
    data = bytearray()
    copy_target(source, target, data.extend)
    return bytes(data)


def check_target(source: RepositorySource, target: SignedTarget) -> None:
    """See that a large file is what was signed for, without keeping it.

    Raises:
        SourceError, WrongContentError: as `copy_target`.
    """
    copy_target(source, target, len)


def is_whole(source: RepositorySource, target: SignedTarget) -> bool:
    """Whether the file is here and is what was signed for."""
    try:
        check_target(source, target)
    except (WrongContentError, SourceError):
        return False
    return True
