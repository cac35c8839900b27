"""Each background process says now and then how far it is, so that an operator's page can show it.

Metrics answer a collector; this answers a person who has only the pages. One small row a process and part, in an
unlogged table: what it says is stale after a minute anyway.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.database import Database, UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal

REPORT = text(
    "insert into progress_report (process, part, waiting, oldest_at, reported_at)"
    " select :process, part, waiting, oldest_at, :now"
    " from unnest(cast(:parts as text[]), cast(:waiting as bigint[]), cast(:oldest as timestamptz[]))"
    "   as told (part, waiting, oldest_at)"
    " on conflict (process, part) do update set waiting = excluded.waiting, oldest_at = excluded.oldest_at,"
    " reported_at = excluded.reported_at"
)
"""One statement of one shape: built anew for each partition of a consumer it took a tenth of a second, in which nothing
was projected."""
EVERY = 10.0
"""Seconds between two reports of a process."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How much lies ahead in one part of a process's work, and since when the oldest of it waits, where it knows."""

    part: str
    waiting: int
    oldest_at: datetime | None = None


class Rhythm:
    """Says when it is time again."""

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._last = -every

    def is_due(self) -> bool:
        """Tell whether it is time, and count from now on when it is."""
        if time.monotonic() - self._last < self._every:
            return False
        self._last = time.monotonic()
        return True


def report(uow: UnitOfWork, process: str, parts: Iterable[Progress]) -> None:
    """Write how far `process` is. Needs the service scope; the caller commits."""
    ordered = sorted(parts, key=lambda one: one.part)
    if ordered:
        told = {
            "process": process,
            "parts": [one.part for one in ordered],
            "waiting": [one.waiting for one in ordered],
            "oldest": [one.oldest_at for one in ordered],
            "now": uow.now,
        }
        uow.session.execute(REPORT, told)


class ConsumerReports:
    """Writes a consumer's lag per topic and partition, at most once in `EVERY` seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rhythm = Rhythm()

    def note(self, lags: Mapping[tuple[str, int], int]) -> None:
        """Write it when it is time; a database that is away is somebody else's trouble."""
        if not lags or not self._rhythm.is_due():
            return
        parts = [Progress(f"{topic} {partition}", max(0, lag)) for (topic, partition), lag in lags.items()]
        try:
            with UnitOfWork(self._database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
                report(uow, "consumer", parts)
                uow.commit()
        except (DBAPIError, PoolTimeout):
            return
