"""The fuzz targets hold on their seeds, so that none of them rots between campaigns."""

import subprocess
import sys
from importlib.util import find_spec
from random import Random

import pytest

from scanner.formats.registry import READERS
from tests.builders import a_pass
from tests.fuzz.mutations import batch
from tests.fuzz.mutators import LEVELS
from tests.fuzz.originals import RECIPES, fresh
from tests.fuzz.sanity import faults
from tests.fuzz.targets import check_text, targets

CHANGES = 40
MUTATIONS = 3000


def test_every_format_has_originals() -> None:
    assert not READERS.keys() - RECIPES.keys(), "write a Recipe for it in tests/fuzz/originals.py"


def test_every_format_has_its_two_targets() -> None:
    assert {f"{mode}_{name}" for mode in ("text", "content") for name in READERS} <= set(
        targets(fresh())
    )


def test_each_property_holds_on_seeds_changed_seeds_and_noise() -> None:
    for target in targets(fresh()).values():
        rng = Random(target.name)
        for seed in target.seeds:
            target.check(seed)
            for _ in range(CHANGES):
                target.check(target.change(seed, rng, lambda data: data[::-1] or b"\0"))
                target.check(rng.randbytes(rng.randrange(80)))


def test_no_mutation_is_believed_in_any_layer_of_any_format() -> None:
    tally = batch(fresh(), seed=1, count=MUTATIONS)
    assert tally.total() == MUTATIONS
    assert {level for _, level, _ in tally} == {*LEVELS, "forgery"}
    assert {name for name, _, _ in tally} == set(READERS)


def test_the_same_seed_makes_the_same_mutations_of_the_same_originals() -> None:
    # A forger's key and signature are new each time, so that only counts can be compared.
    first, again = (batch(fresh(), seed=7, count=200) for _ in range(2))
    assert first == again


def test_a_target_sees_a_believed_forgery() -> None:
    originals = fresh()
    name, keys = next(iter(originals.keys.items()))
    forged = RECIPES[name].layers.sign(_another_payload(name), keys[0])
    with pytest.raises(AssertionError, match="no issuer signed"):
        check_text(originals, forged.encode())


def test_claims_with_control_characters_are_a_fault() -> None:
    assert faults(a_pass(scope="gate\u202e3")) == ["claims.scope holds unprintable characters"]
    assert faults(a_pass(household=7)) == ["claims.household is int"]
    assert not faults(a_pass())


@pytest.mark.skipif(not find_spec("atheris"), reason="atheris has no wheel for this machine")
def test_two_seconds_under_libfuzzer_find_nothing() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "run", "--seconds", "2", "cose"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert " 0 findings" in ran.stdout


def _another_payload(name: str) -> bytes:
    """Claims as no original has them, though well-formed: the first one's, issued a second off."""
    original = next(original for original in fresh().all if original.format == name)
    coding = original.donor.layers
    claims = coding.content.decode(coding.payload.decode(original.donor.parts[2]))
    claims.update({key: claims[key] + 1 for key in (4, "exp", "nbf") if key in claims})
    return bytes(coding.content.encode(claims))
