"""One target under libFuzzer, by atheris: `python -m tests.fuzz.engine TARGET FLAG ...`.

The flags are libFuzzer's own. Findings and corpus lie in `var/fuzz`; `tests.fuzz` starts this.
"""

import sys
from pathlib import Path
from random import Random
from typing import Final

import atheris

with atheris.instrument_imports(include=["scanner", "msgspec", "cbor2"]):
    from tests.fuzz.originals import kept
    from tests.fuzz.targets import MAX_BYTES, targets

FOLDER: Final = Path("var/fuzz")
ORIGINALS: Final = FOLDER / "originals.json"
MEMORY_MB: Final = 1024
DEPTH: Final = 2
"""Changes on top of one another; ours are costly, and each makes several edits already."""


def main(name: str, flags: list[str]) -> None:
    """Fuzz until a flag ends it or the property breaks."""
    target = targets(kept(ORIGINALS))[name]
    corpus = FOLDER / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    findings = FOLDER / "findings"
    findings.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        def edit(inner: bytes) -> bytes:
            return bytes(atheris.Mutate(inner, max(max_size, len(inner) + 1)))

        return target.change(data, Random(seed), edit)[:max_size]

    limits = [
        f"-rss_limit_mb={MEMORY_MB}",
        f"-max_len={MAX_BYTES}",
        f"-mutate_depth={DEPTH}",
        f"-artifact_prefix={findings}/{name}-",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *limits, *flags, str(corpus)], target.check, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
