"""What the hub does with a request, once its bytes are here: identity, checks, store, answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import ProtocolError
from scanner.ledger.checkpoint import cosign
from scanner.log import EventLog
from sync import protocol, signatures
from sync.hub.bell import Bell
from sync.hub.bodies import gunzip
from sync.hub.enrolment import token_hash
from sync.hub.ingest import read_locator, read_push
from sync.hub.keys import HubKeys
from sync.hub.mailroom import Mailroom
from sync.hub.refusal import Refusal
from sync.hub.store.base import Device, HubStore, StoreError, UnknownPredecessorError
from sync.hub.sunsets import read_request, reply, take_certificate
from sync.hub.trace_keys import HubTraceKeys
from sync.hub.trust_repository import TrustMark
from sync.protocol import Cursor, DayKey, ErrorCode, encode_bytes, milliseconds

_NAME_LENGTH = 64
_NONCE = protocol.REQUEST_NONCE.lower()


@dataclass(frozen=True, slots=True)
class HubConfig:
    """What an operator decides.

    Attributes:
        title: heads the first page.
        public_url: what gates call, without a slash at the end; signatures cover it.
        next_sync_s: pause between heartbeats that gates are asked for.
        linger_s: how long gates gather entries before they push.
        trust: the folder of the trust repository that is given out; None when another server does.
        notify_url: the operator's webhook for suspected forgeries; None where there is none.
    """

    title: str
    public_url: str
    next_sync_s: float
    linger_s: float = 0.5
    trust: Path | None = None
    notify_url: str | None = None


class Hub:
    """The hub's answers. Every method may be called from any thread.

    Attributes:
        bell: rings when a gate has sent a suspected forgery, or one that shows impossible travel,
            once it is stored.
        traces: keys with which gates mark who came; None gives none out.
    """

    def __init__(
        self,
        config: HubConfig,
        store: HubStore,
        keys: HubKeys,
        clock: Callable[[], datetime],
        traces: HubTraceKeys | None = None,
    ) -> None:
        self.config = config
        self.store = store
        self.keys = keys
        self.clock = clock
        self.bell = Bell()
        self.traces = traces
        self.sweep()
        self._trust = TrustMark(config.trust)
        self._mailroom = Mailroom(clock())
        self._log = EventLog(__name__)

    def push(self, device_id: str, request: signatures.Request) -> protocol.PushReply:
        """Take a signed batch.

        Raises:
            Refusal: nothing of it was stored.
        """
        now = self.clock()
        device = self._authenticate(device_id, request, signatures.PUSH_COMPONENTS, now)
        return self.take(device, request.headers, request.body, now)

    def take(
        self, device: Device, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> protocol.PushReply:
        """Take a batch that is known to come from `device`.

        Raises:
            Refusal: nothing of it was stored.
        """
        if headers.get("content-encoding") != "gzip":
            raise Refusal(ErrorCode.UNSUPPORTED, "Content-Encoding must be gzip.")
        lines = gunzip(body, protocol.MAX_BODY_BYTES)
        key = Ed25519PublicKey.from_public_bytes(device.public_key)
        try:
            push = read_push(device.device_id, key, headers, lines)
            note = cosign(push.checkpoint, self.keys.name, self.keys.signing)
            done = self.store.append(device, push.batch, push.report, note, now)
            trace_keys = self._trace_keys(device, now)
        except ProtocolError as error:
            raise Refusal(ErrorCode.BAD_BATCH, error.found) from error
        except UnknownPredecessorError as error:
            raise Refusal(ErrorCode.UNKNOWN_PREDECESSOR) from error
        except StoreError as error:
            raise self._unavailable(error) from error
        is_forgery = any(link.entry and link.entry.digest for link in push.batch.links)
        if done.travels or (done.written and is_forgery):
            self.bell.ring()
        if done.notices or done.quarantined:
            self._log.warning(
                "log_noticed",
                device=device.device_id,
                seq=push.batch.last_seq,
                notices=[str(notice) for notice in done.notices],
                quarantined=done.quarantined,
            )
        server_time = milliseconds(now)
        time_text = protocol.time_text(headers.get(_NONCE, ""), server_time)
        return protocol.PushReply(
            acked=Cursor(push.batch.last_seq, encode_bytes(push.batch.last_head)),
            archived=Cursor(done.archived_seq, encode_bytes(done.archived_head)),
            written=done.written,
            duplicate=done.duplicate,
            quarantined=done.quarantined,
            heads=done.heads,
            server_time=server_time,
            next_sync_s=self.config.next_sync_s,
            linger_s=self.config.linger_s,
            checkpoint=note,
            time_signature=encode_bytes(self.keys.signing.sign(time_text)),
            notices=done.notices,
            trust=self._trust.read(),
            trace_keys=trace_keys,
        )

    def locate(self, device_id: str, request: signatures.Request) -> protocol.LocateReply:
        """Tell the newest common entry.

        Raises:
            Refusal: the request is not the gate's, or no locator.
        """
        now = self.clock()
        device = self._authenticate(device_id, request, signatures.MESSAGE_COMPONENTS, now)
        return self.find_common(device, request.body, now)

    def find_common(self, device: Device, body: bytes, now: datetime) -> protocol.LocateReply:
        """Answer a locator that is known to come from `device`.

        Raises:
            Refusal: it is no locator.
        """
        try:
            genesis, places = read_locator(device.device_id, body)
            seq, head = self.store.newest_known(device, places) or (0, genesis)
        except ProtocolError as error:
            raise Refusal(ErrorCode.BAD_REQUEST, error.found) from error
        except StoreError as error:
            raise self._unavailable(error) from error
        return protocol.LocateReply(Cursor(seq, encode_bytes(head)), milliseconds(now))

    def sunset(self, device_id: str, request: signatures.Request) -> protocol.SunsetReply:
        """Keep the last certificate of a gate that has erased itself.

        Raises:
            Refusal: it is not that gate's.
        """
        now = self.clock()
        components = signatures.MESSAGE_COMPONENTS
        device = self._authenticate(device_id, request, components, now, may_be_retired=True)
        note = read_request(request.body)
        try:
            kept = take_certificate(note, device, self.store, self.keys, now)
        except StoreError as error:
            raise self._unavailable(error) from error
        self._log.info("gate_erased_itself", device=device_id)
        return reply(kept, self.clock)

    def neighbours(self, device_id: str, request: signatures.Request) -> protocol.NeighboursReply:
        """Pass on what gates of a site tell one another; nothing of it is opened or stored.

        Raises:
            Refusal: the request is not the gate's, or makes no sense.
        """
        now = self.clock()
        device = self._authenticate(device_id, request, signatures.MESSAGE_COMPONENTS, now)
        try:
            wanted = decode_json(request.body, protocol.NeighboursRequest)
            letters = [(_room(datagram), datagram) for datagram in wanted.datagrams]
        except (UndecodableError, ProtocolError) as error:
            raise Refusal(ErrorCode.BAD_REQUEST, "Not datagrams.") from error
        self._mailroom.put(device.device_id, letters, now)
        after, datagrams = self._mailroom.get(device.device_id, wanted.rooms, wanted.after, now)
        return protocol.NeighboursReply(after, datagrams)

    def enrol(self, request: signatures.Request) -> protocol.EnrolReply:
        """Make a gate known, for a token that nobody else has spent.

        Raises:
            Refusal: the token does not count, or the request is not signed with the new key.
        """
        now = self.clock()
        try:
            wanted = decode_json(request.body, protocol.EnrolRequest)
            public_key = protocol.decode_bytes(wanted.public_key, 32)
        except (UndecodableError, ProtocolError) as error:
            raise Refusal(ErrorCode.BAD_REQUEST, "Not an enrolment.") from error
        device_id = protocol.device_id_of(public_key)
        key = Ed25519PublicKey.from_public_bytes(public_key)
        self._check_signature(request, signatures.MESSAGE_COMPONENTS, device_id, key, now)
        hashed = token_hash(wanted.token)
        names = wanted.site[:_NAME_LENGTH], wanted.gate[:_NAME_LENGTH]
        try:
            if hashed is None or not self.store.enrol(hashed, device_id, public_key, names, now):
                raise Refusal(ErrorCode.TOKEN, "The token is unknown, expired or spent.")
        except StoreError as error:
            raise self._unavailable(error) from error
        self._log.info("gate_enrolled", device=device_id)
        return protocol.EnrolReply(
            device=device_id,
            hub=self.keys.name,
            signing_key=encode_bytes(self.keys.signing_public),
            sealing_key=encode_bytes(self.keys.sealing_public),
            server_time=milliseconds(now),
        )

    def sweep(self) -> None:
        """Destroy trace keys whose time is over; cheap, so at every occasion."""
        if self.traces is not None:
            self.traces.sweep(self.clock())

    def _trace_keys(self, device: Device, now: datetime) -> tuple[DayKey, ...]:
        """Keys for a gate whose place is known, where there is another such gate."""
        self.sweep()
        if self.traces is None or not self.store.is_traced(device):
            return ()
        return tuple(DayKey(one.day, encode_bytes(one.key)) for one in self.traces.handed_out(now))

    def _authenticate(
        self,
        device_id: str,
        request: signatures.Request,
        components: tuple[str, ...],
        now: datetime,
        *,
        may_be_retired: bool = False,
    ) -> Device:
        try:
            device = self.store.device(device_id) if protocol.is_device_id(device_id) else None
        except StoreError as error:
            raise self._unavailable(error) from error
        if device is None:
            raise Refusal(ErrorCode.IDENTITY, "This gate is not enrolled here.")
        key = Ed25519PublicKey.from_public_bytes(device.public_key)
        self._check_signature(request, components, device_id, key, now)
        if device.retired and not may_be_retired:
            raise Refusal(ErrorCode.RETIRED, "This gate was retired.")
        return device

    @staticmethod
    def _check_signature(
        request: signatures.Request,
        components: tuple[str, ...],
        device_id: str,
        key: Ed25519PublicKey,
        now: datetime,
    ) -> None:
        try:
            signatures.verify(request, components, device_id, key, now)
        except signatures.SignatureTimeError as error:
            raise Refusal(ErrorCode.CLOCK, "Signed at another time than now.") from error
        except signatures.SignatureError as error:
            raise Refusal(ErrorCode.IDENTITY, "The signature does not hold.") from error

    def _unavailable(self, error: StoreError) -> Refusal:
        self._log.error("store_failed", error=error.found)
        return Refusal(ErrorCode.UNAVAILABLE, "The database cannot be used now.")


def _room(datagram: str) -> str:
    """Where a datagram is left.

    Raises:
        ProtocolError: it is not one that a gate has sealed.
    """
    size = len(datagram) * 3 // 4
    room = protocol.room_of(protocol.decode_bytes(datagram, size))
    if room is None:
        raise ProtocolError("Not a datagram.")
    return room
