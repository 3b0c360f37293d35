"""One TOML file into one typed tree: settings and rule sets are read alike.

An unknown key or a wrong type is an error that names the file, the key and, where one is near, the
key that was probably meant.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from scanner.domain.errors import SettingsError

_MAX_DOTS: Final = 32
Tree = TypeVar("Tree", bound=msgspec.Struct)


def load_toml(tree: type[Tree], path: Path) -> Tree:
    """Read `path` as a `tree`; a struct that stands for a table must forbid unknown fields itself.

    Raises:
        SettingsError: the file is missing, no TOML, or holds what the tree does not allow.
    """
    return read_toml(tree, read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """A file's content.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"The file {path} cannot be read: {error.strerror}.",
            "Give the path of one that exists; --help names the option.",
        ) from error


def read_toml(tree: type[Tree], content: bytes, path: str) -> Tree:
    """The same from bytes; `path` names them in messages.

    Raises:
        SettingsError: as `load_toml`.
    """
    return as_tree(tree, parse_toml(content, path), path)


def parse_toml(content: bytes, path: str) -> dict[str, object]:
    """What TOML holds, whatever it is.

    Raises:
        SettingsError: it is none.
    """
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        # Besides its own errors, tomllib lets out what an endless number or an odd date raises.
        raise SettingsError(f"{path} is not TOML: {error}.", "Mend that line.") from error


def bear_reading(content: bytes, name: str, max_bytes: int) -> None:
    """Refuse what would keep the gate's loop busy: 64 kB of "a.a.a" take `tomllib` half a minute.

    That grows by the square of their number, and the watchdog's patience is shorter.

    Raises:
        SettingsError: it is longer than `max_bytes`, or has a line of that kind.
    """
    if len(content) > max_bytes:
        raise SettingsError(f"{name} has {len(content)} bytes.", f"At most {max_bytes} are read.")
    for line in content.splitlines():
        if line.count(b".") > _MAX_DOTS and not line.lstrip().startswith(b"#"):
            raise SettingsError(
                f"{name} has a line with more than {_MAX_DOTS} dots.",
                "Nothing that we read needs as many.",
            )


def as_tree(tree: type[Tree], data: Mapping[str, object], where: str) -> Tree:
    """A parsed table as a `tree`; `where` names it in messages.

    Raises:
        SettingsError: it holds what the tree does not allow.
    """
    _refuse_unknown(tree, data, where)
    try:
        return msgspec.convert(data, tree, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: {error}.", "Mend that key.") from error


def _decode_path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise TypeError(f"no {kind.__name__} can be made from it")


def _refuse_unknown(struct: type, data: Mapping[str, Any], path: str, prefix: str = "") -> None:
    """Unknown keys get a suggestion, which msgspec's own message lacks."""
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
    for key, value in data.items():
        if key not in fields:
            import difflib  # for a message only: not part of each start

            near = difflib.get_close_matches(key, fields, n=1)
            hint = f"Did you mean {prefix}{near[0]}?" if near else f"Known: {', '.join(fields)}."
            raise SettingsError(f"{path}: unknown key {prefix}{key}.", hint)
        kind = fields[key]
        if (
            isinstance(kind, type)
            and issubclass(kind, msgspec.Struct)
            and isinstance(value, Mapping)
        ):
            _refuse_unknown(kind, value, path, f"{prefix}{key}.")
