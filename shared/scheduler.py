"""Carries out work that has fallen due, seals the audit trail, and nothing else.

Two schedulers may run: a row is leased before it is worked on. A handler is safe to repeat, because a crash between
its effect and the removal of the row repeats it.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import audit_seal
from shared.clock import Clock, SystemClock
from shared.crashpoints import crash_point
from shared.database import Database, UnitOfWork
from shared.driver import is_away
from shared.measuring import Measuring
from shared.mechanism import due_work
from shared.metrics import DUE_DONE
from shared.observability import span_from
from shared.principal import NATIONAL_TENANT, Principal
from shared.progress import Rhythm

BATCH = 50
LEASE = timedelta(seconds=120)
"""How long a worker may take for one piece of work before another may try it."""
TURN = 10.0
"""Seconds after which a turn takes up no further piece and gives the rest back: the audit trail is sealed between two
turns, and a mail server that does not answer must not keep pieces beyond their lease."""
LONGEST_BACKOFF = timedelta(minutes=15)
ATTEMPTS = 24
"""Tries before work is marked as failed and shown to an operator: about 4 hours with the growing pause."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of due work; it is ours while it is due at `leased_until`, and asked for anew when at another time."""

    id: UUID
    tenant_id: str
    org_id: str
    kind: str
    object_id: str
    due_at: datetime
    attempts: int
    data: Mapping[str, Any]
    leased_until: datetime


class WillNeverWork(Exception):
    """This work cannot succeed by trying again; it is marked as failed at once."""


class OutsideWork(Protocol):
    """Work with an effect outside our database, which no transaction may wait for.

    `prepare` reads what is needed (None: nothing to do any more), `act` calls the outside without a transaction,
    `record` writes down what came of it in the transaction that removes the work.
    """

    def prepare(self, uow: UnitOfWork, work: Work) -> Any:
        """Read what is needed; None when there is nothing to do any more."""

    def act(self, prepared: Any) -> Any:
        """Do it; raises for another try, WillNeverWork for none."""

    def record(self, uow: UnitOfWork, work: Work, prepared: Any, result: Any) -> None:
        """Write down what came of it."""


@runtime_checkable
class HoldsFirst(Protocol):
    """Outside work that writes down something which requests lock before they ask for this work.

    It is locked before the work is removed, in the order of the requests: otherwise each could wait for the other.
    """

    def hold(self, uow: UnitOfWork, work: Work) -> None:
        """Lock it."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again: `run` gets a way to open a unit of work of our own process."""

    name: str
    every: timedelta
    run: Callable[[Callable[[str, str], UnitOfWork]], None]


InsideWork = Callable[[UnitOfWork, Work], None]
DueHandler = InsideWork | OutsideWork


class Scheduler:
    """One service's scheduler."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, DueHandler],
        *,
        stop: Callable[[], bool],
        clock: Clock | None = None,
        interval: float = 0.5,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._stop = stop
        self._clock = clock or SystemClock()
        self._interval = interval
        self._chores = chores
        self._chore_done_at: dict[str, datetime] = {}
        self._measuring = Measuring()
        self._late_commits = Rhythm(audit_seal.LATE_EVERY)
        self.on_turn: Callable[[], None] = lambda: None

    def run(self) -> None:
        """Work until stopped; a database that is away is waited for."""
        while not self._stop():
            self.on_turn()
            try:
                done = self.run_once(within=TURN)
                self._measure()
            except (DBAPIError, PoolTimeout) as error:
                away = is_away(error)
                if not (away or isinstance(error, OperationalError)):
                    raise
                words = "The database is away" if away else "A turn was not finished"
                log.warning(words, extra={"error": type(error).__name__, "cause": type(error.__cause__).__name__})
                done = 0
            if not done:
                time.sleep(self._interval)

    def run_once(self, *, within: float = math.inf) -> int:
        """Seal the audit trail and carry out what is due now; return how many pieces of work were tried.

        After `within` seconds no further piece is begun (one always is); those left over are given back.
        """
        with self._unit(NATIONAL_TENANT, NATIONAL_TENANT) as uow:
            audit_seal.seal(uow, late=self._late_commits.is_due())
            uow.commit()
        self._do_chores()
        work, began = self._lease(), time.monotonic()
        for number, piece in enumerate(work):
            if self._stop() or (number and time.monotonic() - began > within):
                self._give_back(work[number:])
                return number
            with span_from(piece.kind, piece.data.get("traceparent")):
                self._carry_out(piece)
            self.on_turn()
        return len(work)

    def _measure(self) -> None:
        if self._measuring.is_due():
            with self._unit(NATIONAL_TENANT, NATIONAL_TENANT) as uow:
                self._measuring.measure(uow)
                uow.commit()

    def _do_chores(self) -> None:
        now = self._clock.now()
        for chore in self._chores:
            last = self._chore_done_at.get(chore.name)
            if last is not None and now - last < chore.every:
                continue
            self._chore_done_at[chore.name] = now
            try:
                chore.run(self._unit)
            except Exception as error:
                log.warning("A chore failed", exc_info=error, extra={"chore": chore.name})

    def _unit(self, tenant_id: str, org_id: str) -> UnitOfWork:
        return UnitOfWork(self._database, Principal.service(tenant_id, org_id), clock=self._clock)

    def _lease(self) -> list[Work]:
        """Return what is due; nobody else takes it up for a while."""
        row = due_work.c
        with self._unit(NATIONAL_TENANT, NATIONAL_TENANT) as uow:
            due = (
                select(due_work)
                .where(row.due_at <= uow.now, row.failed_at.is_(None), row.kind.in_(list(self._handlers)))
                .order_by(row.due_at)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            )
            found = uow.session.execute(due).all()
            ids, leased_until = [piece.id for piece in found], uow.now + LEASE
            if ids:
                uow.session.execute(update(due_work).where(row.id.in_(ids)).values(due_at=leased_until))
            uow.commit()
        fields = ("id", "tenant_id", "org_id", "kind", "object_id", "due_at", "attempts", "data")
        return [Work(**{name: getattr(piece, name) for name in fields}, leased_until=leased_until) for piece in found]

    def _give_back(self, left: Sequence[Work]) -> None:
        """Let work that was leased and not begun be as due as it was."""
        with self._unit(NATIONAL_TENANT, NATIONAL_TENANT) as uow:
            for work in left:
                uow.session.execute(update(due_work).where(_still_ours(work)).values(due_at=work.due_at))
            uow.commit()

    def _carry_out(self, work: Work) -> None:
        try:
            handler = self._handlers[work.kind]
            if callable(handler):
                self._inside(handler, work)
            else:
                self._outside(handler, work)
            DUE_DONE.labels(work.kind, "done").inc()
        except WillNeverWork as error:
            self._failed(work, error, for_good=True)
        except Exception as error:
            if is_away(error):
                raise
            self._failed(work, error, for_good=work.attempts + 1 >= ATTEMPTS)

    def _inside(self, handler: InsideWork, work: Work) -> None:
        with self._unit(work.tenant_id, work.org_id) as uow:
            if self._remove(uow, work):
                handler(uow, work)
            uow.commit()

    def _outside(self, handler: OutsideWork, work: Work) -> None:
        with self._unit(work.tenant_id, work.org_id) as uow:
            prepared = handler.prepare(uow, work)
        crash_point("due_work_before_act")
        result = handler.act(prepared) if prepared is not None else None
        crash_point("due_work_after_act")
        with self._unit(work.tenant_id, work.org_id) as uow:
            if prepared is not None and isinstance(handler, HoldsFirst):
                handler.hold(uow, work)
            wanted = self._remove(uow, work) or self._is_asked_anew(uow, work)
            if prepared is not None and wanted:
                handler.record(uow, work, prepared, result)
            uow.commit()
        crash_point("due_work_after_record")

    @staticmethod
    def _remove(uow: UnitOfWork, work: Work) -> bool:
        """Remove the work before its handler runs, so that the handler may ask for the next piece of its kind.

        False when it was taken back, or asked for anew since it was leased: then it stays, for its new time.
        """
        removed = uow.session.execute(delete(due_work).where(_still_ours(work)).returning(due_work.c.id))
        return removed.first() is not None

    @staticmethod
    def _is_asked_anew(uow: UnitOfWork, work: Work) -> bool:
        return uow.session.execute(select(due_work.c.id).where(due_work.c.id == work.id)).first() is not None

    def _failed(self, work: Work, error: Exception, *, for_good: bool) -> None:
        log.warning(
            "Due work failed",
            exc_info=error,
            extra={"kind": work.kind, "attempts": work.attempts + 1, "for_good": for_good},
        )
        DUE_DONE.labels(work.kind, "failed" if for_good else "again").inc()
        backoff = min(timedelta(seconds=2) * 2**work.attempts, LONGEST_BACKOFF)
        with self._unit(work.tenant_id, work.org_id) as uow:
            uow.session.execute(
                update(due_work)
                .where(_still_ours(work))
                .values(
                    attempts=work.attempts + 1,
                    last_error=type(error).__name__,
                    due_at=uow.now + backoff,
                    failed_at=uow.now if for_good else None,
                )
            )
            uow.commit()


def _still_ours(work: Work) -> ColumnElement[bool]:
    """Nobody asked for the work anew since it was leased: that would have changed when it is due."""
    return (due_work.c.id == work.id) & (due_work.c.due_at == work.leased_until)
