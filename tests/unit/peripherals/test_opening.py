import pytest

from scanner.domain.errors import ScannerError, SettingsError
from scanner.peripherals.opening import scanner_opener


@pytest.mark.parametrize(
    "spec",
    ["serial:/dev/absent", "serial:/dev/absent@9600", "wedge:/dev/input/by-id/absent-event-kbd"],
)
def test_a_known_kind_is_opened_later_and_names_its_device(spec: str) -> None:
    path = spec.partition(":")[2].removesuffix("@9600")
    opener = scanner_opener(spec, "us")
    with pytest.raises(ScannerError, match=path):
        opener()


@pytest.mark.parametrize("spec", ["", "/dev/ttyACM0", "serial:", "serial:ttyACM0", "usb:/dev/x"])
def test_an_unknown_kind_is_refused_with_those_that_are_known(spec: str) -> None:
    with pytest.raises(SettingsError, match="serial:/dev/") as caught:
        scanner_opener(spec, "us")
    assert repr(spec) in caught.value.found


def test_an_unknown_layout_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(SettingsError, match=r"'dvorak'.*us, uk"):
        scanner_opener("wedge:/dev/input/event0", "dvorak")
