"""Add an action and keep it up to date. The plan's row is locked first: its counts ride in the events."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from services.action_plan import events
from services.action_plan.commands.reminders import follow_due_day
from services.action_plan.commands.steps import check_step, locked_plan, locked_plan_of_action
from services.action_plan.domain.actions import ActionText, Change, Status, Told, changed, differences, told
from services.action_plan.domain.due_dates import check_due_on
from services.action_plan.domain.errors import NotYourAction, UnknownOwner, UnknownPriority
from services.action_plan.domain.plans import Step
from services.action_plan.domain.texts import LONGEST_TITLE, checked_text, required_text
from services.action_plan.models import action, action_change, priority
from services.action_plan.queries.actions import action_view
from services.action_plan.queries.counts import action_counts
from services.action_plan.queries.owners import may_own
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.outbox import Event
from shared.problems import NotFound, StaleVersion

LEADS_ONLY = ("title", "owner_id")
"""What an owner asks the lead for: another title, another owner."""


def add_action(
    uow: UnitOfWork,
    plan_id: UUID,
    *,
    priority_id: UUID,
    title: str,
    owner_id: UUID,
    due_on: date,
    next_step: str | None = None,
) -> UUID:
    """Add an action to a priority and return its id; its owner is told.

    Raises NotFound, NotPossibleNow for a closed plan, and NotValid: unknown priority or owner, day passed, wrong text.
    """
    plan_row = locked_plan(uow, plan_id)
    check_step(plan_row, Step.WORK)
    _check_priority(uow, plan_row, priority_id)
    _check_owner(uow, str(owner_id))
    check_due_on(due_on, today=local_day(uow.now))
    values = {
        "title": required_text("title", title, "Enter a title", longest=LONGEST_TITLE),
        "owner_id": str(owner_id),
        "due_on": due_on,
        "status": Status.NOT_STARTED.value,
        "next_step": checked_text("next_step", next_step),
    }
    row = _insert(uow, plan_row, priority_id, values)
    _remember(uow, row, [Change("added", "", row.title)])
    outbox.add(uow, events.action_added(row, action_counts(uow, plan_row.id)))
    outbox.add(uow, events.action_assigned(row, None))
    follow_due_day(uow, row)
    uow.about("action", row.id)
    added: UUID = row.id
    return added


def change_action(
    uow: UnitOfWork, action_id: UUID, version: int, wanted: Mapping[str, Any], *, leads: bool
) -> dict[str, Any]:
    """Change what is named in `wanted` and return the action; the same again changes nothing.

    Raises NotFound, NotYourAction unless it is one's own or one leads, StaleVersion, NotPossibleNow for a closed plan,
    and NotValid.
    """
    uow.about("action", action_id)
    plan_row = locked_plan_of_action(uow, action_id)
    if plan_row is None:
        raise NotFound
    row = uow.session.execute(select(action).where(_this(plan_row, action_id))).one()
    _check_may_change(uow, row, wanted, leads=leads)
    if version != row.version:
        raise StaleVersion(current=action_view(uow, action_id))
    check_step(plan_row, Step.WORK)
    before = _text_of(row)
    following = changed(before, wanted, today=local_day(uow.now))
    if following.owner_id != before.owner_id:
        _check_owner(uow, following.owner_id)
    if following != before:
        _save(uow, row, before, following)
    return action_view(uow, action_id)


def _check_may_change(uow: UnitOfWork, row: Row[Any], wanted: Mapping[str, Any], *, leads: bool) -> None:
    if leads:
        return
    if row.owner_id != uow.principal.person_id:
        raise NotYourAction("Only its owner and the improvement lead can change this action")
    for name in LEADS_ONLY:
        if name in wanted and str(wanted[name]) != getattr(row, name):
            raise NotYourAction("Ask the improvement lead for another title or another owner", field=name)


def _save(uow: UnitOfWork, row: Row[Any], before: ActionText, following: ActionText) -> None:
    values = {**asdict(following), "status": following.status.value}
    statement = update(action).where(_this(row, row.id)).values(**values, version=row.version + 1, changed_at=uow.now)
    saved = uow.session.execute(statement.returning(action)).one()
    _remember(uow, saved, differences(before, following))
    for news in told(before, following):
        outbox.add(uow, _event(uow, news, saved, row))
    if following.due_on != before.due_on or following.finished is not before.finished:
        follow_due_day(uow, saved)


def _event(uow: UnitOfWork, news: Told, row: Row[Any], before: Row[Any]) -> Event:
    if news is Told.ASSIGNED:
        return events.action_assigned(row, before.owner_id)
    counts, today = action_counts(uow, row.plan_id), local_day(uow.now)
    if news is Told.COMPLETED:
        return events.action_completed(row, before, completed_on=today, counts=counts)
    if news is Told.STOPPED:
        return events.action_stopped(row, before, stopped_on=today, counts=counts)
    return events.action_progressed(row, before, counts)


def _check_priority(uow: UnitOfWork, plan_row: Row[Any], priority_id: UUID) -> None:
    statement = select(priority.c.id).where(
        priority.c.tenant_id == plan_row.tenant_id,
        priority.c.plan_id == plan_row.id,
        priority.c.id == priority_id,
        priority.c.dropped_at.is_(None),
    )
    if uow.session.execute(statement).first() is None:
        raise UnknownPriority("Choose one of the plan's priorities", field="priority_id")


def _check_owner(uow: UnitOfWork, owner_id: str) -> None:
    """An owner holds a role today that lets them read the plan, as this service knows it from directory."""
    if not may_own(uow, owner_id, uow.principal.org_id):
        raise UnknownOwner("Choose somebody who has a role in your organisation and can see the plan", field="owner_id")


def _insert(uow: UnitOfWork, plan_row: Row[Any], priority_id: UUID, values: Mapping[str, Any]) -> Row[Any]:
    statement = insert(action).values(
        tenant_id=plan_row.tenant_id,
        org_id=plan_row.org_id,
        id=new_id(),
        plan_id=plan_row.id,
        priority_id=priority_id,
        blocked_by="",
        stopped_reason="",
        version=1,
        created_by=uow.principal.person_id,
        created_at=uow.now,
        changed_at=uow.now,
        **values,
    )
    return uow.session.execute(statement.returning(action)).one()


def _remember(uow: UnitOfWork, row: Row[Any], changes: list[Change]) -> None:
    uow.session.execute(
        insert(action_change).values(
            tenant_id=row.tenant_id,
            org_id=row.org_id,
            id=new_id(),
            action_id=row.id,
            at=uow.now,
            person_id=uow.principal.person_id,
            version=row.version,
            changes=[asdict(change) for change in changes],
        )
    )


def _text_of(row: Row[Any]) -> ActionText:
    return ActionText(
        title=row.title,
        owner_id=row.owner_id,
        due_on=row.due_on,
        status=Status(row.status),
        next_step=row.next_step,
        blocked_by=row.blocked_by,
        stopped_reason=row.stopped_reason,
    )


def _this(row: Row[Any], action_id: UUID) -> Any:
    return (action.c.tenant_id == row.tenant_id) & (action.c.id == action_id)
