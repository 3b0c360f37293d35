"""What a matrix file may say, and how its mistakes are told."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.recognition import MAX_BYTES, SHIPPED, load_recognition, read_recognition
from config.settings import load_gate_settings
from scanner.domain.errors import SettingsError
from scanner.domain.passes import HEALTH_CODE, Colour, PassKind
from scanner.formats.readers.eu_dcc import FORMAT as EU_DCC
from scanner.policy.recognition import Mode

PAGE = Path(__file__).parents[3] / "docs" / "recognition.md"
FIRST = 'version = "test-1"\n\n[[row]]\nhost = "33"\nissuer = "46"\nmode = "verify"\n\n'


def refusal(text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read_recognition(text.encode(), "recognition/matrix.toml")
    return caught.value


def test_a_row_says_everything_that_it_may() -> None:
    text = FIRST + (
        "[[row]]\n"
        'host = "440403"\n'
        'issuer = "*"\n'
        'mode = "convert"\n'
        "valid_from = 2020-03-01T00:00:00+08:00\n"
        "valid_to = 2020-04-01T00:00:00+08:00\n"
        'kinds = ["dynamic", "national"]\n'
        'formats = ["health_code", "eu_dcc"]\n'
        'colours = { yellow = "red" }\n'
    )
    matrix = read_recognition(text.encode(), "matrix.toml")
    first, second = matrix.rows
    assert (matrix.version, first.mode, first.formats) == ("test-1", Mode.VERIFY, (HEALTH_CODE,))
    assert second.kinds == (PassKind.DYNAMIC, PassKind.NATIONAL)
    assert second.formats == (HEALTH_CODE, EU_DCC)
    assert second.colours == {Colour.YELLOW: Colour.RED}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('host = "47"', "host '47' is no division"),
        ('host = "00"', "host '00' is no division"),
        ('host = "3301"', "host '3301' is no division"),
        ('host = "EU"', "host 'EU' is no division"),
        ("host = 33", "$.host"),
        ('issuer = "47"', "issuer '47' is none"),
        ('issuer = "003301"', "issuer '003301' is none"),
        ('issuer = "Hainan"', "issuer 'Hainan' is none"),
        ('issuer = ""', "issuer '' is none"),
        ('mode = "verfy"', "$.mode"),
        ("valid_from = 2020-04-19", "$.valid_from"),
        ("valid_from = 2020-04-19T00:00:00", "timezone component - at `$.valid_from`"),
        (
            "valid_from = 2020-04-19T08:00:00+08:00\nvalid_to = 2020-04-19T00:00:00Z",
            "valid_to must be later than valid_from",
        ),
        ("kinds = []", "$.kinds"),
        ('kinds = ["phone"]', "$.kinds[0]"),
        ("formats = []", "$.formats"),
        ('formats = ["eu_dc"]', "formats names 'eu_dc'"),
        ('colours = { yellow = "red" }', "colours belong to mode"),
        ('mode = "convert"', "colours belong to mode"),
        ('mode = "convert"\ncolours = { blue = "red" }', "$.colours"),
        ('mode = "convert"\ncolours = { yellow = "green" }', "yellow = green would be milder"),
        ('mode = "convert"\ncolours = { pending = "green" }', "pending = green would be milder"),
        ('mode = "convert"\ncolours = { red = "yellow" }', "red = yellow would be milder"),
        ('issuer = "33"\nmode = "none"', "host 33 always recognises its own issuer 33"),
        ('host = "330106"\nissuer = "330100"\nmode = "show"', "always recognises its own"),
    ],
)
def test_a_mistake_is_told_with_file_row_line_and_key(line: str, found: str) -> None:
    keys = {"host": '"33"', "issuer": '"46"', "mode": '"verify"'}
    named = {each.partition(" = ")[0] for each in line.splitlines()}
    others = [f"{key} = {value}" for key, value in keys.items() if key not in named]
    error = refusal(FIRST + "\n".join(["[[row]]", *others, line]))
    assert error.found.startswith("recognition/matrix.toml, row 2 at line 8: ")
    assert found in error.found


def test_a_misspelt_key_gets_a_suggestion() -> None:
    error = refusal(FIRST + '[[row]]\nissur = "46"')
    assert error.found == "recognition/matrix.toml, row 2 at line 8: unknown key issur."
    assert error.remedy == "Did you mean issuer?"


def test_a_row_without_a_header_of_its_own_is_counted() -> None:
    error = refusal('version = "x"\nrow = [{ host = "33" }]')
    assert error.found.startswith("recognition/matrix.toml, row 1: ")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "`version`"),
        ('version = ""', "$.version"),
        ('version = "x"\nrow = 3', "row is no list of tables"),
        ('version = "x"\nrow = [3]', "row is no list of tables"),
        ('version = "x"\n[[rows]]', "unknown key rows"),
        ("[[row", "is not TOML"),
        pytest.param("#" * (MAX_BYTES + 1), "At most", id="too long"),
        pytest.param(".".join("a" * 200) + " = 1", "dots", id="a key of many parts"),
    ],
)
def test_a_file_that_is_no_matrix_is_refused(text: str, found: str) -> None:
    error = refusal(text)
    assert "recognition/matrix.toml" in error.found
    assert found in f"{error.found} {error.remedy}"


@given(st.binary(max_size=60) | st.text(alphabet='[]row="hsti34*{}\n', max_size=60).map(str.encode))
def test_any_bytes_are_a_matrix_or_refused(content: bytes) -> None:
    try:
        read_recognition(content, "matrix.toml")
    except SettingsError as error:
        assert "matrix.toml" in error.found  # noqa: PT017


def test_every_example_for_officials_is_a_matrix() -> None:
    examples = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert [len(read_recognition(text.encode(), "page").rows) for text in examples] == [1, 4]


def test_the_file_that_the_settings_name_is_read_and_a_missing_one_told(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text('[site]\ndivision = "330100"\n[policy]\nrecognition = "own.toml"', "utf-8")
    settings = load_gate_settings(path)
    assert settings.site.division == "330100"
    assert settings.policy.recognition == tmp_path / "own.toml"
    with pytest.raises(SettingsError, match=r"own\.toml cannot be read"):
        load_recognition(settings.policy.recognition)
    (tmp_path / "own.toml").write_bytes(SHIPPED.read_bytes())
    assert load_recognition(settings.policy.recognition) == load_recognition()


@pytest.mark.parametrize("division", ["47", "00", "3301", "Hangzhou", "330100 ", "*"])
def test_a_division_where_no_gate_can_stand_is_refused(tmp_path: Path, division: str) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(f'[site]\ndivision = "{division}"', "utf-8")
    with pytest.raises(SettingsError, match=r"gate\.toml: division: .* six for a city"):
        load_gate_settings(path)
