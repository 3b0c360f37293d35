"""`checkpoint verify`: words for a person, lines for a program."""

import json
import subprocess
import sys
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from typer.testing import CliRunner, Result

from scanner.cli.main import app
from scanner.cli.verify_keys import foreign_keys
from scanner.cli.verify_lines import MAX_LINE, LineVerifier
from scanner.cli.verify_words import explain
from scanner.domain.errors import CameraError, TrustError
from scanner.domain.foreign import ForeignKind
from scanner.domain.passes import Algorithm, Colour, Rejection
from scanner.domain.reasons import Reason
from scanner.formats.registry import READERS, inspect_pass
from scanner.issuing.eu_dcc import encode_eu_dcc
from scanner.issuing.keys import IssuerKey
from scanner.issuing.picture import qr_png
from scanner.issuing.pilot_repository import publish_pilot
from scanner.issuing.smart_health_card import (
    issue_smart_health_card,
    jwk,
    new_key,
    split_card,
)
from tests.builders import NOW, a_code, a_key, a_ring

CLOCK = NOW.strftime("%Y-%m-%dT%H:%M:%S")
CARD_ISSUER = "https://health.example/cards"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Zhejiang's key, published."""
    publish_pilot(tmp_path, [a_key()], NOW)
    return tmp_path


def _verify(folder: Path, *arguments: str | Path) -> Result:
    words = ["verify", "--keys", folder / "repository", "--at", CLOCK, *arguments]
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_genuine_code_is_explained_check_by_check(folder: Path) -> None:
    result = _verify(folder, a_code())
    assert result.exit_code == 0
    assert result.stdout.count("  ok ") == 8
    assert "张*三, resident card 123X" in result.stdout
    assert "ADMIT" not in result.stdout


def test_a_payment_code_is_named_and_not_repeated(folder: Path) -> None:
    result = _verify(folder, "https://qr.alipay.com/secret")
    assert result.exit_code == 1
    assert "this is not a health code but a payment code" in result.stdout
    assert "secret" not in result.stdout


@pytest.mark.parametrize("kind", ForeignKind)
def test_every_foreign_code_has_words(kind: ForeignKind) -> None:
    inspection = inspect_pass("", a_ring(), NOW)
    rejection = Rejection((Reason.NOT_A_HEALTH_CODE,), foreign=kind)
    assert any(
        " but a" in line or " but plain" in line
        for line in explain(structs.replace(inspection, outcome=rejection))
    )


def test_a_forged_code_shows_no_claims(folder: Path) -> None:
    result = _verify(folder, a_code(a_key("65")).replace("A", "B"))
    assert result.exit_code == 1
    assert "FAILED" in result.stdout
    assert "not reached" in result.stdout
    assert "It says" not in result.stdout


def test_an_expired_red_code_shows_that_it_is_red(folder: Path) -> None:
    text = a_code(colour=Colour.RED, expires_at=NOW - timedelta(days=1))
    result = _verify(folder, text)
    assert result.exit_code == 1
    assert "it has expired" in result.stdout
    assert "red" in result.stdout


def test_several_codes_pass_only_together(folder: Path) -> None:
    assert _verify(folder, a_code(), a_code(scope="gate 2")).exit_code == 0
    assert _verify(folder, a_code(), "https://qr.example.com/pay").exit_code == 1


def test_what_is_no_code_is_never_repeated(folder: Path) -> None:
    result = _verify(folder, "https://qr.example.com/pay/SECRET")
    assert result.exit_code == 1
    assert "SECRET" not in result.stdout


def test_a_settings_file_names_the_keys(folder: Path) -> None:
    settings = folder / "gate.toml"
    settings.write_text('[trust]\nfolder = "repository"\nroot = "root.json"\n')
    words = ["verify", "--settings", str(settings), "--at", CLOCK, a_code()]
    assert CliRunner().invoke(app, words).exit_code == 0


def test_missing_keys_are_explained(tmp_path: Path) -> None:
    assert isinstance(_verify(tmp_path / "none", a_code()).exception, TrustError)


def test_a_picture_without_a_code_is_explained(folder: Path) -> None:
    from PIL import Image

    blank = folder / "blank.png"
    Image.new("L", (64, 64), 255).save(blank)
    assert isinstance(_verify(folder, blank).exception, CameraError)


def test_no_character_of_a_code_steers_the_terminal() -> None:
    key = a_key("EU", Algorithm.ES256)
    test = {"tg": "1", "tt": "\x1b[2J\x07", "sc": NOW.isoformat(), "tr": "260415000"}
    document = {
        "ver": "1.3.0",
        "nam": {"fnt": "A"},
        "dob": "1990-01-01",
        "t": [test | {"co": "AT", "is": "x", "ci": "y"}],
    }
    text = encode_eu_dcc(document, key, country="AT", now=NOW, valid_for=timedelta(days=1))
    lines = list(explain(inspect_pass(text, a_ring(key), NOW)))
    assert any(line.split()[:2] == ["test", "unknown,"] for line in lines)
    assert all(line.isprintable() for line in lines)


def test_without_anything_to_verify_the_usage_is_shown(folder: Path) -> None:
    assert _verify(folder).exit_code == 2


@pytest.fixture(scope="module")
def card_key() -> IssuerKey:
    """A key of an issuer of SMART Health Cards."""
    return new_key(CARD_ISSUER)


@pytest.fixture
def key_set(card_key: IssuerKey, tmp_path: Path) -> Path:
    """The same as its issuer publishes it."""
    path = tmp_path / "jwks.json"
    key = jwk(card_key.private_key.public_key()) | {"kid": card_key.key_id.decode()}
    path.write_text(json.dumps({"keys": [key]}))
    return path


def _run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["verify", "--at", CLOCK, *map(str, words)])


def test_a_published_key_set_needs_no_settings(card_key: IssuerKey, key_set: Path) -> None:
    card = issue_smart_health_card(card_key, now=NOW)
    assert _run("--jwks", f"{CARD_ISSUER}={key_set}", card).exit_code == 0
    assert _run("--jwks", f"https://other.example={key_set}", card).exit_code == 1


def test_published_keys_come_beside_the_configured_ones(
    folder: Path, card_key: IssuerKey, key_set: Path
) -> None:
    card = issue_smart_health_card(card_key, now=NOW)
    assert _verify(folder, "--jwks", f"{CARD_ISSUER}={key_set}", card, a_code()).exit_code == 0
    assert _verify(folder, card).exit_code == 1


def test_the_keys_of_a_did_document_count(tmp_path: Path) -> None:
    did = "did:web:health.example"
    path = tmp_path / "did.json"
    key = jwk(new_key(CARD_ISSUER).private_key.public_key())
    method = {"id": f"{did}#key-1", "publicKeyJwk": key}
    document = {"id": did, "verificationMethod": [method], "assertionMethod": [f"{did}#key-1"]}
    path.write_text(json.dumps(document))
    assert [(key.issuer, key.key_id) for key in foreign_keys((), (path,))] == [(did, b"key-1")]
    refused = _run("--did", path, a_code())
    assert refused.exit_code == 1
    assert "no key of its issuer is trusted here" in refused.stdout


@pytest.mark.parametrize("given", ["jwks.json", "=jwks.json", f"{CARD_ISSUER}=", CARD_ISSUER])
def test_a_key_set_is_given_with_its_issuer(given: str) -> None:
    assert _run("--jwks", given, "shc:/56").exit_code == 2


def test_files_that_hold_no_keys_are_explained(tmp_path: Path) -> None:
    empty, noise, missing = (tmp_path / name for name in ("empty", "noise", "missing"))
    empty.write_text('{"keys": []}')
    noise.write_bytes(b"\xff")
    for path in (empty, noise, missing):
        for option in (("--jwks", f"{CARD_ISSUER}={path}"), ("--did", str(path))):
            assert isinstance(_run(*option, "shc:/56").exception, TrustError)


def test_lines_are_judged_by_published_keys_too(card_key: IssuerKey, key_set: Path) -> None:
    request = {"id": 1, "text": issue_smart_health_card(card_key, now=NOW)}
    line = json.dumps(request | {"clock": NOW.isoformat()}) + "\n"
    words = ["verify", "--jsonl", "--jwks", f"{CARD_ISSUER}={key_set}"]
    answered = CliRunner().invoke(app, words, input=line)
    assert json.loads(answered.stdout)["ok"] is True


def test_the_parts_of_a_card_are_put_together(card_key: IssuerKey, key_set: Path) -> None:
    trust = ("--jwks", f"{CARD_ISSUER}={key_set}")
    one, two = split_card(issue_smart_health_card(card_key, now=NOW), 2)
    other = split_card(issue_smart_health_card(card_key, now=NOW - timedelta(days=1)), 2)
    assert _run(*trust, two, one).exit_code == 0
    assert _run(*trust, two, one, *other).stdout.count("A genuine pass") == 2
    for alone in ((one,), (one, other[0], other[1]), (*other, two)):
        result = _run(*trust, *alone)
        assert result.exit_code == 1
        assert "one part of a card alone" in result.stdout


def test_the_formats_are_listed() -> None:
    listed = CliRunner().invoke(app, ["verify", "--formats"])
    assert listed.exit_code == 0
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert names == sorted(READERS)
    assert "smart_health_card     SMART Health Card" in listed.stdout


def _answer(request: object) -> dict[str, Any]:
    line = request if isinstance(request, bytes) else json.dumps(request).encode()
    answer = json.loads(LineVerifier(a_ring()).answer(line))
    assert isinstance(answer, dict)
    return answer


def test_a_health_code_as_a_line() -> None:
    answer = _answer({"id": 7, "text": a_code(), "clock": NOW.isoformat()})
    assert answer["id"] == 7
    assert answer["ok"]
    assert answer["stage"] is None
    assert answer["checks"]["signature"] is True
    assert answer["checks"]["zlib"] is None


def test_a_refused_text_as_a_line() -> None:
    answer = _answer({"id": "a", "text": "HC1:ü"})
    assert not answer["ok"]
    assert answer["stage"] == "base45"
    assert answer["reasons"] == ["malformed"]
    assert answer["checks"] == {
        "prefix": True,
        "base45": False,
        **dict.fromkeys(("zlib", "cose", "key", "signature", "holder", "time", "usage", "schema")),
        "revocation": None,
    }


def test_an_image_as_a_line() -> None:
    text = a_code()
    image = b64encode(qr_png(text)).decode()
    assert _answer({"id": "a", "image": image}) == {"id": "a", "text": text}


@pytest.mark.parametrize("image", ["", "!", b64encode(b"no image").decode()])
def test_an_image_that_is_none_has_no_text(image: str) -> None:
    answer = _answer({"id": "a", "image": image})
    assert answer.get("text") is None


@pytest.mark.parametrize(
    ("clock", "reason"),
    [("0001-01-01T00:00:00+14:00", "not_yet_valid"), ("9999-12-31T23:59:59-14:00", "expired")],
)
def test_a_clock_at_the_ends_of_time_is_one_to_judge_by(clock: str, reason: str) -> None:
    answer = _answer({"id": 1, "text": a_code(), "clock": clock})
    assert answer["reasons"] == [reason]


BAD_LINES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"\xff\xfe",
    b'{"id": "a"}',
    b'{"text": "HC1:"}',
    b'{"id": "a", "text": 1}',
    b'{"id": "a", "text": "\\ud800"}',
    b'{"id": "a", "text": "HC1:", "clock": "noon"}',
    b'{"id": "a", "text": "HC1:", "clock": 1}',
    b'{"id": "a", "text": "HC1:", "certs": "x"}',
    b"[" * 100_000,
    b" " * (MAX_LINE + 1),
]


@pytest.mark.parametrize("line", BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_is_answered(line: bytes) -> None:
    assert "error" in _answer(line)


@pytest.mark.parametrize("cert", ["", "!", "AAAA", "ü", b64encode(b"\x30" * 500).decode()])
def test_a_bad_certificate_is_no_key(cert: str) -> None:
    answer = _answer({"id": 1, "text": a_code(), "clock": NOW.isoformat(), "certs": [cert]})
    assert answer["ok"]


def test_each_line_is_answered_before_the_next_one_is_sent(folder: Path) -> None:
    command = [sys.executable, "-m", "scanner.cli", "verify", "--jsonl", "--keys", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            for line in (b"{\n", b"\n", json.dumps({"id": number, "text": "x"}).encode() + b"\n"):
                process.stdin.write(line)
                process.stdin.flush()
            assert "error" in json.loads(process.stdout.readline())
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(10) == 0
