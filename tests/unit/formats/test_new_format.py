"""A new format is one file: nothing else has to know of it."""

import subprocess
import sys
from pathlib import Path
from typing import Final

TOY: Final = """
from scanner.domain.passes import ParsedPass, PassClaims, PassFormat, PassKind
from scanner.formats import base45, cbor, cose, cwt
from scanner.formats.checks import Check
from scanner.formats.reader import Statement


class ToyReader:
    format = PassFormat("toy")
    title = "Toy pass"
    steps = (Check.PREFIX, Check.ENVELOPE, Check.KEY, Check.SIGNATURE, Check.TIME)

    def accepts(self, text):
        return text.startswith("TOY1:")

    def part(self, text):
        return None

    def open(self, text, trail):
        envelope = cose.parse(base45.decode(text[5:]), strict=True)
        content = cbor.read(envelope.payload, strict=True)
        return ParsedPass(envelope.signed, cose.identity(envelope), "XYZ", content)

    def interpret(self, parsed, now):
        times = cwt.read_times(parsed.content, strict=True)
        claims = PassClaims(self.format, PassKind.CLEARANCE, "XYZ", None, times.issued_at)
        return Statement(times, frozenset((claims.kind,)), claims)


READER = ToyReader()
"""

SCRIPT: Final = """
import sys
from datetime import UTC, datetime
from pathlib import Path

from scanner.formats import readers

readers.__path__.append(sys.argv[1])

import cbor2

from config.recognition import load_recognition
from scanner.cli.verify_words import explain
from scanner.domain.passes import Algorithm
from scanner.formats import base45
from scanner.formats.registry import inspect_pass
from scanner.issuing.keys import IssuerKey
from scanner.issuing.signing import sign1
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.recognition import HostRecognition
from scanner.policy.rules import RuleSet
from scanner.trust.key_ring import KeyRing

now = datetime.now(UTC)
key = IssuerKey.generate("XYZ")
text = "TOY1:" + base45.encode(sign1(cbor2.dumps({6: int(now.timestamp())}), key))
inspection = inspect_pass(text, KeyRing([key.trusted()]), now)
print(next(explain(inspection)))
print(inspection.outcome.evidence.format)
here = HostRecognition(load_recognition(Path(sys.argv[2])), None)
print(evaluate(inspection.outcome, RuleSet(), Circumstances(now), here).decision)
"""


def test_a_file_among_the_readers_is_all_that_a_new_format_needs(tmp_path: Path) -> None:
    folder = tmp_path / "readers"
    folder.mkdir()
    (folder / "toy.py").write_text(TOY)
    matrix = tmp_path / "recognition.toml"
    matrix.write_text(
        'version = "toy"\n[[row]]\nhost = "*"\nissuer = "XYZ"\nmode = "verify"\nformats = ["toy"]\n'
    )
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), str(matrix)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.split("\n")[:3] == ["Toy pass", "toy", "ADMIT"], ran.stderr
