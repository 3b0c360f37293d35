import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from config.settings import (
    DEFAULTS,
    GateSettings,
    HubSettings,
    Section,
    load_gate_settings,
    load_hub_settings,
)
from scanner.domain.errors import SettingsError


def a_file(folder: Path, text: str) -> Path:
    path = folder / "gate.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_shipped_files_say_what_the_defaults_are() -> None:
    assert load_gate_settings() == GateSettings()
    assert load_hub_settings() == HubSettings()


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_gate_settings(a_file(tmp_path, "")) == GateSettings()


@pytest.mark.parametrize(("tree", "name"), [(GateSettings, "gate.toml"), (HubSettings, "hub.toml")])
def test_every_key_stands_in_the_shipped_file(tree: type[Section], name: str) -> None:
    text = (DEFAULTS / name).read_text("utf-8")
    written = tomllib.loads(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))
    for field in msgspec.structs.fields(tree):
        assert field.name in written
        if isinstance(field.type, type) and issubclass(field.type, Section):
            keys = {inner.name for inner in msgspec.structs.fields(field.type)}
            assert set(written[field.name]) == keys


@pytest.mark.parametrize(
    "tree",
    [HubSettings, *(type(getattr(GateSettings(), f)) for f in GateSettings.__struct_fields__)],
)
def test_every_key_is_explained_in_its_docstring(tree: type[Section]) -> None:
    attributes = (tree.__doc__ or "").partition("Attributes:")[2]
    for field in msgspec.structs.fields(tree):
        assert re.search(rf"\b{field.name}\b[\w, ]*:", attributes), field.name


@pytest.mark.parametrize(
    ("text", "found", "remedy"),
    [
        ("[camera]\nwdith = 1", "unknown key camera.wdith", "Did you mean camera.width?"),
        ("[camra]\n", "unknown key camra", "Did you mean camera?"),
        ("[hub]\nxyzzy = 1", "unknown key hub.xyzzy", "Known: url, sealing_key, interval_s."),
    ],
)
def test_an_unknown_key_is_named_with_the_one_that_was_meant(
    tmp_path: Path, text: str, found: str, remedy: str
) -> None:
    path = a_file(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_gate_settings(path)
    assert str(path) in caught.value.found
    assert found in caught.value.found
    assert caught.value.remedy == remedy


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[camera]\nwidth = "wide"', "camera.width"),
        ("[camera]\nwidth = 0", "camera.width"),
        ("[camera]\nfps = 12.5", "camera.fps"),
        ('[camera]\nexposure_us = "fast"', "camera.exposure_us"),
        ("[camera]\nexposure_us = 0", "camera.exposure_us"),
        ("[camera]\nfocus = -1", "camera.focus"),
        ("[camera]\npower_line_hz = 55", "camera.power_line_hz"),
        ("[site]\nretention_days = 31", "site.retention_days"),
        ('[site]\nlanguages = "en"', "site.languages"),
        ('[scanner]\ndevices = "serial:/dev/ttyACM0"', "scanner.devices"),
        ("[paths]\nstate = 5", "paths.state"),
        ("[policy]\nrules = 5", "policy.rules"),
        ("[hub]\ninterval_s = -1", "hub.interval_s"),
        ("[hub]\ninterval_s = inf", "hub.interval_s"),
        ("[kiosk]\npending_s = inf", "kiosk.pending_s"),
        ("[trust]\nfresh_hours = inf", "trust.fresh_hours"),
        ("[trust]\ndegraded_days = 1e300", "trust.degraded_days"),
        ("[trust]\ndegraded_days = 0.5", "trust"),
        ("[site]\nlanguages = []", "site.languages"),
        ("camera = 0", "camera"),
    ],
)
def test_a_wrong_value_is_named_with_its_file_and_key(tmp_path: Path, text: str, key: str) -> None:
    path = a_file(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_gate_settings(path)
    assert str(path) in caught.value.found
    assert f"$.{key}`" in caught.value.found


@pytest.mark.parametrize("content", [b"[camera", b"a = \xff"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gate.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="is not TOML"):
        load_gate_settings(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_gate_settings(tmp_path / "absent.toml")


def test_relative_paths_start_at_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[paths]\nstate = "state"\nruntime = "/run/x"\n[policy]\nrules = "../rules.toml"\n'
    a_file(tmp_path, text)
    monkeypatch.chdir(tmp_path)
    settings = load_gate_settings(Path("gate.toml"))
    assert settings.paths.state == tmp_path / "state"
    assert settings.paths.runtime == Path("/run/x")
    assert settings.policy.rules == tmp_path / "../rules.toml"
    assert settings.hub.sealing_key is None
    assert settings.sealing_key == settings.paths.state / "hub-sealing.pem"


def test_the_hub_takes_relative_paths_too(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text('state = "hub"\nport = 9000\n', "utf-8")
    settings = load_hub_settings(path)
    assert (settings.state, settings.port) == (tmp_path / "hub", 9000)


def test_what_survives_and_what_must_not_are_kept_apart() -> None:
    settings = GateSettings()
    assert {settings.ledger.parent, settings.outbox.parent, settings.device_key.parent} == {
        settings.paths.state
    }
    assert settings.socket.parent == settings.paths.runtime
