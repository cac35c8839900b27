"""Each background process says now and then how far it is, so that an operator's page can show it.

Metrics answer a collector; this answers a person who has only the pages. One small row a process and part, in an
unlogged table: what it says is stale after a minute anyway.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.database import Database, UnitOfWork
from shared.mechanism import progress_report
from shared.principal import NATIONAL_TENANT, Principal

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
    rows = [
        {
            "process": process,
            "part": one.part,
            "waiting": one.waiting,
            "oldest_at": one.oldest_at,
            "reported_at": uow.now,
        }
        for one in sorted(parts, key=lambda one: one.part)
    ]
    if rows:
        statement = insert(progress_report).values(rows)
        new = statement.excluded
        changed = {name: new[name] for name in ("waiting", "oldest_at", "reported_at")}
        uow.session.execute(statement.on_conflict_do_update(index_elements=["process", "part"], set_=changed))


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
        except (OperationalError, PoolTimeout):
            return
