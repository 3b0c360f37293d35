"""What a rules file may say."""

from pathlib import Path

import pytest

from config.rules import load_rules
from scanner.domain.errors import SettingsError
from scanner.policy.joining import join
from scanner.policy.rules import RuleSet


def write(folder: Path, text: str) -> Path:
    path = folder / "rules.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_shipped_file_documents_exactly_the_defaults() -> None:
    assert join([load_rules()]) == RuleSet()


@pytest.mark.parametrize(
    "text",
    [
        '[colour]\nyellow = "ADMIT"',
        '[results]\nbad_signature = "CHECK"',
        '[results]\nexpired = "ADMIT"',
        '[results]\nrevoked = "ADMIT"',
        '[results]\nprobably_revoked = "ADMIT"',
        '[results]\nkey_revoked = "ADMIT"',
        "[temperature]\nlow_c = 38.0",
        "[temperature]\nlimit_c = nan",
        "[max_age]\ndynamic_s = 0",
        "[max_age]\ndynamic_s = 999999999999999",
        'version = ""',
    ],
)
def test_what_would_let_a_bad_pass_through_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"rules\.toml"):
        load_rules(write(tmp_path, text))


def test_red_has_no_key_at_all(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"unknown key colour\.red"):
        load_rules(write(tmp_path, '[colour]\nred = "ADMIT"'))


def test_a_misspelt_key_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"Did you mean temperature\.limit_c\?"):
        load_rules(write(tmp_path, "[temperature]\nlimit = 37.2"))
