"""Actions as their organisation sees them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Label, Select, case, select, tuple_

from services.action_plan.domain.errors import NotValid
from services.action_plan.domain.plans import State
from services.action_plan.models import action, action_change, plan, priority
from services.action_plan.queries.counts import overdue_on
from services.action_plan.queries.owners import owner_left
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import NotFound


def all_actions(
    uow: UnitOfWork,
    *,
    mine: bool = False,
    overdue: bool = False,
    status: str | None = None,
    plan_id: UUID | None = None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return actions of the plans that are not closed, soonest due first, in one statement.

    Raises NotValid for a cursor that is none.
    """
    statement = _actions(uow).where(plan.c.state != State.CLOSED.value).order_by(action.c.due_on, action.c.id)
    if mine:
        statement = statement.where(action.c.owner_id == uow.principal.person_id)
    if overdue:
        statement = statement.where(overdue_on(local_day(uow.now)))
    if status is not None:
        statement = statement.where(action.c.status == status)
    if plan_id is not None:
        statement = statement.where(action.c.plan_id == plan_id)
    if cursor:
        statement = statement.where(tuple_(action.c.due_on, action.c.id) > tuple_(*_last_shown(cursor)))
    items = [dict(row) for row in uow.session.execute(statement.limit(limit)).mappings()]
    following = f"{items[-1]['due_on'].isoformat()}.{items[-1]['id']}" if len(items) == limit else None
    return {"items": items, "next": following, "count": len(items)}


def actions_of_plan(uow: UnitOfWork, plan_id: UUID) -> list[dict[str, Any]]:
    """Return all actions of a plan, closed or not, soonest due first."""
    statement = _actions(uow).where(action.c.plan_id == plan_id).order_by(action.c.due_on, action.c.id)
    return [dict(row) for row in uow.session.execute(statement).mappings()]


def action_view(uow: UnitOfWork, action_id: UUID) -> dict[str, Any]:
    """Return one action with its history, newest first. Raises NotFound."""
    uow.about("action", action_id)
    found = uow.session.execute(_actions(uow).where(action.c.id == action_id)).mappings().first()
    if found is None:
        raise NotFound
    change = action_change.c
    history = (
        select(change.at, change.person_id, change.version, change.changes)
        .where(change.tenant_id == uow.principal.tenant_id, change.action_id == action_id)
        .order_by(change.version.desc())
    )
    return {**found, "history": [dict(row) for row in uow.session.execute(history).mappings()]}


def _actions(uow: UnitOfWork) -> Select[Any]:
    served = (priority.c.tenant_id == action.c.tenant_id) & (priority.c.id == action.c.priority_id)
    holding = (plan.c.tenant_id == action.c.tenant_id) & (plan.c.id == action.c.plan_id)
    return (
        select(
            action.c.id,
            action.c.plan_id,
            action.c.priority_id,
            priority.c.item_id,
            priority.c.title.label("priority_title"),
            action.c.title,
            action.c.owner_id,
            action.c.due_on,
            _is_overdue(local_day(uow.now)),
            owner_left(uow),
            action.c.status,
            action.c.next_step,
            action.c.blocked_by,
            action.c.stopped_reason,
            action.c.version,
            action.c.changed_at,
        )
        .join(priority, served)
        .join(plan, holding)
        .where(action.c.tenant_id == uow.principal.tenant_id, action.c.org_id == uow.principal.org_id)
    )


def _is_overdue(today: date) -> Label[bool]:
    return case((overdue_on(today), True), else_=False).label("overdue")


def _last_shown(cursor: str) -> tuple[date, UUID]:
    day, _, action_id = cursor.partition(".")
    try:
        return date.fromisoformat(day), UUID(action_id)
    except ValueError as error:
        raise NotValid("Go on with the cursor that the page before gave", field="cursor") from error
