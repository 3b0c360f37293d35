"""`make bench-vision`: reads the same frames with every reader and writes docs/vision-bench.*"""

import sys
import time
from pathlib import Path

from tests.bench.vision.photos import photos_read
from tests.bench.vision.recall import (
    SEEDS,
    extra_cases,
    hand_cases,
    presentations,
    shaking_cases,
    single_frames,
    table_cases,
)
from tests.bench.vision.report import Run, goals, page, plot
from tests.bench.vision.timing import measure

DOCS = Path(__file__).parents[3] / "docs"


def main() -> int:
    """Measure, write, print; 1 when something that was asked for is missed."""
    began = time.monotonic()
    times = {cores: found for cores in (1, 2) if (found := measure(cores)) is not None}
    _say(began, "times measured")
    photos = photos_read()
    single = single_frames(case for seed in SEEDS for case in table_cases(seed))
    _say(began, "single frames read")
    extra = single_frames(extra_cases(SEEDS[0]))
    shown = hand_cases(SEEDS[0])
    hand = presentations(shown)
    shaken = shaking_cases(SEEDS[0])
    shaking = presentations(shaken)
    _say(began, "presentations read")
    run = Run(single, extra, hand, len(shown), shaking, len(shaken), photos, times)
    (DOCS / "vision-bench.md").write_text(page(run), "utf-8")
    plot(run, DOCS / "vision-bench.svg")
    for goal in goals(run):
        print(f"{'ok    ' if goal.is_reached else 'MISSED'} {goal.text}: {goal.found}")
    _say(began, f"wrote {DOCS / 'vision-bench.md'} and .svg")
    return 0 if all(goal.is_reached for goal in goals(run)) else 1


def _say(began: float, what: str) -> None:
    print(f"{time.monotonic() - began:5.0f} s  {what}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
