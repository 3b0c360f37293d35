"""Cameras on the network, played on loopback: Motion JPEG over HTTP, and RTSP by GStreamer."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

from scanner.vision.frames import Grey

SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's python3-gi does not come into a virtual environment
USER, PASSWORD = "guard", "s3cr@t"
JPEG = "jpegenc ! rtpjpegpay pt=26"
H264 = "openh264enc gop-size=15 ! rtph264pay config-interval=1 pt=96"
_RTSP_SERVER = """
import sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
encoder, user, password = sys.argv[1:]
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
token = GstRtspServer.RTSPToken()
token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
auth = GstRtspServer.RTSPAuth()
auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
server.set_auth(auth)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc is-live=true pattern=ball ! "
    "video/x-raw,format=I420,width=320,height=240,framerate=15/1 ! " + encoder + " name=pay0 )"
)
factory.set_shared(True)
permissions = GstRtspServer.RTSPPermissions()
permissions.add_permission_for_role("viewer", "media.factory.access", True)
permissions.add_permission_for_role("viewer", "media.factory.construct", True)
factory.set_permissions(permissions)
server.get_mount_points().add_factory("/gate", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
"""


def a_ramp(start: int) -> Grey:
    return np.tile(np.arange(start, start + 160, dtype=np.uint8), (120, 2))


class JpegCamera(ThreadingHTTPServer):
    """Sends frames at 30 a second until it is told to be silent or to hang up."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Stream)
        self.silent = threading.Event()
        self.hung_up = threading.Event()
        self.asked: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up in the middle of a picture is no error here."""


class _Stream(BaseHTTPRequestHandler):
    server: JpegCamera

    def do_GET(self) -> None:
        self.server.asked.append(self.headers.get("Authorization", ""))
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        number = 0
        while not self.server.hung_up.wait(1 / 30):
            if not self.server.silent.is_set():
                data = cv2.imencode(".jpg", a_ramp(number % 90))[1].tobytes()
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                self.wfile.write(head.encode() + data + b"\r\n")
                number += 1

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


@contextmanager
def jpeg_camera() -> Iterator[JpegCamera]:
    """A camera at `127.0.0.1:server_port`."""
    with JpegCamera() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.hung_up.set()
        server.shutdown()


def missing_for(encoder: str) -> list[str]:
    """GStreamer's elements that are not here; all of them without Debian's python3-gi."""
    elements = [part.split()[0] for part in encoder.split(" ! ")]
    probe = (
        "import sys, gi; gi.require_version('GstRtspServer', '1.0')\n"
        "from gi.repository import Gst, GstRtspServer; Gst.init(None)\n"
        "print(*(name for name in sys.argv[1:] if not Gst.ElementFactory.find(name)))"
    )
    try:
        ended = subprocess.run(
            [SYSTEM_PYTHON, "-c", probe, *elements],
            capture_output=True,
            check=False,
            text=True,
            timeout=20,
        )
    except FileNotFoundError:
        return elements
    return ended.stdout.split() if ended.returncode == 0 else elements


@contextmanager
def rtsp_camera(encoder: str = JPEG) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A real RTSP server with a moving picture under `/gate`; its port and its process."""
    with subprocess.Popen(
        [SYSTEM_PYTHON, "-c", _RTSP_SERVER, encoder, USER, PASSWORD],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline()), server
        finally:
            server.kill()
