"""Reads the files that a verified repository vouches for, each one verified as it is read."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

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
    begun: bytes = b"",
) -> None:
    """Hand the file's bytes to `write` as they come; they count only once this returns.

    Args:
        source: where the file is.
        target: what it must be.
        write: takes each piece.
        begun: what of the file is here already; `write` gets what follows it.

    Raises:
        SourceError: the file is missing or cannot be read now.
        WrongContentError: it is not the file that was signed for.
    """
    file = source.open(target.file, len(begun))
    if file is None:
        raise SourceError(f"{target.path} is missing.", "Take a complete copy of the repository.")
    digest, left = sha256(begun), target.length - len(begun)
    try:
        with file:
            while chunk := file.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    break
                digest.update(chunk)
                write(chunk)
    except OSError as error:
        raise SourceError(f"{target.path} cannot be read: {error.strerror}.", "Again.") from error
    _is_signed_for(target, left, digest.hexdigest())


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
