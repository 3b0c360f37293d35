"""The rule set of this site: the file that the settings name, or the shipped one."""

from pathlib import Path
from typing import Final

from config.toml_file import load_toml, read_toml
from scanner.domain.errors import SettingsError
from scanner.formats.registry import READERS
from scanner.policy.rules import RuleSet

MAX_BYTES: Final = 64 << 10
"""Of rules that somebody else wrote; the shipped ones with all their comments take 4 KiB."""

_MAX_DOTS: Final = 32
SHIPPED = Path(__file__).parent / "policies" / "default.toml"


def load_rules(path: Path | None = None) -> RuleSet:
    """Read and check a rule set.

    Raises:
        SettingsError: names the file, the key and what is allowed there.
    """
    path = path or SHIPPED
    return _checked(load_toml(RuleSet, path), str(path))


def read_rules(content: bytes, name: str) -> RuleSet:
    """The same from bytes, as a bundle carries a site's rules.

    Raises:
        SettingsError: as `load_rules`.
    """
    _bear_reading(content, name)
    return _checked(read_toml(RuleSet, content, name), name)


def _bear_reading(content: bytes, name: str) -> None:
    """Refuse what would keep the gate's loop busy: 64 kB of "a.a.a" take `tomllib` half a minute.

    That grows by the square of their number, and the watchdog's patience is shorter.
    """
    if len(content) > MAX_BYTES:
        raise SettingsError(
            f"{name} has {len(content)} bytes.", f"At most {MAX_BYTES} are read as rules."
        )
    for line in content.splitlines():
        if line.count(b".") > _MAX_DOTS and not line.lstrip().startswith(b"#"):
            raise SettingsError(
                f"{name} has a line with more than {_MAX_DOTS} dots.", "No rule needs as many."
            )


def _checked(rules: RuleSet, path: str) -> RuleSet:
    for name in rules.recognition.formats:
        if name not in READERS:
            raise SettingsError(
                f"{path}: recognition.formats names {name!r}, which no reader knows.",
                f"Known: {', '.join(READERS)}.",
            )
    return rules
