"""The whole data folder of a gate that saw a thousand people is stolen: nobody is in it.

The gate is the real process, with its log in the folder, killed so that the write-ahead log is
there too; sync has brought the entries to a real hub.
"""

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from config.settings import GateSettings, load_gate_settings
from scanner.cli.demo.setup import deploy
from scanner.domain.passes import Holder, IdKind
from scanner.gate.framing import receive
from scanner.gate.messages import decode_event
from scanner.gate.status import Health, Part, Status
from scanner.issuing.keys import IssuerKey
from scanner.ledger.device import load_or_create_device
from scanner.ledger.reader import LedgerReader
from scanner.ledger.seal import sealing_context, unseal
from scanner.ledger.site_key import Link
from sync.agent.client import HubClient
from sync.agent.enrolment import ENROLMENT_FILE, Enrolment, save_enrolment
from sync.agent.service import Agent, AgentPaths
from sync.hub.service import Hub
from sync.protocol import encode_bytes
from tests.scanner_builders import Cable
from tests.sync_builders import identity_of, served, wait_until
from tests.theft import Person, coded, found, guesses, people, pieces, spellings, stolen

pytestmark = pytest.mark.xdist_group("theft")

COUNT = 1000
KEY = IssuerKey.generate("33")
ONE_OF_EACH = {"seq", "at", "mono_ms", "occupancy", "subject", "sealed"}
"""Keys whose values may tell one person's entry from another's."""


class Loot(Struct, frozen=True):
    """What the thief has, and who really was there."""

    card: dict[Path, bytes]
    runtime: dict[Path, bytes]
    lines: list[dict[str, object]]
    seen: list[Person]
    stranger: Person
    sealed_at_hub: list[Holder]

    @property
    def subjects(self) -> set[str]:
        return {str(line["subject"]) for line in self.lines}


@pytest.fixture(scope="module")
def loot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loot]:
    folder = tmp_path_factory.mktemp("theft")
    now = datetime.now(UTC).replace(microsecond=0)
    *seen, stranger = people(COUNT + 1, KEY, now)
    deployment = deploy(folder, [KEY], now)
    tree = load_gate_settings(deployment.gate_settings)
    device = load_or_create_device(tree.device_key)
    with served(folder / "served", [device]) as (hub, port):
        enrol(tree, hub, device.device_id)
        log = (tree.paths.state / "gate.log").open("wb")
        cable = Cable(folder / "ttyACM0")
        text = deployment.gate_settings.read_text("utf-8")
        text = text.replace(f"simulated:{deployment.stage}", "none")
        text = text.replace("[site]", '[site]\nid = "theft"\ndirection = "in"')
        deployment.gate_settings.write_text(
            f'{text}\n[scanner]\ndevices = ["serial:{cable.path}"]\n', "utf-8"
        )
        words = ("run", "--headless", "--settings", str(deployment.gate_settings))
        gate = subprocess.Popen([sys.executable, "-m", "scanner.cli", *words], stderr=log)
        try:
            wait_until(tree.socket.is_socket)
            wait_for_scanner(tree.socket)
            for number, person in enumerate(seen, 1):
                cable.send(person.text.encode() + b"\r\n")
                if number % 10 == 0:  # the gate holds 16 that it has not taken yet
                    wait_until(partial(has_scans, tree, number))
            bring_to_hub(tree, hub, port)
        finally:
            gate.kill()
            gate.wait()
            cable.unplug()
            log.close()
        with LedgerReader(tree.ledger) as reader:
            lines = [
                (line.seq, json.loads(line.line)) for line in reader.lines_after(0, 5000, 1 << 30)
            ]
        opened = [
            unseal(hub.keys.sealing, line["sealed"], sealing_context(device.device_id, seq))
            for seq, line in lines
            if "sealed" in line
        ]
    yield Loot(
        stolen(tree.paths.state, tree.trust.folder),
        stolen(tree.paths.runtime),
        [line for _, line in lines if line["type"] == "scan"],
        seen,
        stranger,
        opened,
    )
    deployment.remove_runtime()


def enrol(tree: GateSettings, hub: Hub, device_id: str) -> None:
    enrolment = Enrolment(
        device=device_id,
        hub=hub.keys.name,
        signing_key=encode_bytes(hub.keys.signing_public),
        sealing_key=encode_bytes(hub.keys.sealing_public),
        enrolled_at=datetime.now(UTC),
    )
    save_enrolment(enrolment, tree.paths.state / ENROLMENT_FILE, tree.sealing_key)


def wait_for_scanner(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as kiosk:
        kiosk.settimeout(20)
        kiosk.connect(str(path))
        while body := receive(kiosk):
            event = decode_event(body)
            if isinstance(event, Status) and event.parts.get(Part.SCANNER) is Health.WELL:
                return


def has_scans(tree: GateSettings, count: int) -> bool:
    with LedgerReader(tree.ledger) as reader:
        return reader.last().seq > count  # and the START line


def bring_to_hub(tree: GateSettings, hub: Hub, port: int) -> None:
    device = load_or_create_device(tree.device_key)
    paths = AgentPaths(tree.ledger, tree.outbox, tree.sync_status)
    client = HubClient(f"http://127.0.0.1:{port}", device)
    agent = Agent(paths, device, identity_of(hub), client, interval_s=60)
    assert agent.run_once(threading.Event(), timeout_s=20)


def test_everybody_was_there_and_the_hub_can_tell_who(loot: Loot) -> None:
    """Otherwise the other tests would find nothing for a poor reason."""
    assert len(loot.lines) == COUNT
    assert len(loot.subjects) == COUNT
    holders = [Holder(p.masked, IdKind.RESIDENT_CARD, p.suffix) for p in loot.seen]
    assert loot.sealed_at_hub == holders
    names = {path.name for path in loot.card}
    assert {"ledger.db", "ledger.db-wal", "outbox.json", "enrolment.json", "gate.log"} <= names
    assert loot.card[next(p for p in loot.card if p.name == "gate.log")].count(b"verdict") == COUNT


def test_a_search_would_find_what_is_there(loot: Loot) -> None:
    hay = [b"...".join((spelling, b"")) for spelling in spellings(loot.seen[0].name)]
    assert len(found(spellings(loot.seen[0].name), hay)) == len(hay)
    subjects = [subject.encode() for subject in loot.subjects]
    assert len(found(subjects, loot.card.values())) > 0.9 * COUNT  # others are cut by a page's end


def test_no_name_masked_or_not_and_no_number_is_found(loot: Loot) -> None:
    needles = {
        spelling
        for person in loot.seen
        for text in (person.name, person.masked, person.id_number)
        for spelling in spellings(text)
    }
    assert found(needles, loot.card.values()) == set()


def test_no_suffix_is_found_in_anything_but_sealed_text_and_keys(loot: Loot) -> None:
    """In base64 any four characters stand sooner or later, and nobody can tell why."""
    told = [re.sub(rb'"sealed":"[^"]*"', b"", json_lines) for json_lines in texts(loot)]
    assert found({person.suffix.encode() for person in loot.seen}, told) == set()


def texts(loot: Loot) -> list[bytes]:
    """What is told of each person, and every file that is no database and no key."""
    words = (".log", ".json")
    lines = [json.dumps(line, ensure_ascii=False).replace('": "', '":"') for line in loot.lines]
    files = [
        data
        for path, data in loot.card.items()
        if path.suffix in words and path.name != "enrolment.json" and "trust" not in path.parts
    ]
    return [*(line.encode() for line in lines), *files]


def test_no_piece_of_a_code_is_found_as_text_bytes_hex_or_base64(loot: Loot) -> None:
    of_texts, of_messages = pieces(loot.seen)
    assert len(of_texts) > 9 * COUNT
    assert len(of_messages) > 5 * COUNT
    needles = {spelling for text in of_texts for spelling in spellings(text)}
    needles.update(spelling for data in of_messages for spelling in coded(data))
    assert found(needles, loot.card.values()) == set()


def test_lines_differ_in_nothing_that_a_person_could_be_told_by(loot: Loot) -> None:
    values: dict[str, set[str]] = {}
    for line in loot.lines:
        for key, value in line.items():
            values.setdefault(key, set()).add(json.dumps(value))
    assert {key for key, found_values in values.items() if len(found_values) > 60} == ONE_OF_EACH
    assert {len(str(line["sealed"])) for line in loot.lines} == {len(str(loot.lines[0]["sealed"]))}


def keys_on(files: dict[Path, bytes]) -> set[bytes]:
    """Everything there that could serve as a key: whole files, what stands in them, raw windows."""
    keys = set(files.values())
    for path, data in files.items():
        keys.update(re.findall(rb"[^\s\"',:{}\[\]]{4,}", data))
        keys.update(bytes.fromhex(word.decode()) for word in re.findall(rb"[0-9a-f]{64}", data))
        if path.suffix in (".pem", ".json", ".log") or path.name.startswith("daily-key"):
            window = (data[at : at + 32] for at in range(min(len(data), 4096)))
            keys.update(window)
    return keys


def test_a_thief_who_has_the_code_and_knows_the_person_cannot_tell_whether_it_was_there(
    loot: Loot,
) -> None:
    keys = keys_on(loot.card)
    assert len(keys) > 5000
    for person in (loot.seen[0], loot.stranger):
        guessed = {guess[:16] for guess in guesses(person, keys)}
        assert not guessed & loot.subjects


def test_the_sites_key_which_is_on_the_card_leads_to_nobody_either(loot: Loot) -> None:
    (secret,) = (data for path, data in loot.card.items() if path.name == "site.key")
    keys = msgspec.json.decode(secret, type=Link).keys()
    names = {
        spelling
        for person in loot.seen
        for what in (b"code" + person.identity, person.identity, person.text.encode())
        for spelling in coded(keys.name(what))
    }
    assert found(names, loot.card.values()) == set()
    assert not loot.subjects & {keys.name(person.identity).hex()[:16] for person in loot.seen}


def test_with_the_ram_he_could_and_that_is_why_the_key_is_nowhere_else(loot: Loot) -> None:
    keys = keys_on(loot.runtime)
    there, stranger = (
        {guess[:16] for guess in guesses(person, keys)} for person in (loot.seen[0], loot.stranger)
    )
    assert there & loot.subjects == {loot.lines[0]["subject"]}
    assert not stranger & loot.subjects
