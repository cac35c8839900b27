"""Plans as their organisation sees them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, true

from services.action_plan.domain.errors import NotValid
from services.action_plan.domain.plans import notice
from services.action_plan.models import action, plan, plan_approval, priority
from services.action_plan.queries.actions import actions_of_plan
from services.action_plan.queries.counts import count_columns
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import NotFound

SUMMARY = (
    plan.c.id,
    plan.c.round_id,
    plan.c.question_set_id,
    plan.c.state,
    plan.c.version,
    plan.c.revision,
    plan.c.approved_revision,
    plan.c.aim,
    plan.c.agreed_on,
    plan.c.signed_off_on,
    plan.c.drafted_at,
    plan.c.approval_requested_at,
    plan.c.approved_at,
    plan.c.closed_at,
    plan.c.close_code,
    plan.c.sharing_proposed_at,
)
DETAILS = (
    plan.c.approval_requested_by,
    plan.c.sent_back_note,
    plan.c.sent_back_by,
    plan.c.approved_by,
)


def all_plans(uow: UnitOfWork, *, cursor: str | None, limit: int) -> dict[str, Any]:
    """Return the organisation's plans with their counts, newest first; the cursor is the last id shown.

    One statement, whatever the number of plans. Raises NotValid for a cursor that is none.
    """
    today = local_day(uow.now)
    counts = (
        select(*count_columns(today))
        .where(action.c.tenant_id == plan.c.tenant_id, action.c.plan_id == plan.c.id)
        .lateral("counts")
    )
    priorities = (
        select(func.count())
        .where(priority.c.tenant_id == plan.c.tenant_id, priority.c.plan_id == plan.c.id)
        .where(priority.c.dropped_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        select(
            *SUMMARY,
            plan.c.levels_withdrawn_at,
            priorities.label("priority_count"),
            counts.c.done,
            counts.c.under_way,
            counts.c.overdue,
        )
        .join_from(plan, counts, true())
        .where(plan.c.tenant_id == uow.principal.tenant_id, plan.c.org_id == uow.principal.org_id)
        .order_by(plan.c.id.desc())
        .limit(limit)
    )
    if cursor:
        statement = statement.where(plan.c.id < _last_shown(cursor))
    items = [_with_counts(dict(row)) for row in uow.session.execute(statement).mappings()]
    following = str(items[-1]["id"]) if len(items) == limit else None
    return {"items": items, "next": following, "count": len(items)}


def plan_view(uow: UnitOfWork, plan_id: UUID, *, levels: bool = True) -> dict[str, Any]:
    """Return a plan with its priorities and actions; `levels` adds what the board agreed and what follows from it.

    A fixed number of statements, whatever the size of the plan. Raises NotFound.
    """
    row = get_plan(uow, plan_id)
    priorities = _priorities(uow, plan_id)
    actions = actions_of_plan(uow, plan_id)
    return {
        **{column.name: getattr(row, column.name) for column in (*SUMMARY, *DETAILS)},
        "priority_count": sum(each["dropped_at"] is None for each in priorities),
        "action_counts": _counted(actions),
        "items": row.items if levels else [],
        "suggestions": row.suggestions if levels else [],
        "priorities": _shown(priorities, dropped=False),
        "dropped_priorities": _shown(priorities, dropped=True),
        "actions": actions,
        "approved": _approved(uow, row),
        "notice": notice(row.close_code, held_up=row.levels_withdrawn_at is not None),
    }


def get_plan(uow: UnitOfWork, plan_id: UUID) -> Row[Any]:
    """Return the row of a plan of the principal's organisation. Raises NotFound."""
    uow.about("plan", plan_id)
    mine = (plan.c.tenant_id == uow.principal.tenant_id, plan.c.org_id == uow.principal.org_id)
    row = uow.session.execute(select(plan).where(*mine, plan.c.id == plan_id)).first()
    if row is None:
        raise NotFound
    return row


def live_priorities(uow: UnitOfWork, plan_id: UUID) -> list[dict[str, Any]]:
    """Return the priorities a plan has now, in their order."""
    return _shown(_priorities(uow, plan_id), dropped=False)


def _priorities(uow: UnitOfWork, plan_id: UUID) -> list[dict[str, Any]]:
    row = priority.c
    shown = (row.id, row.item_id, row.practice_id, row.title, row.position, row.dropped_at)
    statement = select(*shown).where(row.tenant_id == uow.principal.tenant_id, row.plan_id == plan_id)
    return [dict(found) for found in uow.session.execute(statement.order_by(row.position, row.id)).mappings()]


def _shown(priorities: list[dict[str, Any]], *, dropped: bool) -> list[dict[str, Any]]:
    wanted = [each for each in priorities if (each["dropped_at"] is not None) is dropped]
    return [{name: value for name, value in each.items() if name != "dropped_at"} for each in wanted]


def _counted(actions: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "done": sum(each["status"] == "done" for each in actions),
        "under_way": sum(each["status"] not in ("done", "stopped") and not each["overdue"] for each in actions),
        "overdue": sum(bool(each["overdue"]) for each in actions),
    }


def _approved(uow: UnitOfWork, row: Row[Any]) -> dict[str, Any] | None:
    """Return the plan as it was last approved: what holds while a revision is being drafted."""
    if row.approved_revision is None:
        return None
    kept = plan_approval.c
    shown = (kept.revision, kept.approved_by, kept.approved_as, kept.approved_at, kept.content)
    statement = select(*shown).where(
        kept.tenant_id == row.tenant_id, kept.plan_id == row.id, kept.revision == row.approved_revision
    )
    found = dict(uow.session.execute(statement).mappings().one())
    return {**found.pop("content"), **found}


def _with_counts(item: dict[str, Any]) -> dict[str, Any]:
    counts = {name: item.pop(name) for name in ("done", "under_way", "overdue")}
    said = notice(item["close_code"], held_up=item.pop("levels_withdrawn_at") is not None)
    return {**item, "action_counts": counts, "notice": said}


def _last_shown(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError as error:
        raise NotValid("Go on with the cursor that the page before gave", field="cursor") from error
