"""How long a request may take to arrive: its head ten seconds, its body as long as it comes at a minimum rate.

A body that comes too slowly, or breaks off, is an error to whoever reads it: what came is never taken for the whole.
"""

import errno
import re
import time
from typing import Any

from gunicorn.http.unreader import SocketUnreader

HEAD_WITHIN = 10.0
BODY_WITHIN, MINIMUM_RATE = 30.0, 50_000.0
"""A body has 30 seconds, and one more for every 50 kB of it that came."""
HELD = 64 * 1024
"""Bytes of a body that are received before anybody is given the request."""
LONGEST_HEAD = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r", re.IGNORECASE)


def body_late_at(began: float, received: int) -> float:
    """Return when a body that began then is too slow, if no more than `received` bytes have come."""
    return began + BODY_WITHIN + received / MINIMUM_RATE


class Arrival:
    """What has come of a request so far, and whether that is enough to give it to a thread."""

    def __init__(self, data: bytes, now: float) -> None:
        self.data = bytearray()
        self.began = now
        self._head = 0
        self._wanted = 0
        self._body_began = now
        if data:
            self.add(data, now)

    def add(self, data: bytes, now: float) -> None:
        """Take what came."""
        searched = max(0, len(self.data) - len(END_OF_HEAD))
        self.data += data
        if self._head or (end := self.data.find(END_OF_HEAD, searched)) < 0:
            return
        self._head, self._body_began = end + len(END_OF_HEAD), now
        lengths = [int(each) for each in LENGTH.findall(self.data, 0, self._head)]
        self._wanted = self._head + min(max(lengths, default=0), HELD)

    @property
    def is_here(self) -> bool:
        """Whether the head and as much of the body as is held have come."""
        return bool(self._head) and len(self.data) >= self._wanted

    @property
    def is_too_long(self) -> bool:
        """Whether so much has come without the end of a head that it is none of a browser's."""
        return not self._head and len(self.data) > LONGEST_HEAD

    @property
    def late_at(self) -> float:
        """When to give up, if nothing more comes."""
        if self._head:
            return body_late_at(self._body_began, len(self.data) - self._head)
        return self.began + HEAD_WITHIN


class Rest(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """Reads what a request has beyond what arrived: nothing before its head is read, then in time, in the end nothing.

    A head that needs more than what arrived is none that a thread waits for (its connection just ends).
    """

    def __init__(self, sock: Any) -> None:
        super().__init__(sock)
        self.gave_up = False
        self._began: float | None = None
        self._received = 0

    def begin(self) -> None:
        """Wait for a body from now on."""
        self._began, self._received = time.monotonic(), 0

    def wait_no_longer(self) -> None:
        """Give what is here, and wait for no more."""
        self._began = None

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return what comes next; raises ConnectionResetError when nothing does in time, or nothing more will."""
        self.gave_up = True
        if self._began is None:
            return b""
        data = self._received_within(body_late_at(self._began, self._received) - time.monotonic(), size_hint)
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "The request broke off.")
        self.gave_up = False
        self._received += len(data)
        return data

    def _received_within(self, seconds: float, size_hint: int | None) -> bytes:
        before = self.sock.gettimeout()
        self.sock.settimeout(max(seconds, 0.001))
        try:
            data: bytes = super().chunk(size_hint)
        except TimeoutError:
            return b""
        finally:
            self.sock.settimeout(before)
        return data
