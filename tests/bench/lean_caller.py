"""A caller that costs next to nothing, for loads that share their cores with what they load.

Python's own HTTP client spends about as long on a small answer's headers as our service on the whole request; pgbench,
with which saturation is compared, spends nothing. So this one writes a request as bytes and reads an answer by its
length, as our web processes always give it.
"""

import re
import socket
from collections.abc import Mapping
from typing import Any

import orjson

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PIECE = 64 * 1024


class LeanCaller:
    """One person's kept connection."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fixed = {"Host": "127.0.0.1", **headers, "Content-Type": "application/json"}
        self._fixed = "".join(f"{name}: {value}\r\n" for name, value in fixed.items())

    def call(self, method: str, path: str, body: Any = None, *, version: int | None = None) -> Any:
        """Return what is answered; raises AssertionError unless it is a success."""
        payload = b"" if body is None else orjson.dumps(body)
        match = "" if version is None else f'If-Match: "{version}"\r\n'
        head = f"{method} {path} HTTP/1.1\r\n{self._fixed}{match}Content-Length: {len(payload)}\r\n\r\n"
        self._socket.sendall(head.encode() + payload)
        status, content = self._answer()
        assert status < 300, (method, path, status, content[:300])
        return orjson.loads(content) if content else None

    def _answer(self) -> tuple[int, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, content = received.partition(b"\r\n\r\n")
        found = LENGTH.search(head)
        assert found is not None, head
        while len(content) < int(found[1]):
            content += self._more()
        return int(head[9:12]), content

    def _more(self) -> bytes:
        piece = self._socket.recv(PIECE)
        if not piece:
            raise ConnectionResetError("The web process closed the connection.")
        return piece
