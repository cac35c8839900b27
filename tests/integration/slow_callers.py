"""Callers on slow lines, some of them on purpose: sockets that send what they are told when they are told."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

HOST = "Host: 127.0.0.1\r\n"
HALF_A_HEAD = f"GET /health/live HTTP/1.1\r\n{HOST}X-Slow: "
WITHOUT_ITS_BODY = f"POST /sign-in HTTP/1.1\r\n{HOST}Content-Length: 60000\r\n\r\na"
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, how long that took, and how much had been sent by then."""

    status: int
    seconds: float
    sent: int
    goes_on: str = ""


def line_to(port: int) -> socket.socket:
    """Open a connection."""
    line = socket.create_connection(("127.0.0.1", port), timeout=60)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


@contextmanager
def waiting(port: int, *beginnings: str) -> Iterator[list[socket.socket]]:
    """Hold one connection for each beginning of a request, and send no more of it."""
    with ExitStack() as stack:
        lines = [stack.enter_context(line_to(port)) for _ in beginnings]
        for line, beginning in zip(lines, beginnings, strict=True):
            line.sendall(beginning.encode())
        yield lines


def send_slowly(port: int, content: bytes, *, piece: int, every: float, at_once: int = 0) -> Answer:
    """Send a request piece by piece until it is answered or all of it was sent; status 0 when nothing is answered."""
    began, sent = time.monotonic(), at_once
    with line_to(port) as line:
        line.sendall(content[:at_once])
        while sent < len(content):
            line.settimeout(max(0.001, began + (sent - at_once) // piece * every - time.monotonic()))
            with suppress(TimeoutError):
                if line.recv(1, socket.MSG_PEEK) is not None:
                    break
            try:
                line.settimeout(60)
                line.sendall(content[sent : sent + piece])
            except ConnectionError:
                break
            sent += piece
        answer = answer_on(line)
    goes_on = answer.getheader("Location", "") if answer else ""
    return Answer(answer.status if answer else 0, time.monotonic() - began, sent, goes_on)


def answer_on(line: socket.socket) -> http.client.HTTPResponse | None:
    """Return the head of the answer on a line; None when the line ends without one."""
    answer = http.client.HTTPResponse(line)
    try:
        answer.begin()
    except (ConnectionError, http.client.HTTPException):
        return None
    return answer


def status_of(line: socket.socket) -> int:
    """Return the status of the answer on a line; 0 when the line ends without one."""
    answer = answer_on(line)
    return answer.status if answer else 0


def ask(port: int, path: str = "/health/live") -> Answer:
    """Ask as anybody else does."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return Answer(status, time.monotonic() - began, 0)


def ended_after(line: socket.socket) -> float:
    """Return how many seconds it took until the other side ended the connection."""
    began = time.monotonic()
    line.settimeout(60)
    with suppress(ConnectionError):
        while line.recv(65_536):
            pass
    return time.monotonic() - began
