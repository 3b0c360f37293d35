"""The fuzz targets: one a parser, each a function that raises when its property does not hold.

Two targets a format are made from the registry, so that a new format has them at once: `text_NAME`
gets a whole text, `content_NAME` gets claims that a fuzz key signs, so that what is read behind a
valid signature is fuzzed as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final

from scanner.domain.passes import PassClaims, Rejection, VerifiedPass
from scanner.formats.registry import (
    MAX_TEXT,
    READERS,
    inspect_pass,
    part_of,
    read_pass,
    recognises,
)
from scanner.issuing.keys import IssuerKey
from scanner.trust.keys import TrustedKey
from tests.builders import NOW
from tests.fuzz.layers import Layers
from tests.fuzz.mutators import LEVELS, Mutator, mutated
from tests.fuzz.originals import RECIPES, Originals
from tests.fuzz.phrases import phrases
from tests.fuzz.sanity import faults, survives
from tests.fuzz.small_targets import SMALL, Small, as_text

MAX_BYTES: Final = 6 * MAX_TEXT
"""Also texts that are too long, whatever their format allows."""

FRESH: Final = 0.95
"""How often an input is changed further, rather than a seed."""

PLAIN: Final = 0.4
"""How often the input of a small target is edited without regard to its coding."""

Edit = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Target:
    """One parser under attack.

    Attributes:
        check: raises when the property does not hold for these bytes.
        seeds: inputs to begin with.
        change: an input changed by our own hand: bytes, a generator, libFuzzer's edits.
    """

    name: str
    check: Callable[[bytes], None]
    seeds: Sequence[bytes]
    change: Callable[[bytes, Random, Edit], bytes]


def targets(originals: Originals) -> dict[str, Target]:
    """Every target by its name."""
    made = [_text(originals, "text")]
    for name in READERS:
        made.append(_text(originals, f"text_{name}", RECIPES[name].layers))
        made.append(_content(originals, name))
    made += [_small(originals, small) for small in SMALL]
    return {target.name: target for target in made}


def _small(originals: Originals, small: Small) -> Target:
    def change(data: bytes, rng: Random, edit: Edit) -> bytes:
        if small.layers is None or rng.random() < PLAIN:
            return edit(data)
        return Mutator(rng, originals.donors, edit).content(data, small.layers)

    return Target(small.name, small.check, small.seeds(), change)


def _text(originals: Originals, name: str, coding: Layers | None = None) -> Target:
    """Whole texts; of every format where no `coding` is given."""
    texts = [
        original.donor.text
        for original in originals.all
        if coding is None or original.donor.layers is coding
    ]

    def change(data: bytes, rng: Random, edit: Edit) -> bytes:
        text = as_text(data) if rng.random() < FRESH else rng.choice(texts)
        layers = coding or _layers_of(text)
        if layers is None or not text.startswith(layers.prefix):
            return edit(data)
        mutator = Mutator(rng, originals.donors, edit)
        changed = mutated(mutator, rng.choice(list(LEVELS)), text, layers)
        return changed.encode("utf-8", "surrogateescape")

    return Target(name, partial(check_text, originals), [text.encode() for text in texts], change)


def _layers_of(text: str) -> Layers | None:
    return next(
        (recipe.layers for recipe in RECIPES.values() if text.startswith(recipe.layers.prefix)),
        None,
    )


def _content(originals: Originals, name: str) -> Target:
    coding = RECIPES[name].layers
    key = min(originals.keys[name], key=lambda key: key.algorithm != "EdDSA")
    payloads = [
        coding.payload.decode(original.donor.parts[2])
        for original in originals.all
        if original.format == name
    ] + RECIPES[name].claims()

    def check(data: bytes) -> None:
        try:
            text = coding.sign(data, key)
        except (ValueError, TypeError, RecursionError):
            return  # this format's envelope cannot even hold it
        check_signed(text, key)

    def change(data: bytes, rng: Random, edit: Edit) -> bytes:
        return Mutator(rng, originals.donors, edit).content(data, coding)

    return Target(f"content_{name}", check, payloads, change)


def check_text(originals: Originals, data: bytes) -> None:
    """Nothing escapes, nothing but an original is believed, and it is so again."""
    text = as_text(data)
    recognises(text)
    part_of(text)
    inspection = inspect_pass(text, originals.ring, NOW)
    outcome = inspection.outcome
    assert outcome == read_pass(text, originals.ring, NOW), "two readings differ"
    assert originals.claims_of_an_original(outcome), "claims that no issuer signed"
    _check_outcome(outcome)
    assert (inspection.failed is None) == isinstance(outcome, VerifiedPass), "no step has failed"


def check_signed(text: str, key: IssuerKey) -> None:
    """Whatever an issuer signs, what comes out is of its types and fit for a screen."""
    outcome = read_pass(text, _Everybody(key.trusted()), NOW)
    assert outcome == read_pass(text, _Everybody(key.trusted()), NOW), "two readings differ"
    _check_outcome(outcome)


def _check_outcome(outcome: VerifiedPass | Rejection) -> None:
    if isinstance(outcome, VerifiedPass):
        assert len(outcome.identity) == 32, "an identity of another length"
        _check_claims(outcome.claims)
        return
    assert outcome.reasons, "a rejection without a reason"
    assert len(set(outcome.reasons)) == len(outcome.reasons), "a reason twice"
    assert outcome.detail in phrases(), "a detail that is no fixed phrase"
    if outcome.proven is not None:
        _check_claims(outcome.proven)


def _check_claims(claims: PassClaims) -> None:
    found = faults(claims)
    assert not found, "; ".join(found)
    survives(claims, NOW)


class _Everybody:
    """A key source in which one key answers for every issuer and kid."""

    def __init__(self, key: TrustedKey) -> None:
        self._keys = (key,)

    def find(self, _issuer: str, _key_id: bytes) -> Sequence[TrustedKey]:
        return self._keys

    def knows(self, _issuer: str) -> bool:
        return True
