"""The settings of all four processes, typed, with defaults, read once at the outside.

A file names only what differs from the defaults; `toml_file` says how mistakes are reported.
"""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from config.toml_file import load_toml
from scanner.domain.direction import GateDirection
from scanner.ledger.pages import FreePages
from scanner.policy.places import Person, SiteType
from scanner.policy.recognition import check_host

DEFAULTS = Path(__file__).parent
Pause = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
"""Seconds, up to a day."""
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
_PORT_DIGITS = 5
_IPV6 = 6
SITE_ID = r"^[0-9A-Za-z_-][0-9A-Za-z._-]{0,79}\Z"
PositiveInt = Annotated[int, msgspec.Meta(gt=0)]


def socket_address(text: str) -> tuple[str, int] | None:
    """IPv4 or [IPv6] address and port; None for anything else."""
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    is_port = port.isascii() and port.isdecimal() and len(port) <= _PORT_DIGITS
    if (address.version == _IPV6) is not (bare is not host):
        return None
    return (str(address), int(port)) if is_port and 0 < int(port) < 1 << 16 else None


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table in a settings file."""


class Site(Section, frozen=True):
    """Where the gate stands and what it calls itself.

    Attributes:
        name: the site, as the guard and the supervisor know it.
        id: names the site's own rules in the bundle (`sites/ID/rules.toml`); none without it.
        division: where it lies, by GB/T 2260: two digits for a province, six for a city or county.
            It decides whose codes are recognised; without it every known province's are.
        type: what lies behind the gate; rules about sites apply to all while it is not told.
        person: as what most people come here, where a code does not say it.
        utc_offset_h: of the local time that rules about hours and weekdays mean.
        gate: this gate within the site.
        direction: which way people go here; `both` lets the guard say. Without it nobody is
            followed: docs/passback.md.
        gates: how many gates the site has, with this one; several tell one another who passed.
        key: the file with the key that the site's gates share; None is `site.key` in the state
            folder, which the gate makes. A copy of another gate's file joins both.
        languages: screen languages, the first one first: zh_CN and en are shipped.
        retention_days: how long a recorded line is kept, once the hub has it in a backup; shown to
            the people in the queue, too. 14 by default, 30 at most.
    """

    name: str = "Unnamed site"
    id: Annotated[str, msgspec.Meta(pattern=SITE_ID)] | None = None
    division: str | None = None
    type: SiteType | None = None
    person: Person | None = None
    utc_offset_h: Annotated[float, msgspec.Meta(ge=-12, le=14)] = 8
    gate: str = "Gate 1"
    direction: GateDirection | None = None
    gates: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    key: Path | None = None
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("zh_CN", "en")
    retention_days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 14

    def __post_init__(self) -> None:
        if self.division is not None:
            try:
                check_host(self.division)
            except ValueError as error:
                raise ValueError(f"division: {error}") from error


class Paths(Section, frozen=True):
    """Where things are kept; relative paths are relative to the settings file.

    Attributes:
        state: the ledger, the device key and the outbox position: must survive a power cut.
        runtime: sockets and the daily pseudonym key: RAM, gone with the power.
    """

    state: Path = Path("/var/lib/checkpoint")
    runtime: Path = Path("/run/checkpoint")


class Retention(Section, frozen=True):
    """What becomes of the place of erased entries.

    Attributes:
        free_pages: what becomes of the space of erased lines, in a file that is made from now on:
            `reuse` leaves it to the next entries, `give_back` to other files, for a third more
            writing an entry.
    """

    free_pages: FreePages = FreePages.REUSE


class Camera(Section, frozen=True):
    """What the gate looks through.

    Attributes:
        source: a V4L2 index or path (`0`, `/dev/video0`), `csi:0` for a ribbon camera, an address
            (`rtsp://`, `http://`), a video file, an image or a folder of images,
            `simulated:FOLDER` for the demo's camera, or `none` where barcode scanners do all the
            reading.
        width, height, fps: asked of a camera; what it really delivers is reported.
        exposure_us: microseconds of light a picture; `auto` leaves it to the camera.
        steer_exposure: the place of a code asks for more or less light where the camera's own
            exposure would not let it be read; never where `exposure_us` is a number.
        gain: in the camera's own units; `auto` leaves it to the camera.
        focus: in the camera's own units, of a ribbon camera in dioptres; `auto` for autofocus.
        power_line_hz: of the mains that feeds the lamps: 50 or 60; 0 for daylight only.
        reader: the library that decodes; pyzbar serves by itself where zxing-cpp has no wheel.
    """

    source: str = "0"
    width: PositiveInt = 1280
    height: PositiveInt = 720
    fps: PositiveInt = 15
    exposure_us: Literal["auto"] | PositiveInt = "auto"
    steer_exposure: bool = True
    gain: Literal["auto"] | NotNegative = "auto"
    focus: Literal["auto"] | NotNegative = "auto"
    power_line_hz: Literal[0, 50, 60] = 50
    reader: Literal["zxing-cpp", "pyzbar"] = "zxing-cpp"


class Scanner(Section, frozen=True):
    """Barcode scanners, beside the camera or instead of it.

    Attributes:
        devices: each `serial:PATH`, `serial:PATH@BAUD` or `wedge:PATH`.
        layout: the keyboard layout that wedges are set to.
    """

    devices: tuple[str, ...] = ()
    layout: str = "us"


class Trust(Section, frozen=True):
    """Which keys to believe.

    Attributes:
        folder: the store of bundles, which updates fill.
        root: the publisher's root metadata, installed by hand: what every bundle must lead back to.
        url: where the repository is fetched; empty is `/trust` at the hub.
        interval_s: pause between two looks for a newer bundle; the hub's answers bring it sooner.
        sticks: below which folders a mounted stick is looked at; none turns that off.
        fresh_hours: up to this age the keys are fresh.
        degraded_days: beyond this age they are degraded; not before they cease to be fresh.
    """

    folder: Path = Path("/var/lib/checkpoint/trust")
    root: Path = Path("/etc/checkpoint/root.json")
    url: str = ""
    interval_s: Pause = 900
    sticks: tuple[Path, ...] = (Path("/media"), Path("/run/media"), Path("/mnt"))
    fresh_hours: Annotated[float, msgspec.Meta(gt=0, le=8_760)] = 24
    degraded_days: Annotated[float, msgspec.Meta(gt=0, le=365)] = 7

    def __post_init__(self) -> None:
        if self.degraded_days * 24 < self.fresh_hours:
            raise ValueError(
                f"degraded_days ({self.degraded_days}) must not end before fresh_hours "
                f"({self.fresh_hours})"
            )


class Clock(Section, frozen=True):
    """Whose time counts.

    Attributes:
        system: the machine's own clock counts without NTP, hub or clock module: for a virtual
            machine whose host keeps it. On a Pi without a clock module it would be late, unseen.
    """

    system: bool = False


class Policy(Section, frozen=True):
    """Which rules decide.

    Attributes:
        rules: the TOML rule set; the shipped one when there is none.
        recognition: the TOML matrix of who recognises whose codes, while the bundle carries none;
            the shipped one when there is none.
    """

    rules: Path | None = None
    recognition: Path | None = None


class Neighbours(Section, frozen=True):
    """How `checkpoint neighbours` reaches the other gates of the site.

    Attributes:
        listen: address and port, such as `0.0.0.0:8475`; empty where only the hub carries.
        peers: where the other gates listen; a multicast address such as `239.255.84.75:8475`
            reaches all of them. Numbers only: no name is looked up.
        hub: the hub carries, too, for gates that the local network does not join.
    """

    listen: str = ""
    peers: tuple[str, ...] = ()
    hub: bool = True

    def __post_init__(self) -> None:
        for field, text in (("listen", self.listen), *(("peers", peer) for peer in self.peers)):
            if text and socket_address(text) is None:
                raise ValueError(f"{field}: {text!r} is no address and port like 192.168.1.7:8475")


class Kiosk(Section, frozen=True):
    """The guard's screen.

    Attributes:
        users: user names whose kiosk may connect, beside root and the gate's own user.
        verdict_s: how long an admission stays on the screen.
        attention_s: how long everything else stays, unless the guard closes it.
        pending_s: how long an asked-for answer is waited for before the visit counts as abandoned.
        preview_fps: how many small pictures a second the viewfinder gets.
    """

    users: tuple[str, ...] = ("checkpoint-kiosk",)
    verdict_s: Pause = 3
    attention_s: Pause = 20
    pending_s: Pause = 120
    preview_fps: PositiveInt = 8


class Guards(Section, frozen=True):
    """Who decides beside the machine: docs/guards.md.

    Attributes:
        required: nobody overrides without a login, also while there is no roster. Otherwise a gate
            without a roster takes every decision, and records that it names nobody.
        idle_hours: a shift ends by itself so long after its guard's last act at the kiosk.
    """

    required: bool = False
    idle_hours: Annotated[float, msgspec.Meta(gt=0, le=24)] = 4


class Hub(Section, frozen=True):
    """Where the entries go.

    Attributes:
        url: base URL of the hub; no hub while it is empty.
        sealing_key: PEM file with the hub's X25519 public key; None is `hub-sealing.pem` beside the
            ledger, where enrolment writes it. While there is no such file, no personal field is
            recorded at all.
        interval_s: the longest pause between two heartbeats; the hub may ask for another one.
    """

    url: str = ""
    sealing_key: Path | None = None
    interval_s: Pause = 60


class GateSettings(Section, frozen=True):
    """Everything that gate, kiosk and sync of one box need."""

    site: Site = Site()
    paths: Paths = Paths()
    retention: Retention = Retention()
    camera: Camera = Camera()
    scanner: Scanner = Scanner()
    trust: Trust = Trust()
    clock: Clock = Clock()
    policy: Policy = Policy()
    neighbours: Neighbours = Neighbours()
    kiosk: Kiosk = Kiosk()
    guards: Guards = Guards()
    hub: Hub = Hub()

    @property
    def trust_url(self) -> str:
        """Where the trust repository is fetched; empty where there is no hub either."""
        return self.trust.url or (f"{self.hub.url.rstrip('/')}/trust" if self.hub.url else "")

    @property
    def site_key(self) -> Path:
        """The key that the gates of the site share; the gate makes it where it is missing."""
        return self.site.key or self.paths.state / "site.key"

    @property
    def neighbour_socket(self) -> Path:
        """Where the gate gets what other gates tell."""
        return self.paths.runtime / "neighbours.sock"

    @property
    def carrier_socket(self) -> Path:
        """Where the gate leaves what it tells them."""
        return self.paths.runtime / "carrier.sock"

    @property
    def roster(self) -> Path:
        """Who may decide at this gate, as `checkpoint guard` writes it."""
        return self.paths.state / "guards.json"

    @property
    def socket(self) -> Path:
        """The Unix socket that joins gate and kiosk."""
        return self.paths.runtime / "gate.sock"

    @property
    def ledger(self) -> Path:
        """The ledger's database."""
        return self.paths.state / "ledger.db"

    @property
    def outbox(self) -> Path:
        """Where sync keeps how far the hub has acknowledged."""
        return self.paths.state / "outbox.json"

    @property
    def sealing_key(self) -> Path:
        """The hub's public key for personal fields; the file may not be there yet."""
        return self.hub.sealing_key or self.paths.state / "hub-sealing.pem"

    @property
    def sync_status(self) -> Path:
        """What sync last told about the hub."""
        return self.paths.runtime / "sync-status.json"

    @property
    def device_key(self) -> Path:
        """The device's private key, made on the gate and never leaving it."""
        return self.paths.state / "device.pem"


class HubSettings(Section, frozen=True):
    """Everything that the hub needs.

    Attributes:
        title: heads the first page.
        host, port: where to listen; behind a proxy that terminates TLS, keep 127.0.0.1.
        public_url: the URL that gates use; signatures are checked against it, never against Host.
        state: the database, the hub's signing key and its sealing key.
        next_sync_s: what gates are asked to wait between two heartbeats.
        trust: folder of the trust repository that gates fetch from `/trust`; None gives none out.
        notify_url: where suspected forgeries are posted as JSON (docs/forgery.md); None posts none.
    """

    title: str = "Checkpoint hub"
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8470
    public_url: str = "http://127.0.0.1:8470"
    state: Path = Path("/var/lib/checkpoint-hub")
    next_sync_s: Pause = 60
    trust: Path | None = None
    notify_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+[^\s]*\Z")] | None = None


Tree = TypeVar("Tree", GateSettings, HubSettings)


def load_gate_settings(path: Path | None = None) -> GateSettings:
    """The gate's settings: the file at `path`, or the shipped `gate.toml`."""
    return _load(GateSettings, path or DEFAULTS / "gate.toml")


def load_hub_settings(path: Path | None = None) -> HubSettings:
    """The hub's settings: the file at `path`, or the shipped `hub.toml`."""
    return _load(HubSettings, path or DEFAULTS / "hub.toml")


def _load(tree: type[Tree], path: Path) -> Tree:
    return _resolve(load_toml(tree, path), path.resolve().parent)


def _resolve(settings: Tree, base: Path) -> Tree:
    """Make every path absolute, relative ones from the settings file's folder."""
    changes: dict[str, object] = {}
    for field in msgspec.structs.fields(type(settings)):
        value = getattr(settings, field.name)
        if isinstance(value, Path):
            changes[field.name] = base / value
        elif isinstance(value, Section):
            paths = {
                inner.name: _from(base, getattr(value, inner.name))
                for inner in msgspec.structs.fields(type(value))
            }
            changes[field.name] = msgspec.structs.replace(value, **paths)
    return msgspec.structs.replace(settings, **changes)


def _from(base: Path, value: object) -> object:
    """A path, or each path of several, from the folder `base`; anything else as it is."""
    if isinstance(value, Path):
        return base / value
    if isinstance(value, tuple):
        return tuple(_from(base, item) for item in value)
    return value
