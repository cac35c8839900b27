"""The three numbers of a plan: done, under way, overdue. Stopped actions are in none of them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, func, select

from services.action_plan.domain.actions import FINISHED, Status
from services.action_plan.models import action
from shared.clock import local_day
from shared.database import UnitOfWork

UNFINISHED: ColumnElement[bool] = action.c.status.not_in([status.value for status in FINISHED])


def overdue_on(today: date) -> ColumnElement[bool]:
    """Return the condition that an action's due day has passed and it is neither done nor stopped."""
    return UNFINISHED & (action.c.due_on < today)


def count_columns(today: date) -> tuple[Label[Any], ...]:
    """Return the three counts as columns of a query over actions."""
    counted = func.count(action.c.id)
    return (
        counted.filter(action.c.status == Status.DONE.value).label("done"),
        counted.filter(UNFINISHED & (action.c.due_on >= today)).label("under_way"),
        counted.filter(overdue_on(today)).label("overdue"),
    )


def action_counts(uow: UnitOfWork, plan_id: UUID) -> dict[str, int]:
    """Return a plan's counts as of today in England."""
    of_this_plan = (action.c.tenant_id == uow.principal.tenant_id, action.c.plan_id == plan_id)
    row = uow.session.execute(select(*count_columns(local_day(uow.now))).where(*of_this_plan)).one()
    return {"done": row.done, "under_way": row.under_way, "overdue": row.overdue}
