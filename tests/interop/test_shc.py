"""The SMART Health Cards project's own test codes, each judged as its name says."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from scanner.domain.passes import PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats import jws
from scanner.formats.checks import UnreadableError
from scanner.formats.parts import Collection, collect
from scanner.formats.readers.smart_health_card import encode_digits
from scanner.formats.registry import part_of, read_pass
from scanner.issuing.smart_health_card import thumbprint
from scanner.trust.foreign_keys import keys_from_jwks
from scanner.trust.key_ring import KeyRing
from scanner.vision.reader import QrReader
from scanner.vision.sources.files import read_image

DATA = Path(os.environ.get("CHECKPOINT_DATA") or Path(__file__).parents[2] / "../shared/data")
CARDS = DATA / "shc"
ISSUER: Final = "https://spec.smarthealth.cards/examples/issuer"
CLOCK: Final = datetime(2022, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not CARDS.is_dir(), reason=f"the cards are not here: {CARDS}")


def _ring(issuer: str = ISSUER) -> KeyRing:
    return KeyRing(keys_from_jwks(issuer, (CARDS / "issuer-jwks.json").read_bytes()))


def _text(name: str) -> str:
    """A file as it is: blanks and line ends at its edges are what some of them are about."""
    return (CARDS / f"test-example-{name}.txt").read_bytes().decode()


def _reasons(text: str, ring: KeyRing | None = None) -> tuple[Reason, ...]:
    outcome = read_pass(text, ring or _ring(), CLOCK)
    assert isinstance(outcome, Rejection), outcome
    return outcome.reasons


def test_the_issuers_kids_are_thumbprints_of_its_keys() -> None:
    keys = keys_from_jwks(ISSUER, (CARDS / "issuer-jwks.json").read_bytes())
    assert [key.key_id.decode() for key in keys] == [thumbprint(key.public_key) for key in keys]
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("index-out-of-range", Reason.MALFORMED),
        ("number-too-big", Reason.MALFORMED),
        ("odd-count", Reason.MALFORMED),
        ("trailing_chars", Reason.NOT_A_HEALTH_CODE),
        ("wrong-multi-chunk", Reason.MALFORMED),
        ("wrong_qr_header", Reason.NOT_A_HEALTH_CODE),
    ],
)
def test_a_faulty_text_is_refused(fault: str, reason: Reason) -> None:
    text = _text(f"00-f-qr-code-numeric-value-0-{fault}")
    assert part_of(text) is None
    assert _reasons(text) == (reason,)


def test_blanks_behind_a_card_are_refused_too() -> None:
    text = _text("00-f-qr-code-numeric-value-0-trailing_chars")
    assert _reasons(text.lstrip()) == (Reason.MALFORMED,)
    assert isinstance(read_pass(text.strip(), _ring(), CLOCK), VerifiedPass)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("der-signature", Reason.BAD_SIGNATURE),
        ("invalid-signature", Reason.BAD_SIGNATURE),
        ("no_jws_header_alg", Reason.MALFORMED),
        ("wrong_jws_header_kid", Reason.UNKNOWN_KEY),
    ],
)
def test_a_faulty_jws_is_refused(fault: str, reason: Reason) -> None:
    assert _reasons("shc:/" + encode_digits(_text(f"00-d-jws-{fault}"))) == (reason,)


def test_a_jws_with_blanks_around_is_refused() -> None:
    text = _text("00-d-jws-trailing_chars")
    assert _reasons("shc:/" + encode_digits(text)) == (Reason.MALFORMED,)
    for spaced in (text, text.lstrip(), text.rstrip()):
        with pytest.raises(UnreadableError):
            jws.parse(spaced)
    bare = "shc:/" + encode_digits(text.strip())
    assert isinstance(read_pass(bare, _ring(), CLOCK), VerifiedPass)


@pytest.mark.parametrize("step", [1, 5, 16])
def test_a_card_in_seventeen_small_parts_is_accepted_in_any_order(step: int) -> None:
    collection: Collection | None = None
    for at in range(17):
        part = part_of(_text(f"00-f-qr-code-numeric-value-{at * step % 17}-qr_chunk_too_small"))
        assert part is not None
        assert collection is None or collection.text is None
        collection = collect(collection, part, float(at))
    assert collection is not None
    assert collection.text is not None
    _is_accepted(collection.text, doses=2)


def test_the_largest_card_of_one_code_is_accepted() -> None:
    _is_accepted(_text("1195-byte-qrnumeric"), doses=5)


def test_a_card_in_too_large_a_qr_code_is_judged_by_what_it_says() -> None:
    # The limit of version 22 is about the size of print; what could be read has been read.
    picture = read_image(CARDS / "test-example-00-g-qr-code-0-bad_qr_version.png")
    (code,) = QrReader().read(picture)
    _is_accepted(code.text, doses=2)


def _is_accepted(text: str, doses: int) -> None:
    outcome = read_pass(text, _ring(), CLOCK)
    assert isinstance(outcome, VerifiedPass), outcome
    assert outcome.claims.issuer == ISSUER
    assert outcome.claims.kind is PassKind.VACCINATION
    assert outcome.claims.vaccine is not None
    assert outcome.claims.vaccine.doses == doses
    assert _reasons(text, _ring("https://other.example")) == (Reason.UNKNOWN_ISSUER,)
    assert _reasons(text[:-2] + "04") in ((Reason.BAD_SIGNATURE,), (Reason.MALFORMED,))
