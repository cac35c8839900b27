"""What becomes of actions whose owner leaves the organisation: nobody is given them, whoever leads is told."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select

from services.action_plan import events
from services.action_plan.commands.steps import locked_plan
from services.action_plan.domain.plans import State
from services.action_plan.models import action, plan
from services.action_plan.queries.counts import UNFINISHED
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork


def note_leaver(uow: UnitOfWork, person_id: str) -> None:
    """Tell, once a plan, which unfinished actions of open plans have no owner any more."""
    owned = (plan.c.tenant_id == action.c.tenant_id, plan.c.id == action.c.plan_id, action.c.owner_id == person_id)
    concerned = (
        select(plan.c.id)
        .where(plan.c.tenant_id == uow.principal.tenant_id, plan.c.org_id == uow.principal.org_id)
        .where(plan.c.state != State.CLOSED.value, exists().where(*owned, UNFINISHED))
        .order_by(plan.c.id.desc())
    )
    for plan_id in list(uow.session.execute(concerned).scalars()):
        row = locked_plan(uow, plan_id)
        left = _left_by(uow, row.id, person_id)
        if left and row.state != State.CLOSED:
            _tell(uow, row, person_id, left)


def _left_by(uow: UnitOfWork, plan_id: UUID, person_id: str) -> list[Row[Any]]:
    statement = (
        select(action.c.id, action.c.due_on)
        .where(action.c.tenant_id == uow.principal.tenant_id, action.c.plan_id == plan_id)
        .where(action.c.owner_id == person_id, UNFINISHED)
        .order_by(action.c.due_on, action.c.id)
    )
    return list(uow.session.execute(statement))


def _tell(uow: UnitOfWork, row: Row[Any], person_id: str, left: list[Row[Any]]) -> None:
    today = local_day(uow.now)
    overdue = sum(each.due_on < today for each in left)
    event = events.owner_left(row, person_id, [str(each.id) for each in left], overdue=overdue, left_on=today)
    outbox.add(uow, event)
