"""What lint says of a file, and at which line."""

from pathlib import Path
from textwrap import dedent

import pytest

from scanner.cli.policy.linting import lint
from scanner.cli.policy.places_in_text import line_of

CITY = 'layer = "city"\nplace = "330100"\nversion = "1"\n'


def said(folder: Path, *texts: str) -> list[str]:
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"{number}.toml")
        paths[-1].write_text(text, "utf-8")
    return [str(mistake).removeprefix(f"{folder}/") for mistake in lint(paths)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[max_age]\ndynamic_s = 900', 5, "max_age.dynamic_s: found 900, nation says 300"),
        ('colour = { yellow = "ADMIT" }', 4, "$.colour.yellow"),
        ('[colour]\n# yellow = 1\n"yellow" = "ADMIT"', 6, "$.colour.yellow"),
        ('[colour]\nyelow = "CHECK"', 5, "Did you mean colour.yellow?"),
        ('[[rule]]\nid = "a"\n[[rule]]\nid = "b"\nwhen.persn = "x"', 8, "key when.persn"),
        ('[[rule]]\nid = "a"\nwhen = { colour = "red" }', 6, "colour_red, which is locked"),
        ('[[rule]]\nid = "a"\n[rule.when]\nhard_line = true', 7, "hard_line, which is locked"),
        ('[[rule]]\nid = "a"\nwhen.found = "bad_signature"', 6, "which is locked: REFUSE"),
        ('[[rule]]\nid = "a"\nwhen.found = "revoked"', 6, "is decided above: REFUSE"),
        ('[[rule]]\nid = "a"\nwhen.issuer = "34x"', 6, "34x is no issuer that we know"),
        ('[[rule]]\nid = "a"\nwhen.site = "venue"\nguard.en = "Look"', 7, "no words in zh_CN"),
        ('[[rule]]\nid = "a"', 4, "it applies to everybody"),
        ("[colour", 4, "is not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    (mistake,) = said(tmp_path, CITY + text)
    assert mistake.startswith(f"0.toml:{line}: ")
    assert words in mistake


def test_a_lower_layer_is_measured_by_those_above_it(tmp_path: Path) -> None:
    province = 'layer = "province"\nplace = "33"\nversion = "1"\n[max_age]\ndynamic_s = 100\n'
    elsewhere = 'layer = "province"\nplace = "46"\nversion = "1"\n[max_age]\ndynamic_s = 50\n'
    city = CITY + "[max_age]\ndynamic_s = 200\n"
    (mistake,) = said(tmp_path, city, province, elsewhere)
    assert mistake.startswith("0.toml:5: error: max_age.dynamic_s: found 200, 33 says 100: ")
    assert said(tmp_path, CITY + "[max_age]\ndynamic_s = 90\n", province) == []


def test_a_file_says_which_layer_it_is_and_of_which_version(tmp_path: Path) -> None:
    assert "does not say which layer it is" in said(tmp_path, '[colour]\nyellow = "REFUSE"')[0]
    assert "does not say which layer it is" in said(tmp_path, 'layer = "city"')[0]
    assert "version: found none" in said(tmp_path, 'layer = "city"\nplace = "330100"')[0]
    assert (
        "99 is no province" in said(tmp_path, 'layer = "province"\nplace = "99"\nversion = "1"')[0]
    )


def test_a_set_that_is_added_to_is_no_mistake(tmp_path: Path) -> None:
    assert said(tmp_path, CITY + '[temperature]\nrequired_for = ["visitor"]') == []


def test_a_strict_word_about_a_locked_reason_is_none(tmp_path: Path) -> None:
    text = CITY + '[[rule]]\nid = "a"\nwhen = { colour = "red" }\ndecision = "REFUSE"'
    assert said(tmp_path, text) == []


TEXT = dedent(
    """
    version = "1"  # 2
    a.b = 3        # 3
    [c.d]          # 4
    e = 1          # 5
    [[rule]]       # 6
    id = "x"       # 7
    [rule.when]    # 8
    person = "x"   # 9
    [[rule]]       # 10
    when = { person = "y" } # 11
    """
)


@pytest.mark.parametrize(
    ("path", "rule", "line"),
    [
        (("version",), None, 2),
        (("a", "b"), None, 3),
        (("c", "d", "e"), None, 5),
        (("c", "d", "missing"), None, 4),
        (("id",), 0, 7),
        (("when", "person"), 0, 9),
        ((), 1, 10),
        (("when", "person"), 1, 11),
        (("nowhere",), None, 1),
    ],
)
def test_keys_are_found_in_the_text(path: tuple[str, ...], rule: int | None, line: int) -> None:
    assert line_of(TEXT, path, rule) == line
