"""Layers from files and folders, and those that stand above one of them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from config.rules import SHIPPED, read_standing_layer
from config.toml_file import read_bytes
from scanner.domain.errors import SettingsError
from scanner.policy.layers import Layer, Level
from scanner.policy.recognition import area

TABLE_TESTS: Final = ".test.toml"


class Source(Struct, frozen=True):
    """A file and the layer that it holds."""

    path: Path
    text: str
    layer: Layer


def read_source(path: Path) -> Source:
    """Read a layer's file.

    Raises:
        SettingsError: it cannot be read, or is none.
    """
    content = read_bytes(path)
    return Source(path, content.decode(errors="replace"), read_standing_layer(content, str(path)))


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """The files of layers among these, and in these folders; table tests are none."""
    for path in paths:
        if path.is_dir():
            yield from (each for each in sorted(path.glob("*.toml")) if _is_layer(each))
        else:
            yield path


def with_base(layers: Sequence[Layer]) -> list[Layer]:
    """The same under the shipped national rules, where no national layer is among them."""
    if any(layer.level is Level.NATION for layer in layers):
        return list(layers)
    return [read_source(SHIPPED).layer, *layers]


def above(layer: Layer, others: Iterable[Layer]) -> list[Layer]:
    """Those of the others under which a layer stands; the shipped national rules at least.

    A site's file does not say where the site lies: all that are wider count, unless they lie apart
    from one another.
    """
    wider = [other for other in others if other.level.rank < layer.level.rank]
    if not _is_anywhere(layer):
        return with_base([other for other in wider if _contains(other, layer)])
    is_one_place = not any(_are_apart(one, other) for one in wider for other in wider)
    return with_base([each for each in wider if is_one_place or each.level is Level.NATION])


def read_layers(paths: Iterable[Path]) -> list[Layer]:
    """The layers in these files and folders, which can all hold at one gate.

    Raises:
        SettingsError: a file is no layer, or two are of different places.
    """
    layers = [read_source(path).layer for path in files_of(paths)]
    for layer in layers:
        for other in layers:
            if _are_apart(layer, other):
                raise SettingsError(
                    f"No gate stands in {layer.name} and in {other.name}.",
                    "Name the files of one place and of those that it lies in.",
                )
    return layers


def _is_layer(path: Path) -> bool:
    return not path.name.endswith(TABLE_TESTS)


def _is_anywhere(layer: Layer) -> bool:
    return layer.level in (Level.NATION, Level.SITE, Level.GATE)


def _are_apart(one: Layer, other: Layer) -> bool:
    """Whether no gate stands in both."""
    if _is_anywhere(one) or _is_anywhere(other):
        return False
    return not (_contains(one, other) or _contains(other, one))


def _contains(wider: Layer, layer: Layer) -> bool:
    return area(layer.place or "").startswith(area(wider.place or ""))
