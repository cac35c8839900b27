"""Takes a plan from one state to the next, with its row locked first."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, update

from services.action_plan import events
from services.action_plan.commands.grants import end_with_plan
from services.action_plan.domain.plans import CloseCode, State, Step, after
from services.action_plan.models import action, plan
from services.action_plan.queries.counts import action_counts
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import NotFound


class PlanBusy(Exception):
    """Somebody works on the plan at this moment; the same in a few seconds will do."""


def locked_plan(uow: UnitOfWork, plan_id: UUID) -> Row[Any]:
    """Return a plan of the principal's organisation, locked until the transaction ends. Raises NotFound."""
    uow.about("plan", plan_id)
    row = _locked(uow, plan.c.id == plan_id)
    if row is None:
        raise NotFound
    return row


def locked_plan_of_round(uow: UnitOfWork, round_id: str) -> Row[Any] | None:
    """Return the locked plan that was drafted from a self-assessment, or None."""
    return _locked(uow, plan.c.round_id == UUID(round_id))


def locked_plan_of_action(uow: UnitOfWork, action_id: UUID) -> Row[Any] | None:
    """Return the locked plan to which an action belongs, or None."""
    return _locked(uow, _owns(uow, action_id))


def plan_of_action_unless_busy(uow: UnitOfWork, action_id: UUID) -> Row[Any]:
    """Return the locked plan of an action without waiting for whoever works on it; raises PlanBusy.

    For due work, which holds its own row already: a person who saves holds the plan and may want that row.
    """
    row = _locked(uow, _owns(uow, action_id), wait=False)
    if row is None:
        raise PlanBusy(str(action_id))
    return row


def _owns(uow: UnitOfWork, action_id: UUID) -> ColumnElement[bool]:
    owning = select(action.c.plan_id).where(action.c.tenant_id == uow.principal.tenant_id, action.c.id == action_id)
    return plan.c.id == owning.scalar_subquery()


def _locked(uow: UnitOfWork, which: ColumnElement[bool], *, wait: bool = True) -> Row[Any] | None:
    mine = (plan.c.tenant_id == uow.principal.tenant_id, plan.c.org_id == uow.principal.org_id)
    return uow.session.execute(select(plan).where(*mine, which).with_for_update(skip_locked=not wait)).first()


def check_step(row: Row[Any], step: Step) -> State:
    """Return the state after `step`; raises NotPossibleNow when the plan does not allow it."""
    return after(State(row.state), step)


def take_step(uow: UnitOfWork, row: Row[Any], step: Step, **values: Any) -> Row[Any]:
    """Move the locked plan and return its new row. Raises NotPossibleNow."""
    statement = (
        update(plan)
        .where(plan.c.tenant_id == row.tenant_id, plan.c.id == row.id)
        .values(state=check_step(row, step).value, version=row.version + 1, **values)
    )
    return uow.session.execute(statement.returning(plan)).one()


def supersede_earlier(uow: UnitOfWork, newer: Row[Any], *, approved_too: bool) -> None:
    """Close the organisation's other plans from results no newer than this one's.

    A new draft takes the place of drafts that were never approved; only an approval takes the place of an approved
    plan, so that there is always one that holds. Newest first: whoever locks several plans locks them in this order.
    """
    earlier = plan.c
    statement = (
        select(plan)
        .where(
            earlier.tenant_id == newer.tenant_id,
            earlier.org_id == newer.org_id,
            earlier.id != newer.id,
            earlier.state != State.CLOSED.value,
            earlier.agreed_on <= newer.agreed_on,
        )
        .order_by(earlier.id.desc())
        .with_for_update()
    )
    if not approved_too:
        statement = statement.where(earlier.approved_revision.is_(None))
    for row in uow.session.execute(statement).all():
        close_locked(uow, row, Step.SUPERSEDE, CloseCode.SUPERSEDED)


def close_locked(uow: UnitOfWork, row: Row[Any], step: Step, code: CloseCode) -> Row[Any]:
    """Close a locked plan and say so; what the ICB was shown of it ends with it."""
    closed = take_step(uow, row, step, closed_at=uow.now, close_code=code.value)
    today = local_day(uow.now)
    outbox.add(uow, events.plan_closed(closed, closed_on=today, counts=action_counts(uow, row.id)))
    end_with_plan(uow, closed)
    return closed
