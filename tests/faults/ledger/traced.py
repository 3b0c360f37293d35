"""What a writing gate really asked the kernel for, in order, as strace saw it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

REPOSITORY = Path(__file__).parents[3]
_CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,unlink,rename,link"
_LINE = re.compile(r"\d+ +(\w+)\((.*)\) += (\d+)")
_STRING = re.compile(r"((?:\\x[0-9a-f]{2})+)")


class Written(Struct, frozen=True):
    """Bytes put into a file."""

    name: str
    offset: int
    data: bytes


class Appended(Struct, frozen=True):
    """Bytes put behind what was written to a file before."""

    name: str
    data: bytes


class Truncated(Struct, frozen=True):
    """A file's length set."""

    name: str
    size: int


class Synced(Struct, frozen=True):
    """fsync or fdatasync returned: of a file, or of the folder when `name` is empty."""

    name: str


class Created(Struct, frozen=True):
    """A file may have been made: it was opened with O_CREAT."""

    name: str


class Removed(Struct, frozen=True):
    """A name was unlinked."""

    name: str


class Renamed(Struct, frozen=True):
    """A name was moved, over another one if there was one."""

    old: str
    new: str


class Acked(Struct, frozen=True):
    """The writer said that this entry is recorded: from here on nobody may lose it."""

    seq: int


Call = Written | Appended | Truncated | Synced | Created | Removed | Renamed | Acked


class UntraceableError(Exception):
    """strace is missing, or may not trace here."""


def trace(ledger: Path, count: int) -> list[Call]:
    """Let `tests.faults.ledger.writer` append `count` entries, and return what it asked for.

    Raises:
        UntraceableError: strace is missing or not allowed.
    """
    if shutil.which("strace") is None:
        raise UntraceableError("strace is not installed: nobody sees what the kernel is asked")
    log = ledger.parent.parent / "strace.log"
    command = ["strace", "-f", "-y", "-xx", "-s", "65536", "-e", f"trace={_CALLS}", "-o", str(log)]
    command += [sys.executable, "-m", "tests.faults.ledger.writer", str(ledger), str(count)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    if "ptrace" in result.stderr.lower():
        raise UntraceableError("strace may not trace here")
    if result.returncode:
        raise RuntimeError(result.stderr)
    with log.open("r", encoding="ascii") as lines:
        calls = list(_calls(lines, str(ledger.parent)))
    log.unlink()
    return calls


def _calls(lines: Iterator[str], folder: str) -> Iterator[Call]:
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        name, arguments, returned = match.groups()
        strings = [bytes.fromhex(found.replace("\\x", "")) for found in _STRING.findall(arguments)]
        call = _call(name, arguments, strings, int(returned), folder)
        if call is not None:
            yield call


def _call(
    name: str, arguments: str, strings: list[bytes], returned: int, folder: str
) -> Call | None:
    """One call, where it concerns the folder of the ledger or is the writer's own word."""
    if name == "write" and arguments.startswith("1<"):
        words = strings[-1].split()
        return Acked(int(words[1])) if words[0] == b"acked" else None
    paths = [text.decode("utf-8", "replace") for text in strings]
    if name == "openat":  # the folder at hand, the name; what is opened stands behind the result
        path = paths[1]
        return Created(_inside(path, folder)) if "O_CREAT" in arguments and folder in path else None
    if not paths or not paths[0].startswith(folder):
        return None
    file = _inside(paths[0], folder)
    if name == "pwrite64":
        return Written(file, int(arguments.rsplit(", ", 1)[1]), strings[1][:returned])
    if name == "write":
        return Appended(file, strings[1][:returned])
    if name == "ftruncate":
        return Truncated(file, int(arguments.rsplit(", ", 1)[1]))
    if name in ("fsync", "fdatasync"):
        return Synced(file)
    if name == "unlink":
        return Removed(file)
    if name == "rename":
        return Renamed(file, _inside(paths[1], folder))
    raise RuntimeError(f"the replay does not know what {name} on {file} means")


def _inside(path: str, folder: str) -> str:
    return path.removeprefix(folder).lstrip("/")
