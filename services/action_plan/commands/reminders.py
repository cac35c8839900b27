"""Follows an action's due day: asks to be woken, and tells once for each due day that it is near or has passed."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from services.action_plan import events
from services.action_plan.commands.steps import plan_of_action_unless_busy
from services.action_plan.domain.actions import FINISHED
from services.action_plan.domain.due_dates import days_left, due_soon_at, overdue_at
from services.action_plan.domain.plans import State
from services.action_plan.models import action
from services.action_plan.queries.counts import action_counts
from services.action_plan.queries.owners import may_own
from shared import due_work, outbox
from shared.clock import local_day
from shared.database import UnitOfWork

DUE_SOON_WORK = "action.due-soon"
OVERDUE_WORK = "action.overdue"


def follow_due_day(uow: UnitOfWork, row: Row[Any]) -> None:
    """Ask to be woken for an action's due day, in place of what was asked before; for a finished one, do not."""
    for kind, told_for, moment in (
        (DUE_SOON_WORK, row.told_due_soon_for, due_soon_at),
        (OVERDUE_WORK, row.told_overdue_for, overdue_at),
    ):
        if row.status in FINISHED or told_for == row.due_on:
            due_work.cancel(uow, kind, str(row.id))
        else:
            due_work.add(uow, kind, str(row.id), moment(row.due_on))


def tell_due_soon(uow: UnitOfWork, action_id: UUID) -> None:
    """Tell that an action's due day comes near, unless it is finished, passed or told before. Raises PlanBusy."""
    row = _waiting(uow, action_id)
    if row is None or row.told_due_soon_for == row.due_on or uow.now < due_soon_at(row.due_on):
        return
    left = days_left(row.due_on, local_day(uow.now))
    if left >= 0:
        _told(uow, row, told_due_soon_for=row.due_on)
        outbox.add(uow, events.action_became_due_soon(row, left, owner_left=_owner_left(uow, row)))


def tell_overdue(uow: UnitOfWork, action_id: UUID) -> None:
    """Tell that an action's due day has ended, unless it is finished, put off or told before. Raises PlanBusy."""
    row = _waiting(uow, action_id)
    if row is None or row.told_overdue_for == row.due_on or uow.now < overdue_at(row.due_on):
        return
    _told(uow, row, told_overdue_for=row.due_on)
    counts = action_counts(uow, row.plan_id)
    outbox.add(uow, events.action_became_overdue(row, counts, owner_left=_owner_left(uow, row)))


def _owner_left(uow: UnitOfWork, row: Row[Any]) -> bool:
    """Tell whether the reminder would reach nobody who can do anything about it: whoever leads is told instead."""
    return not may_own(uow, row.owner_id, row.org_id)


def _waiting(uow: UnitOfWork, action_id: UUID) -> Row[Any] | None:
    """Return an unfinished action of an open plan, with its plan locked."""
    plan_row = plan_of_action_unless_busy(uow, action_id)
    if plan_row.state == State.CLOSED:
        return None
    statement = select(action).where(action.c.tenant_id == plan_row.tenant_id, action.c.id == action_id)
    row = uow.session.execute(statement).one()
    return None if row.status in FINISHED else row


def _told(uow: UnitOfWork, row: Row[Any], **values: Any) -> None:
    uow.session.execute(
        update(action).where(action.c.tenant_id == row.tenant_id, action.c.id == row.id).values(**values)
    )
