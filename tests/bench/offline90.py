"""Ninety days without any news: what each of the four policies does, day by day."""

import tempfile
from pathlib import Path

from scanner.policy.rules import WhenStale
from tests.offline import ninety_days


def run() -> None:
    """Print the days on which something changes, as docs/trust.md has them."""
    for policy in WhenStale:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            steps = ninety_days(Path(folder), policy)
        print(f"degraded = {policy.value!r}")
        for step in steps:
            print(f"  day {step.day:2}  {step.bundle}")
            people = (("33", step.zhejiang), ("44", step.guangdong))
            for (issuer, outcome), reasons in zip(people, step.reasons, strict=True):
                print(f"    {issuer}: {outcome:18} {', '.join(reasons)}")
