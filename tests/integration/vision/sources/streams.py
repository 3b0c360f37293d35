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
_RTSP_SERVER = """
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc is-live=true pattern=ball ! "
    "video/x-raw,format=I420,width=320,height=240,framerate=15/1 ! "
    "jpegenc ! rtpjpegpay name=pay0 pt=26 )"
)
factory.set_shared(True)
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


def rtsp_is_here() -> bool:
    """Debian's python3-gi, gir1.2-gst-rtsp-server-1.0 and gstreamer1.0-plugins-good."""
    probe = (
        "import gi; gi.require_version('GstRtspServer', '1.0')\n"
        "from gi.repository import Gst, GstRtspServer; Gst.init(None)\n"
        "assert Gst.ElementFactory.find('jpegenc') and Gst.ElementFactory.find('rtpjpegpay')"
    )
    try:
        ended = subprocess.run(
            [SYSTEM_PYTHON, "-c", probe], capture_output=True, check=False, timeout=20
        )
    except FileNotFoundError:
        return False
    return ended.returncode == 0


@contextmanager
def rtsp_camera() -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A real RTSP server with a moving picture under `/gate`; its port and its process."""
    with subprocess.Popen(
        [SYSTEM_PYTHON, "-c", _RTSP_SERVER], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline()), server
        finally:
            server.kill()
