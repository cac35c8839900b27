"""A proxy before the object store that does what a store does on a bad day: refuse, fail, dawdle, break off."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

REFUSALS = {"403": 403, "500": 500, "503": 503}
SLOW_SECONDS = 30
PIECE = 16 * 1024
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive"}


class FaultyStore(ThreadingHTTPServer):
    """`fault` is what happens to the next requests: None (all is well), "403", "500", "503", "slow", "cut"."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        address = urlsplit(behind)
        self.behind = (str(address.hostname), int(address.port or 80))
        self.fault: str | None = None
        self.seen: list[str] = []

    @property
    def endpoint(self) -> str:
        """Where a client finds the proxy."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Hands a request on with its own headers, so that its signature still holds."""

    protocol_version = "HTTP/1.1"
    server: FaultyStore

    def handle_any(self) -> None:
        """Do what the fault says; with "cut" the store gets the head and half of the body, then nothing."""
        fault = self.server.fault
        self.server.seen.append(self.command)
        if fault in REFUSALS:
            return self._refuse(REFUSALS[fault])
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if fault == "cut":
            return self._break_off(body)
        return self._hand_on(body)

    do_GET = do_PUT = do_DELETE = do_HEAD = handle_any  # noqa: N815 - the names that the library calls

    def _refuse(self, status: int) -> None:
        code = "AccessDenied" if status == 403 else "InternalError"
        answer = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _break_off(self, body: bytes) -> None:
        """Half of the body reaches the store, then both sides lose their connection."""
        self._begin(len(body)).send(body[: len(body) // 2])
        self.close_connection = True

    def _begin(self, length: int) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(*self.server.behind, timeout=20)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP_BY_HOP and name.lower() != "expect":
                connection.putheader(name, value)
        if length and "Content-Length" not in self.headers:
            connection.putheader("Content-Length", str(length))
        connection.endheaders()
        return connection

    def _hand_on(self, body: bytes) -> None:
        connection = self._begin(len(body))
        if body:
            connection.send(body)
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: links are signed."""


@contextmanager
def faulty_store(behind: str) -> Iterator[FaultyStore]:
    """Yield a proxy before the store at `behind`."""
    with FaultyStore(behind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
