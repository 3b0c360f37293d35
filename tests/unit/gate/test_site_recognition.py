"""Which matrix is in force while bundles come and go."""

import pytest

from config.recognition import load_recognition, read_recognition
from scanner.gate.site_recognition import SiteRecognition
from scanner.policy.recognition import Mode
from scanner.trust.bundle.layout import RECOGNITION
from tests.builders import NOW, a_pass

LOCAL = load_recognition()
TIBET = b'version = "b-2"\n[[row]]\nhost = "33"\nissuer = "54"\nmode = "verify"\n'


def mode(site: SiteRecognition, issuer: str) -> Mode | None:
    return site.host.recognise(a_pass(issuer=issuer), NOW).mode


@pytest.fixture
def site() -> SiteRecognition:
    return SiteRecognition(LOCAL, "330100", read_recognition)


def test_the_gates_own_matrix_holds_while_the_bundle_carries_none(site: SiteRecognition) -> None:
    assert not site.take({"sites/x/rules.toml": TIBET})
    assert (mode(site, "46"), mode(site, "54")) == (Mode.VERIFY, None)


def test_the_bundles_takes_its_place_as_a_whole_and_gives_it_back(site: SiteRecognition) -> None:
    assert site.take({RECOGNITION: TIBET})
    assert (mode(site, "46"), mode(site, "54")) == (None, Mode.VERIFY)
    assert site.host.version == "b-2"
    assert site.take({})
    assert (mode(site, "46"), mode(site, "54")) == (Mode.VERIFY, None)


@pytest.mark.parametrize("data", [b"\xff", b"{}", b'version = "x"\n[[row]]\nhost = "33"'])
def test_a_file_that_is_no_matrix_leaves_the_last_good_one(
    site: SiteRecognition, data: bytes
) -> None:
    site.take({RECOGNITION: TIBET})
    assert not site.take({RECOGNITION: data})
    assert mode(site, "54") is Mode.VERIFY
    assert not site.is_healthy
    site.take({RECOGNITION: TIBET + b"\n"})
    assert site.is_healthy
