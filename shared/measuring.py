"""What a scheduler measures of its service's tables now and then, for the alerts that rest on it."""

from datetime import datetime

from sqlalchemy import Executable, func, select, text

from shared import audit_seal, metrics
from shared.database import UnitOfWork
from shared.mechanism import dead_letter, due_work, parked_event
from shared.progress import Progress, Rhythm, report

XMIN_AGE = text(
    "select coalesce(max(age), 0) from (select age(backend_xmin) as age from pg_stat_activity"
    " where backend_xmin is not null union all select age(xmin) from pg_replication_slots where xmin is not null"
    " union all select age(transaction) from pg_prepared_xacts) as holding_back"
)
"""Anybody may read these columns; whose transaction it is stays hidden."""


class Measuring:
    """Sets a scheduler's gauges, now and then."""

    def __init__(self) -> None:
        self._rhythm = Rhythm()

    def is_due(self) -> bool:
        """Tell whether it is time again."""
        return self._rhythm.is_due()

    def measure(self, uow: UnitOfWork) -> None:
        """Read and set every gauge, and report what is due. Needs the service scope; the caller commits."""
        row = due_work.c
        due = select(func.count(), func.min(row.due_at)).where(row.failed_at.is_(None), row.due_at <= uow.now)
        waiting, oldest_due = uow.session.execute(due).one()
        report(uow, "scheduler", [Progress("", waiting, oldest_due)])
        metrics.DUE_LATE.set(_age(oldest_due, uow.now))
        metrics.DUE_FAILED.set(_count(uow, select(func.count()).where(row.failed_at.is_not(None))))
        metrics.DEAD_LETTERS_OPEN.set(_count(uow, select(func.count()).where(dead_letter.c.resolved_at.is_(None))))
        metrics.PARKED.set(_count(uow, select(func.count()).select_from(parked_event)))
        metrics.UNSEALED_AGE.set(_age(audit_seal.oldest_unsealed(uow), uow.now))
        metrics.XMIN_AGE.set(uow.session.scalar(XMIN_AGE) or 0)


def _count(uow: UnitOfWork, statement: Executable) -> int:
    return int(uow.session.scalar(statement) or 0)


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
