"""The rule set of this site: the file that the settings name, or the shipped one."""

from pathlib import Path

from config.toml_file import load_toml, read_toml
from scanner.policy.rules import RuleSet

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
    return read_toml(RuleSet, content, name)
