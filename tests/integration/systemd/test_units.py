import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.core
import typer.main

from config.settings import load_gate_settings
from scanner.cli.main import app
from scanner.cli.trust.options import CREDENTIAL

UNITS = Path(__file__).parents[3] / "systemd"
REFRESH = UNITS / "checkpoint-trust-refresh.service"
STICK = UNITS / "checkpoint-stick@.service"
SERVICES = sorted(path for path in UNITS.glob("*.service") if path not in (REFRESH, STICK))
PROGRAMS = re.compile(r"/opt/checkpoint/\.venv/bin/checkpoint|/usr/bin/cage|/usr/bin/foot")


class UnitFile(configparser.ConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr  # keys keep their case


def a_unit(name: str) -> UnitFile:
    unit = UnitFile(interpolation=None, strict=False)
    unit.read(UNITS / f"{name}.service", "utf-8")
    return unit


def test_there_is_a_unit_for_each_process() -> None:
    assert [path.stem for path in SERVICES] == [
        "checkpoint-gate",
        "checkpoint-hub",
        "checkpoint-kiosk",
        "checkpoint-neighbours",
        "checkpoint-sync",
    ]


def test_systemd_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for path in (*SERVICES, STICK, REFRESH, REFRESH.with_suffix(".timer")):
        text = PROGRAMS.sub("/usr/bin/true", path.read_text("utf-8"))
        (tmp_path / path.name).write_text(text, "utf-8")
    (tmp_path / STICK.name).rename(tmp_path / "checkpoint-stick@sda1.service")
    units = sorted(str(path) for path in tmp_path.iterdir())
    result = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    ours = [line for line in result.stderr.splitlines() if "checkpoint-" in line]
    assert (result.returncode, ours) == (0, [])


def test_the_gate_may_ask_the_kernel_how_sure_its_clock_is() -> None:
    """ProtectClock=yes forbids adjtimex(2) altogether: then nobody would vouch for the time."""
    assert "ProtectClock" not in a_unit("checkpoint-gate")["Service"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_every_unit_calls_a_command_that_exists_with_options_that_exist(path: Path) -> None:
    call = re.search(
        r"/bin/checkpoint (\w+)((?: --[\w-]+(?: [^-\s]\S*)?)*)", path.read_text("utf-8")
    )
    assert call is not None
    command = typer.main.get_group(app).commands[call[1]]
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[\w-]+", call[2])) <= known


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_every_service_comes_back_whenever_it_ends(path: Path) -> None:
    unit = a_unit(path.stem)
    assert unit["Service"]["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_crash_leaves_no_memory_image_on_the_card(path: Path) -> None:
    assert a_unit(path.stem)["Service"]["LimitCORE"] == "0"


@pytest.mark.parametrize("name", ["checkpoint-gate", "checkpoint-sync"])
def test_what_is_in_ram_is_not_swapped_to_the_card(name: str) -> None:
    assert a_unit(name)["Service"]["MemorySwapMax"] == "0"


def test_the_timestamp_is_signed_anew_with_a_command_and_options_that_exist() -> None:
    call = a_unit(REFRESH.stem)["Service"]["ExecStart"].replace("\\\n", "").split()
    assert call[1:3] == ["trust", "refresh"]
    group = typer.main.get_group(app).commands["trust"]
    assert isinstance(group, typer.core.TyperGroup)
    known = {option for parameter in group.commands["refresh"].params for option in parameter.opts}
    assert {word for word in call if word.startswith("--")} <= known
    credential = a_unit(REFRESH.stem)["Service"]["LoadCredentialEncrypted"]
    assert credential.partition(":")[0] == CREDENTIAL


def test_the_timestamp_is_signed_anew_while_two_runs_may_fail() -> None:
    timer = UnitFile(interpolation=None, strict=False)
    timer.read(REFRESH.with_suffix(".timer"), "utf-8")
    assert timer["Timer"]["OnCalendar"] == "*-*-* 00/6:17:00"
    assert timer["Timer"]["Persistent"] == "yes"


def test_the_gate_reports_that_it_is_alive_and_keeps_the_daily_key_over_a_restart() -> None:
    service = a_unit("checkpoint-gate")["Service"]
    assert (service["Type"], service["WatchdogSec"]) == ("notify", "20")
    assert service["RuntimeDirectoryPreserve"] == "yes"


def test_the_gate_has_no_network_at_all() -> None:
    assert a_unit("checkpoint-gate")["Service"]["RestrictAddressFamilies"] == "AF_UNIX"


def test_a_stick_is_mounted_so_that_nothing_on_it_can_run_and_the_gate_sees_it() -> None:
    service = a_unit("checkpoint-stick@")["Service"]
    options = re.search(r"-o (\S+) /dev/%I (\S+)", service["ExecStart"])
    assert options is not None
    assert {"ro", "nodev", "nosuid", "noexec"} <= set(options[1].split(","))
    point = Path(options[2])
    assert any(point.is_relative_to(folder) for folder in load_gate_settings().trust.sticks)
    # A unit with a view of its own of the file system mounts for itself alone (systemd.exec(5)).
    private = ("Protect", "Private", "ReadOnly", "Inaccessible", "TemporaryFile", "Bind", "MountFl")
    assert [key for key in service if key.startswith(private)] == []


def test_the_gates_sandbox_lets_later_mounts_through() -> None:
    service = a_unit("checkpoint-gate")["Service"]
    assert "MountFlags" not in service
    hidden = service.get("InaccessiblePaths", "") + service.get("TemporaryFileSystem", "")
    assert "/run" not in hidden
    assert "/media" not in hidden


def test_the_rule_wants_the_unit_for_usb_and_two_file_systems_only() -> None:
    (path,) = (UNITS / "udev").glob("*.rules")
    assert path.name > "60-persistent-storage.rules"
    (rule,) = (line for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))
    pairs = [pair.strip() for pair in rule.split(", ")]
    assert 'ENV{ID_BUS}=="usb"' in pairs
    assert 'ENV{ID_FS_TYPE}=="vfat|exfat"' in pairs
    assert f'ENV{{SYSTEMD_WANTS}}+="{STICK.name.replace("@.", "@%k.")}"' in pairs
    if shutil.which("udevadm") is not None:
        command = ["udevadm", "verify", "--no-summary", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or "Unknown command verb" in done.stderr, done.stderr


def test_users_and_folders_can_be_made_from_the_fragments(tmp_path: Path) -> None:
    if shutil.which("systemd-sysusers") is None or shutil.which("systemd-tmpfiles") is None:
        pytest.skip("systemd-sysusers or systemd-tmpfiles is not installed")
    (tmp_path / "etc").mkdir()
    users, folders = UNITS / "sysusers.d/checkpoint.conf", UNITS / "tmpfiles.d/checkpoint.conf"
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}", str(users)], check=True)
    made = (tmp_path / "etc/passwd").read_text("utf-8")
    for path in SERVICES:
        assert f"{a_unit(path.stem)['Service']['User']}:" in made
    named = re.findall(r"^d (\S+)", folders.read_text("utf-8"), re.MULTILINE)
    assert named == ["/etc/checkpoint", "/var/lib/checkpoint", "/var/lib/checkpoint/trust"]
