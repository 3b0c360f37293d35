"""What asking 83 published business rules adds to reading an EU certificate, beside reading alone.

Where the published rules are not at hand, as many are made up. Thread time, in turns, lowest tenth.
"""

import json
import time
from typing import Final

from config.rules import read_layer
from scanner.domain.issuers import EU
from scanner.gate.foreign_rules import ForeignRules
from scanner.gate.judge import Judge
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.policy.joining import join
from scanner.policy.layers import Level
from scanner.trust.bundle.layout import VALUE_SETS, business_rules_path
from tests.bench.certlogic import DATA
from tests.bench.verify import lowest_tenth
from tests.builders import NOW, a_key
from tests.gate_builders import Keys
from tests.rule_builders import rule_json

ROUNDS: Final = 301
COUNTRY: Final = "AT"


def run() -> None:
    """Print reading with and without rules, and what compiling them takes."""
    files = _files()
    asking = ForeignRules()
    began = time.thread_time()
    asking.take(files, asked=True)
    compiled_ms = (time.thread_time() - began) * 1000
    print(f"{len(files) - 1} countries, compiled in {compiled_ms:.1f} ms")
    text = issue_eu_dcc(a_key(EU), now=NOW)
    silent, asked = _judge(""), _judge(f'[foreign]\nbusiness_rules = "{COUNTRY}"')
    asked.foreign = asking
    alone, with_rules = [], []
    for _ in range(ROUNDS):
        alone.append(_read_us(silent, text))
        with_rules.append(_read_us(asked, text))
    floor, whole = lowest_tenth(alone), lowest_tenth(with_rules)
    print(f"reading alone {floor:.0f} us, with the rules of {COUNTRY} {whole:.0f} us")
    print(f"{whole / floor:.2f} x; {(whole - floor) / 1000:.2f} ms more")


def _judge(rules: str) -> Judge:
    layer = read_layer(rules.encode(), "bench", Level.NATION)
    return Judge(join([layer]), Keys([a_key(EU).trusted()]))


def _read_us(judge: Judge, text: str) -> float:
    began = time.thread_time()
    judge.read(text, NOW)
    return (time.thread_time() - began) * 1_000_000


def _files() -> dict[str, bytes]:
    """Of each country all that it publishes, and the value sets."""
    folder = DATA / "business-rules"
    if not folder.is_dir():
        made_up = [rule_json(Identifier=f"VR-AT-{n:04}", Country="AT") for n in range(1, 84)]
        return {business_rules_path("AT"): json.dumps(made_up).encode(), VALUE_SETS: b"{}"}
    files = {VALUE_SETS: (folder / "valuesets" / "valueSets.json").read_bytes()}
    for country in sorted(path.name for path in folder.iterdir() if len(path.name) == 2):
        rules = [path.read_text("utf-8") for path in sorted((folder / country).glob("*/rule.json"))]
        files[business_rules_path(country)] = f"[{','.join(rules)}]".encode()
    return files
