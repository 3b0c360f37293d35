"""`make mutations`: a million changed codes, none of which may crash or be believed.

Prints counts by format, layer and outcome, and the seed that repeats them with the originals that
`var/fuzz` keeps. Ends with 1 on the first code that breaks the property, and saves it.
"""

import argparse
import signal
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

from scanner.domain.passes import VerifiedPass
from scanner.formats.registry import inspect_pass, part_of
from scanner.issuing.keys import IssuerKey
from tests.builders import NOW
from tests.fuzz.mutators import LEVELS, Donor, Mutator, mutated
from tests.fuzz.originals import Originals, kept

FOLDER: Final = Path("var/fuzz")
BATCH: Final = 5000
PROCESSES: Final = 2
PROGRESS_S: Final = 10.0
FORGERY: Final = "forgery"
"""Changed claims under a signature of the forger's own, with the victim's kid."""

Tally = Counter[tuple[str, str, str]]


class BrokenError(Exception):
    """A text that crashed the gate or made it believe what no issuer signed."""


def batch(originals: Originals, seed: int, count: int) -> Tally:
    """Try `count` changed codes; the same ones for the same originals and seed.

    Raises:
        BrokenError: one of them breaks the property; its argument is the text.
    """
    rng, tally = Random(seed), Tally()
    mutator = Mutator(rng, originals.donors)
    levels = [*LEVELS, FORGERY]
    forgers = _strangers(originals)
    for _ in range(count):
        original, level = rng.choice(originals.all), rng.choice(levels)
        text, coding = original.donor.text, original.donor.layers
        if level == FORGERY:
            data = coding.payload.decode(original.donor.parts[2])
            forged = coding.sign(mutator.content(data, coding), forgers[original.format])
            text = _under_the_header_of(original.donor, forged)
        else:
            text = mutated(mutator, level, text, coding)
            if rng.random() < 0.2:
                text = mutated(mutator, rng.choice(list(LEVELS)), text, coding)
        tally[original.format, level, tried(originals, text)] += 1
    return tally


def _under_the_header_of(donor: Donor, forged: str) -> str:
    """The forged claims and signature where the header, and so the kid, is the victim's."""
    try:
        parts = donor.layers.envelope.decode(donor.layers.open(forged))
    except ValueError:
        return forged
    return donor.layers.close(donor.layers.envelope.encode([donor.parts[0], *parts[1:]]))


def tried(originals: Originals, text: str) -> str:
    """What became of a text, in a word.

    Raises:
        BrokenError: it crashed the gate, or was believed without being an original.
    """
    try:
        part_of(text)
        inspection = inspect_pass(text, originals.ring, NOW)
    except Exception as error:
        raise BrokenError(text) from error
    outcome = inspection.outcome
    if not originals.claims_of_an_original(outcome):
        raise BrokenError(text)
    if isinstance(outcome, VerifiedPass):
        return "an original"
    return str(inspection.failed)


def _strangers(originals: Originals) -> dict[str, IssuerKey]:
    """Keys that nobody trusts, under the names and kids of those that are."""
    first = {name: keys[0] for name, keys in originals.keys.items()}
    return {
        name: replace(IssuerKey.generate(key.issuer, key.algorithm), key_id=key.key_id)
        for name, key in first.items()
    }


def main() -> int:
    """Run and print; 1 when the property broke."""
    arguments = _arguments()
    # Made before the workers are forked, so that all of them change the same codes.
    originals = kept(FOLDER / "originals.json")
    seeds = Random(arguments.seed)
    sizes = [BATCH] * (arguments.count // BATCH) + [arguments.count % BATCH]
    jobs = [(seeds.getrandbits(64), size) for size in sizes if size]
    print(f"{arguments.count:,} mutations of {len(originals.all)} codes, seed {arguments.seed}")
    tally, done, began, shown = Tally(), 0, time.monotonic(), 0.0
    # An executor tells when a worker dies; a pool would wait for it for ever.
    with ProcessPoolExecutor(PROCESSES, get_context("fork"), _begin, (originals,)) as workers:
        try:
            for part in as_completed([workers.submit(_job, job) for job in jobs]):
                tally += part.result()
                done = tally.total()
                if time.monotonic() - shown > PROGRESS_S:
                    shown = time.monotonic()
                    print(f"  {done:,} in {shown - began:.0f} s", flush=True)
        except BrokenError as error:
            workers.shutdown(cancel_futures=True)
            return _broken(error)
        except KeyboardInterrupt:
            workers.shutdown(cancel_futures=True)
            print("stopped")
    _print_table(tally)
    print(f"{done:,} in {time.monotonic() - began:.0f} s: nothing escaped, nothing was believed")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=SystemRandom().getrandbits(32))
    return parser.parse_args()


def _begin(originals: Originals) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the workers
    _work.append(originals)


def _job(job: tuple[int, int]) -> Tally:
    return batch(_work[0], *job)


_work: Final[list[Originals]] = []
"""The originals of a worker process."""


def _broken(error: BrokenError) -> int:
    traceback.print_exception(error)
    data = str(error.args[0]).encode("utf-8", "surrogateescape")
    path = FOLDER / "findings" / f"mutation-{sha256(data).hexdigest()[:16]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"BROKEN by {path}. Replay: python -m tests.fuzz replay text {path}")
    return 1


def _print_table(tally: Tally) -> None:
    outcomes = sorted({outcome for _, _, outcome in tally})
    rows = sorted({(name, level) for name, level, _ in tally})
    print(f"{'format':18}{'layer':11}" + "".join(f"{outcome:>13.12}" for outcome in outcomes))
    for name, level in rows:
        counts = (tally[name, level, outcome] for outcome in outcomes)
        print(f"{name:18}{level:11}" + "".join(f"{count:13,}" for count in counts))
    sums = (sum(n for (_, _, o), n in tally.items() if o == outcome) for outcome in outcomes)
    print(f"{'all':29}" + "".join(f"{count:13,}" for count in sums))


if __name__ == "__main__":
    sys.exit(main())
