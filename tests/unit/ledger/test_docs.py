import re
from pathlib import Path

import msgspec

from scanner.domain.entries import Entry, EntryType
from scanner.ledger.verify import FaultKind

PAGE = (Path(__file__).parents[3] / "docs" / "ledger.md").read_text("utf-8")


def test_every_key_of_an_entry_is_documented_in_its_order() -> None:
    table = PAGE.partition("## One entry")[2].partition("## The chain")[0]
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert documented == [field.encode_name for field in msgspec.structs.fields(Entry)]


def test_every_type_and_every_fault_is_documented() -> None:
    for word in (*EntryType, *FaultKind):
        assert f"`{word}`" in PAGE
