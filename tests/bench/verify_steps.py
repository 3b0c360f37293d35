"""Where the time from text to verified pass goes, step by step, beside the bare signature check.

Every step is timed alone and in two ways: again and again, and once after each signature check, as
a gate takes it. The check empties the processor's nearest caches, so that the second is the dearer.
Read the shares of the bare check, not the times; what no line names is the registry's own.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

from scanner.domain.passes import Algorithm
from scanner.formats import base45, cbor, cose
from scanner.formats import health_code_claims as table
from scanner.formats.checks import Trail
from scanner.formats.inflate import inflate
from scanner.formats.readers import eu_dcc
from scanner.formats.registry import READERS, read_pass
from scanner.trust.algorithms import verifies
from tests.bench.verify import bare_check, lowest_tenth, one_of_each
from tests.builders import NOW
from tests.fuzz.originals import Original, fresh

ROUNDS: Final = 1000
REPEATS: Final = 10
PREFIXES: Final = {"health_code": table.PREFIX, "eu_dcc": eu_dcc.PREFIX}

Step = Callable[[], object]


def run() -> None:
    """Print the steps of one ES256 code of each format that has a figure to reach."""
    for original in one_of_each():
        evidence = original.read.evidence
        if evidence.format in PREFIXES and evidence.algorithm is Algorithm.ES256:
            _report(original)


def _report(original: Original) -> None:
    name, text, trail = original.format, original.donor.text, Trail()
    reader = READERS[original.read.evidence.format]
    parsed = reader.open(text, trail)
    (key,) = fresh().ring.find(parsed.issuer, parsed.signed.key_id)
    bare = bare_check(key.public_key, parsed.signed)
    steps: dict[str, Step] = {
        "bare check": bare,
        "whole": lambda: read_pass(text, fresh().ring, NOW),
        "open": lambda: reader.open(text, Trail()),
        **_within_open(name, text.removeprefix(PREFIXES[name]), trail),
        "signature": lambda: verifies(parsed.signed, key),
        "interpret": lambda: reader.interpret(parsed, NOW),
    }
    print(f"{name:22}{'again':>10}{'of bare':>9}{'after':>10}{'of bare':>9}   microseconds")
    again, after = {}, {}
    for step, call in steps.items():
        again[step], after[step] = _repeated_us(call), _after_us(call, bare)
        shares = again[step] / again["bare check"], after[step] / again["bare check"]
        print(f"{step:22}{again[step]:10.1f}{shares[0]:9.2f}{after[step]:10.1f}{shares[1]:9.2f}")
    displaced = _after_us(bare, steps["whole"])
    share = displaced / again["bare check"]
    print(f"{'bare check after whole':22}{'':19}{displaced:10.1f}{share:9.2f}")


def _within_open(name: str, encoded: str, trail: Trail) -> Mapping[str, Step]:
    message, compressed, is_strict = trail.cose, trail.compressed, name == "health_code"
    assert message is not None
    envelope = cose.parse(message, strict=is_strict)
    steps: dict[str, Step] = {"  Base45": lambda: base45.decode(encoded)}
    if compressed is not None:
        steps["  zlib"] = lambda: inflate(compressed, eu_dcc.MAX_INFLATED)
    return steps | {
        "  COSE_Sign1": lambda: cose.parse(message, strict=is_strict),
        "    of it CBOR": lambda: cbor.read(message, strict=is_strict),
        "  CBOR of the claims": lambda: cbor.read(envelope.payload, strict=is_strict),
        "  what is signed": lambda: envelope.signed,
        "  identity": lambda: cose.identity(envelope),
    }


def _repeated_us(call: Step) -> float:
    """Microseconds of one call of many in a row."""
    return lowest_tenth([_taken_us(call, REPEATS) / REPEATS for _ in range(ROUNDS)])


def _after_us(call: Step, other: Step) -> float:
    """Microseconds of one call after one of another."""
    taken = []
    for _ in range(ROUNDS):
        other()
        taken.append(_taken_us(call, 1))
    return lowest_tenth(taken)


def _taken_us(call: Step, times: int) -> float:
    began = time.perf_counter_ns()
    for _ in range(times):
        call()
    return (time.perf_counter_ns() - began) / 1000
