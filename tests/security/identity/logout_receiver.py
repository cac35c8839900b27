"""The portal's end of back-channel logout, reduced to taking what the realm sends."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class LogoutReceiver:
    """Keeps the logout tokens that arrive at /auth/backchannel-logout."""

    def __init__(self, server: ThreadingHTTPServer, tokens: "queue.Queue[str]") -> None:
        self.url = f"http://localhost:{server.server_address[1]}"
        self._tokens = tokens

    @classmethod
    @contextmanager
    def listening(cls) -> Iterator["LogoutReceiver"]:
        """Listen on a free port of this machine."""
        tokens: queue.Queue[str] = queue.Queue()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(tokens))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield cls(server, tokens)
        server.shutdown()
        server.server_close()

    def next(self, within: float = 5.0) -> str:
        """Return the next logout token; raises queue.Empty when none arrives in time."""
        return self._tokens.get(timeout=within)

    def forget(self) -> None:
        """Throw away what earlier tests left behind."""
        while not self._tokens.empty():
            self._tokens.get_nowait()


def _handler(tokens: "queue.Queue[str]") -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/auth/backchannel-logout":
                tokens.put(parse_qs(body)["logout_token"][0])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet: the tests say what arrived."""

    return Handler
