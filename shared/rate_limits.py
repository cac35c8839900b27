"""How many requests one person, or one address, may make in a minute.

Counting must cost a request nothing: each process counts in memory and settles with PostgreSQL once a second, in one
statement on a connection of its own, which also brings back what the other processes counted. A limit is therefore
kept to within a second's worth of requests, which is what it is for: machines, not people. A database that is away
leaves each process counting by itself. Reasons: docs/adr/0013-rate-limits.md.
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg

from shared.clock import Clock
from shared.driver import patiently
from shared.problems import Problem

MINUTE = timedelta(minutes=1)
SETTLE_EVERY = 1.0
BIND = "select set_config('app.scope', 'service', false)"
SETTLE = (
    "insert into request_count as counted (subject, minute, requests)"
    " select subject, %s, requests from unnest(%s::text[], %s::int[]) as new (subject, requests) order by subject"
    " on conflict (subject, minute) do update set requests = counted.requests + excluded.requests"
    " returning subject, requests"
)
FORGET = "delete from request_count where minute < %s"
log = logging.getLogger(__name__)


class TooManyRequests(Problem):
    """More requests than a person makes; the caller may go on when the minute is over."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "too-many-requests",
            429,
            "Too many requests",
            f"Wait {seconds} seconds, then try again. Nothing that was saved is lost.",
            headers={"Retry-After": str(seconds)},
        )
        self.seconds = seconds


@dataclass(slots=True)
class Count:
    """What is known of one subject this minute: the sum over all processes when last settled, and ours since."""

    settled: int = 0
    ours: int = 0


@dataclass
class Counts:
    """The counts of one minute."""

    minute: datetime
    of: dict[str, Count] = field(default_factory=dict)


class RateLimiter:
    """One process's limits. Threads may share it."""

    def __init__(self, url: str, clock: Clock, *, every: float = SETTLE_EVERY) -> None:
        self._url = url
        self._clock = clock
        self._every = every
        self._lock = threading.Lock()
        self._counts = Counts(_minute_of(clock.now()))
        self._thread: threading.Thread | None = None
        self._connection: psycopg.Connection[Any] | None = None

    def count(self, subject: str, allowed: int) -> None:
        """Count one request of `subject`; raises TooManyRequests when it made more than `allowed` (0: any number)."""
        if not allowed:
            return
        now = self._clock.now()
        with self._lock:
            if self._counts.minute != (minute := _minute_of(now)):
                self._counts = Counts(minute)
            counted = self._counts.of.setdefault(subject, Count())
            counted.ours += 1
            over = counted.settled + counted.ours > allowed
        if self._every and self._thread is None:
            self._start()
        if over:
            raise TooManyRequests(max(1, int((minute + MINUTE - now).total_seconds())))

    def settle(self) -> None:
        """Add what was counted since the last time and learn what the others counted; raises psycopg.Error."""
        with self._lock:
            counts = self._counts
            ours = {subject: count.ours for subject, count in counts.of.items() if count.ours}
            for subject in ours:
                counts.of[subject].ours = 0
                counts.of[subject].settled += ours[subject]
        if not ours:
            return
        try:
            sums = self._send(counts.minute, ours)
        except psycopg.Error:
            self._take_back(counts, ours)
            raise
        with self._lock:
            for subject, requests in sums.items():
                counts.of[subject].settled = requests

    def _take_back(self, counts: Counts, ours: Mapping[str, int]) -> None:
        with self._lock:
            for subject, requests in ours.items():
                counts.of[subject].ours += requests
                counts.of[subject].settled -= requests

    def _send(self, minute: datetime, ours: Mapping[str, int]) -> dict[str, int]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(patiently(self._url), autocommit=True)
            self._connection.execute(BIND)
            self._connection.execute(FORGET, [minute - MINUTE])
        try:
            rows = self._connection.execute(SETTLE, [minute, list(ours), list(ours.values())]).fetchall()
        except psycopg.OperationalError:
            self._connection.close()
            raise
        return {str(subject): int(requests) for subject, requests in rows}

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rate-limits", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        forgotten_at = self._counts.minute
        while True:
            time.sleep(self._every)
            try:
                self.settle()
                if self._connection is not None and self._counts.minute != forgotten_at:
                    forgotten_at = self._counts.minute
                    self._connection.execute(FORGET, [forgotten_at - MINUTE])
            except psycopg.Error as error:
                log.warning("Requests are counted by this process alone", extra={"error": type(error).__name__})


def _minute_of(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
