"""The server: moto's own application, our health endpoint and control API in front of it, on loopback only."""

import errno
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from pilotlight_local import __version__

HOST = "127.0.0.1"
HEALTH_PATH = "/pilotlight/health"

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def bind(port: int) -> socket.socket:
    """Take the port before anything slow is imported. A busy one is the most likely failure and deserves a sentence."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let a second server take the same port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            why = "is in use by another program" if error.errno == errno.EADDRINUSE else "may not be used by this user"
            raise SystemExit(
                f"pilotlight_local: port {port} {why}; stop it, or choose another port with --port."
            ) from None
        raise SystemExit(f"pilotlight_local: cannot listen on {HOST}:{port}: {error.strerror}.") from None
    return listener


def tell(port: int, file: Path) -> None:
    """Write the port down, whole or not at all."""
    unfinished = file.with_name(file.name + ".new")
    unfinished.write_text(str(port))
    unfinished.replace(file)


def with_health(app: WsgiApp) -> WsgiApp:
    """Answer the health path ourselves, so that a caller can tell this emulator from a stranger on its port."""
    body = json.dumps({"emulator": "pilotlight", "version": __version__, "pid": os.getpid(), "ready": True}).encode()

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == HEALTH_PATH:
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
            start_response("200 OK", headers)
            return [body]
        return app(environ, start_response)

    return wrapped


def serve(listener: socket.socket, app: WsgiApp) -> None:
    """Serve until SIGTERM or SIGINT, which end the process at once: nothing is kept on disk that could be torn."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    from pilotlight_local.control.api import with_control
    from pilotlight_local.control.pace import pace
    from pilotlight_local.control.regions import regions, signed_for
    from pilotlight_local.control.staleness import staleness

    class Handler(WSGIRequestHandler):
        def handle_expect_100(self) -> bool:
            """werkzeug answers "100 Continue" itself; a second one from http.server breaks the CLI's uploads."""
            return True

        def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
            """Ours too may drop one, while a region is lost: close it, rather than wait for its next request."""
            self.close_connection = True

    def stop(signum: int, frame: FrameType | None) -> None:
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    port = listener.getsockname()[1]
    kept = staleness.middleware(app, signed_for, pace.millis)
    answered = with_health(with_control(regions.middleware(kept)))
    make_server(HOST, port, answered, threaded=True, request_handler=Handler, fd=listener.fileno()).serve_forever()
