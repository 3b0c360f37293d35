"""What a stick with 20 MB costs the people at the gate: verdicts with an update beside them."""

import os
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from statistics import quantiles

from scanner.domain.passes import HEALTH_CODE, Colour, PassClaims, PassKind
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from tests.builders import NOW
from tests.gate_builders import Gate
from tests.trust_builders import a_country, a_repository

CODES = 600
SIZE = 20 << 20
_KEY = IssuerKey.generate("33")


def run() -> None:
    """Print the time from frame to durable verdict: alone, and while a stick is taken in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        publisher = a_repository(folder / "stick", a_country(1))
        publisher.put("issuer-33", "revocation/33/extra.bin", os.urandom(SIZE), NOW)
        publisher.publish(folder / "stick", NOW)
        gate = Gate(folder, [_KEY])
        codes = [_code(number) for number in range(2 * CODES)]
        _verdicts(gate, codes[:20])
        alone = _verdicts(gate, codes[20:CODES])
        stop, updates = threading.Event(), [0]

        def take_in() -> None:
            while not stop.is_set():
                store = BundleStore(folder / f"gate-{updates[0]}")
                update(store, FolderSource(folder / "stick"), publisher.pinned_root)
                updates[0] += 1

        thread = threading.Thread(target=take_in)
        thread.start()
        beside = _verdicts(gate, codes[CODES:])
        stop.set()
        thread.join()
    for label, times in (("alone", alone), (f"beside {updates[0]} updates in a row", beside)):
        cuts = quantiles(times, n=100)
        print(
            f"{label:32} median {cuts[49]:6.1f} ms, 95 % {cuts[94]:6.1f} ms,"
            f" longest {max(times):6.1f} ms"
        )


def _verdicts(gate: Gate, codes: list[str]) -> list[float]:
    times = []
    for code in codes:
        began = time.perf_counter()
        gate.show(code)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _code(number: int) -> str:
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer="33",
        colour=Colour.GREEN,
        issued_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        code_id=number.to_bytes(8, "big"),
    )
    return issue_health_code(claims, _KEY)
