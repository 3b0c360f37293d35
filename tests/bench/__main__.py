"""`make bench`, or `python -m tests.bench NAME ...`: the figures that docs/ quotes.

Each module beside this one has a `run()` that prints its figures as ratios within one run: read the
ratios, not the absolute times of a shared machine.
"""

import sys
from importlib import import_module
from pathlib import Path


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all of them."""
    here = Path(__file__).parent
    known = sorted(path.stem for path in here.glob("*.py") if not path.stem.startswith("_"))
    if unknown := set(names) - set(known):
        sys.exit(f"no benchmark named {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    for name in names or known:
        print(f"== {name}")
        import_module(f"tests.bench.{name}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
