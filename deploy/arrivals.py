"""A web worker that gives a thread only to a request that has arrived.

gunicorn's threaded worker hands a connection to a thread and lets it wait there, without any limit, for the rest of the
request: as many slow connections as there are threads stop the service for everybody. Here the loop that watches all
connections receives the request, and a thread is given to it once its head and the first `HELD` bytes of its body are
there. That is the whole of every request but an upload; the rest of one is read in time or not at all (`Rest`).

A client that waits for "100 Continue" before a small body is not told to go on: such clients go on by themselves.
"""

import socket
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from deploy.reading_in_time import Arrival, Rest

SENT_WITHIN = 60.0
"""Seconds in which a piece of an answer must have been taken."""
LINGER, LINGER_FOR_A_BODY = 2.0, 10.0
"""Seconds in which a caller whose connection ends may read the answer; more for one who is still sending a body."""
AT_ONCE = 65_536
LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class ArrivalsWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threaded worker, except for who waits for requests and for callers that leave: its loop, no thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[TConn, Arrival] = {}
        self._leaving: dict[TConn, float] = {}

    def enqueue_req(self, conn: TConn) -> None:
        """Receive a request on a connection that is new, was kept, or holds the beginning of its next request."""
        conn.sock.setblocking(False)
        held = conn.parser.unreader.take_buffered() if conn.parser else b""
        self._arriving[conn] = Arrival(held, time.monotonic())
        self.poller.register(conn.sock, EVENT_READ, partial(self._receive, conn))
        self._receive(conn)

    def _receive(self, conn: TConn, _: Any = None) -> None:
        arrival = self._arriving[conn]
        if not arrival.is_here:
            try:
                data = conn.sock.recv(AT_ONCE)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._stop_watching(conn)
                self._close(conn)
                return
            arrival.add(data, time.monotonic())
        if arrival.is_here:
            self._hand_over(conn)
        elif arrival.is_too_long:
            self._refuse(conn, TOO_LONG)

    def _hand_over(self, conn: TConn) -> None:
        arrival = self._stop_watching(conn)
        if not conn.initialized:
            conn.init()
            conn.parser.unreader = Rest(conn.sock)
        conn.parser.unreader.unread(bytes(arrival.data))
        super().enqueue_req(conn)

    def _stop_watching(self, conn: TConn) -> Arrival:
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        return self._arriving.pop(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request whose head has been read; from here on its body may be waited for."""
        conn.sock.settimeout(SENT_WITHIN)
        conn.parser.unreader.begin()
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: TConn, keepalive: Any) -> bool:
        """Keep a connection only when its request is here to the end: no thread waits for what nobody asked for."""
        conn.parser.unreader.wait_no_longer()
        return bool(keepalive and conn.parser.finish_body() and not conn.parser.unreader.gave_up)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Keep the connection, or let it go without making everybody else wait until its caller has left."""
        if not fs.cancelled() and fs.exception() is None and fs.result():
            super().finish_request(conn, fs)
        else:
            self._let_go(conn)

    def _refuse(self, conn: TConn, answer: bytes) -> None:
        self._stop_watching(conn)
        with suppress(OSError):
            conn.sock.send(answer)
        self._let_go(conn)

    def _let_go(self, conn: TConn) -> None:
        """Say that nothing more comes, and read on for a moment: closed at once, the answer could be lost."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._read_on, conn))
        except (OSError, KeyError, ValueError):
            self._close(conn)
            return
        sending = conn.parser is None or conn.parser.unreader.gave_up
        self._leaving[conn] = time.monotonic() + (LINGER_FOR_A_BODY if sending else LINGER)

    def _read_on(self, conn: TConn, _: Any) -> None:
        try:
            gone = not conn.sock.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            gone = True
        if gone:
            self._leave(conn)

    def _leave(self, conn: TConn) -> None:
        del self._leaving[conn]
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """End what did not arrive in time and what has had time to leave; gunicorn's loop asks for it every second."""
        now = time.monotonic()
        for conn, until in list(self._leaving.items()):
            if now > until:
                self._leave(conn)
        for conn, arrival in list(self._arriving.items()):
            if not arrival.data and now > (arrival.late_at if self.alive else arrival.began + STOP_KEEPALIVE_LINGER):
                self._stop_watching(conn)
                self._close(conn)
            elif arrival.data and now > arrival.late_at:
                self._refuse(conn, LATE)
