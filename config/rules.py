"""The rule set of this site: the file that the settings name, or the shipped one."""

from pathlib import Path
from typing import Final

from config.toml_file import bear_reading, load_toml, read_toml
from scanner.policy.rules import RuleSet

MAX_BYTES: Final = 64 << 10
"""Of rules that somebody else wrote; the shipped ones with all their comments take 4 KiB."""

SHIPPED = Path(__file__).parent / "policies" / "default.toml"


def load_rules(path: Path | None = None) -> RuleSet:
    """Read and check a rule set.

    Raises:
        SettingsError: names the file, the key and what is allowed there.
    """
    return load_toml(RuleSet, path or SHIPPED)


def read_rules(content: bytes, name: str) -> RuleSet:
    """The same from bytes, as a bundle carries a site's rules.

    Raises:
        SettingsError: as `load_rules`.
    """
    bear_reading(content, name, MAX_BYTES)
    return read_toml(RuleSet, content, name)
