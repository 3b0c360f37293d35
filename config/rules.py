"""The rule set of this site: the file that the settings name, or the shipped one."""

from pathlib import Path

from config.toml_file import load_toml, read_toml
from scanner.domain.errors import SettingsError
from scanner.formats.registry import READERS
from scanner.policy.rules import RuleSet

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
    return _checked(read_toml(RuleSet, content, name), name)


def _checked(rules: RuleSet, path: str) -> RuleSet:
    for name in rules.recognition.formats:
        if name not in READERS:
            raise SettingsError(
                f"{path}: recognition.formats names {name!r}, which no reader knows.",
                f"Known: {', '.join(READERS)}.",
            )
    return rules
