"""Gates of one site on real sockets: what passes at one is known at the other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.domain.direction import GateDirection
from scanner.domain.errors import LedgerError, ProtocolError
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.gate.crossings import Totals
from scanner.gate.doorway import Doorway
from scanner.gate.liaison import Liaison
from scanner.gate.messages import CountInside
from scanner.gate.neighbours import NONCE_BYTES, SILENT_S, Told, seal
from scanner.ledger.site_key import SECRET_BYTES, Link
from scanner.policy.rules import MaxAgeRules, PassbackRules, RuleSet
from scanner.post import MOST_BYTES, Post
from sync.agent.client import HubClient
from sync.neighbours.by_hub import ByHub
from sync.neighbours.carrying import carry
from sync.neighbours.lan import MOST_A_SECOND, Lan
from sync.protocol import MAX_DATAGRAMS
from tests.builders import NOW, a_code, a_key
from tests.gate_builders import Gate
from tests.sync_builders import a_device, served

RULES = RuleSet(max_age=MaxAgeRules(dynamic_s=86_400), passback=PassbackRules(anti_passback=True))
CODE = a_code(expires_at=NOW + timedelta(days=1))
LOOPBACK = "127.0.0.1"
PATIENCE = 400


class SiteGate:
    """A gate, its carrier in a thread, and the sockets between them."""

    def __init__(self, folder: Path, direction: GateDirection, lan: Lan) -> None:
        self.gate = Gate(
            folder, [a_key()], RULES, direction=direction, device=f"d-{folder.name}", gates=2
        )
        self.lan = lan
        self.folder = folder
        self.post = Post(folder / "gate.sock", folder / "carrier.sock")
        self._carrier = Post(folder / "carrier.sock", folder / "gate.sock")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=carry, args=(self._carrier, lan, None, self._stop))
        self._thread.start()
        self.begin()

    def begin(self) -> None:
        self.liaison = Liaison(self.doorway, self.post, 2, self.gate.now())

    @property
    def doorway(self) -> Doorway:
        assert self.gate.doorway is not None
        return self.gate.doorway

    @property
    def inside(self) -> int:
        return self.doorway.comings.inside

    @property
    def is_counted(self) -> bool:
        return self.doorway.is_counted(self.gate.now().at)

    @property
    def hears_all(self) -> bool:
        return self.doorway._hears_all

    def turn(self) -> None:
        self.gate.seconds += 0.05
        self.liaison.turn(self.gate.now())

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.gate.ledger.close()
        for end in (self.post, self._carrier):
            end.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[SiteGate, SiteGate]]:
    """An entrance and an exit that share the site's key."""
    with ExitStack() as stack:
        (tmp_path / "in").mkdir()
        (tmp_path / "out").mkdir()
        first = stack.enter_context(Lan((LOOPBACK, 0), []))
        second = stack.enter_context(Lan((LOOPBACK, 0), [first.address]))
        first._peers = (second.address,)
        entrance = SiteGate(tmp_path / "in", GateDirection.IN, first)
        stack.callback(entrance.close)
        key = (tmp_path / "in" / "site.key").read_bytes()
        (tmp_path / "out" / "site.key").write_bytes(key)
        way_out = SiteGate(tmp_path / "out", GateDirection.OUT, second)
        stack.callback(way_out.close)
        _until(lambda: entrance.hears_all and way_out.hears_all, entrance, way_out)
        yield entrance, way_out


def _until(holds: Callable[[], bool], *gates: SiteGate) -> None:
    """Let the gates turn until something holds; fails when it does not come about."""
    pause = threading.Event()
    for _ in range(PATIENCE):
        for gate in gates:
            gate.turn()
        if holds():
            return
        pause.wait(0.01)
    pytest.fail("nothing was heard")


def _empty(gate: SiteGate) -> None:
    gate.gate.pipeline.command(CountInside(command=1, number=0), gate.gate.now())


def test_who_comes_in_here_goes_out_there(site: tuple[SiteGate, SiteGate]) -> None:
    entrance, way_out = site
    _empty(entrance)
    _until(lambda: way_out.is_counted, *site)
    entrance.gate.wait(60)
    way_out.gate.wait(60)
    assert entrance.gate.verdict(CODE).decision is Decision.ADMIT
    _until(lambda: way_out.inside == 1, *site)
    way_out.gate.wait(600)
    entrance.gate.wait(600)
    leaves = way_out.gate.verdict(CODE)
    assert (leaves.decision, leaves.reasons) == (Decision.ADMIT, (Reason.OK,))
    assert leaves.dwell_s is not None
    assert leaves.dwell_s // 60 == 10
    _until(lambda: entrance.inside == 0, *site)
    again = way_out.gate
    again.wait(600)
    stranger = again.verdict(CODE)
    assert stranger.reasons == (Reason.EXIT_WITHOUT_ENTRY,)


def test_sooner_than_anybody_walks(site: tuple[SiteGate, SiteGate]) -> None:
    entrance, way_out = site
    entrance.gate.verdict(CODE)
    _until(lambda: way_out.inside == 1, *site)
    leaves = way_out.gate.verdict(CODE)
    assert (leaves.decision, leaves.reasons) == (
        Decision.ADMIT,
        (Reason.SEEN_AT_OTHER_GATE,),
    )


def test_a_gate_that_was_away_hears_what_it_missed(site: tuple[SiteGate, SiteGate]) -> None:
    entrance, way_out = site
    _empty(entrance)
    _until(lambda: way_out.is_counted, *site)
    texts = [
        a_code(code_id=b"code-%d" % n, holder=None, expires_at=NOW + timedelta(days=1))
        for n in range(12)
    ]
    for text in texts:
        entrance.gate.wait(10)
        entrance.gate.verdict(text)
    for _ in range(20):
        entrance.turn()  # nobody listens there
    way_out.gate.restart()
    way_out.gate.wait(130)
    way_out.begin()
    comings = way_out.doorway.comings
    _until(lambda: len(list(comings.crossings())) == 12, *site)
    assert way_out.inside == 12


def test_a_site_that_is_not_heard_is_no_reason_to_miss_anybody(
    site: tuple[SiteGate, SiteGate],
) -> None:
    entrance, way_out = site
    _empty(way_out)
    way_out.gate.wait(SILENT_S + 5)
    way_out.turn()
    assert not way_out.hears_all
    leaves = way_out.gate.verdict(CODE)
    assert (leaves.decision, leaves.reasons) == (Decision.ADMIT, (Reason.OK,))
    assert entrance.inside == 0


def test_a_gate_with_another_key_is_not_heard(tmp_path: Path) -> None:
    with ExitStack() as stack:
        gates = []
        lans = [stack.enter_context(Lan((LOOPBACK, 0), [])) for _ in range(2)]
        for lan, other, name in zip(lans, lans[::-1], "ab", strict=True):
            lan._peers = (other.address,)
            (tmp_path / name).mkdir()
            gate = SiteGate(tmp_path / name, GateDirection.IN, lan)
            stack.callback(gate.close)
            gates.append(gate)
        _until(lambda: all(gate.liaison.thrown_away for gate in gates), *gates)
        assert not any(gate.hears_all for gate in gates)


def test_noise_and_a_flood_cost_the_gate_little() -> None:
    with Lan((LOOPBACK, 0), []) as lan, Lan((LOOPBACK, 0), [lan.address]) as noisy:
        noisy.send(bytes(MOST_BYTES + 1))
        noisy.send(b"noise")
        assert lan.receive(1.0) == [b"noise"]
        taken = 0
        for _ in range(2 * MOST_A_SECOND):
            noisy.send(b"flood")
            taken += len(lan.receive(1.5))
        assert taken == MOST_A_SECOND - 1


def test_a_port_that_is_taken_is_told_with_a_remedy() -> None:
    with Lan((LOOPBACK, 0), []) as lan, pytest.raises(ProtocolError, match=r"neighbours\.listen"):
        Lan(lan.address, [])


def test_a_carrier_that_is_not_there_costs_the_datagram_only(tmp_path: Path) -> None:
    with Post(tmp_path / "here", tmp_path / "nobody") as post:
        assert not post.send(b"datagram")
        assert list(post.receive()) == []


def test_a_socket_that_a_killed_process_left_is_replaced(tmp_path: Path) -> None:
    left = Post(tmp_path / "here", tmp_path / "there")
    with (
        Post(tmp_path / "here", tmp_path / "there"),
        Post(tmp_path / "there", tmp_path / "here") as other,
    ):
        assert other.send(b"datagram")
    left.close()


def test_without_a_runtime_folder_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="runtime folder"):
        Post(tmp_path / "absent" / "here", tmp_path / "there")


def test_where_the_network_does_not_join_them_the_hub_does(tmp_path: Path) -> None:
    devices = [a_device(1), a_device(2)]
    with served(tmp_path, devices) as (_, port):
        ways = [ByHub(HubClient(f"http://127.0.0.1:{port}", device)) for device in devices]
        first, second = ways
        keys = Link(NOW.date(), bytes(SECRET_BYTES)).keys()
        told = Told("d-first", NOW, 1, NOW, 0, (), Totals(NOW))
        sealed = [seal(told, keys, bytes([number]) * NONCE_BYTES) for number in range(30)]
        for datagram in sealed:
            first.send(datagram)
        second.send(sealed[0])
        first.exchange()
        for _ in range(2):
            second.exchange()
        assert second.received() == sealed[-MAX_DATAGRAMS:]
        assert second.received() == []


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"rooms":["x"],"after":0,"datagrams":[]}',
        b'{"rooms":["%s"],"after":-1,"datagrams":[]}' % (b"0" * 24),
        b'{"rooms":["%s"],"after":0,"datagrams":["%s"]}' % (b"0" * 24, b"A" * 60),
        b'{"rooms":["%s"],"after":0,"datagrams":["%s"]}' % (b"0" * 24, b"A" * 2000),
        b'{"rooms":["%s"],"after":0,"datagrams":["%s"]}' % (b"0" * 24, b"!" * 60),
    ],
    ids=["empty", "no room", "negative", "no datagram", "too long", "no base64"],
)
def test_the_hub_passes_on_nothing_else(tmp_path: Path, body: bytes) -> None:
    with served(tmp_path, [a_device()]) as (_, port):
        client = HubClient(f"http://127.0.0.1:{port}", a_device())
        assert client.neighbours(body, timedelta(0)).status == 400


def test_a_stranger_gets_nothing(tmp_path: Path) -> None:
    with served(tmp_path, [a_device(1)]) as (_, port):
        client = HubClient(f"http://127.0.0.1:{port}", a_device(2))
        assert client.neighbours(b"{}", timedelta(0)).status == 401
