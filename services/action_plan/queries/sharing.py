"""What is shared of a plan, and what was shared with an ICB."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, true

from services.action_plan.models import action, plan_approval, priority, shared_view, shared_view_reading
from services.action_plan.models import sharing_grant as grant_table
from services.action_plan.queries.counts import count_columns
from services.action_plan.queries.plans import get_plan
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.mechanism import known_organisation
from shared.shown_version import version_of


def _preview(uow: UnitOfWork, row: Row[Any]) -> dict[str, Any] | None:
    """Return the priorities of a plan exactly as the ICB would read them now, or None before the first approval.

    Titles as approved, with practice and three counts; no aim, no owner, no words of an action.
    """
    if row.approved_revision is None:
        return None
    kept = plan_approval.c
    approval = uow.session.execute(
        select(kept.content, kept.approved_at).where(
            kept.tenant_id == row.tenant_id, kept.plan_id == row.id, kept.revision == row.approved_revision
        )
    ).one()
    counts = _counts_by_priority(uow, row.id)
    shown = ("item_id", "practice_id", "title", "position")
    priorities = [
        {**{name: each[name] for name in shown}, "action_counts": counts[each["item_id"]]}
        for each in approval.content["priorities"]
    ]
    return {
        "question_set_id": row.question_set_id,
        "approved_on": local_day(approval.approved_at).isoformat(),
        "priorities": priorities,
    }


def sharing_view(uow: UnitOfWork, plan_id: UUID) -> dict[str, Any]:
    """Return what is shared of a plan, proposed, and read by whom.

    The version stands for all that a decision rests on: the preview with its counts, what is shared and proposed, and
    the ICB that would read it. Raises NotFound.
    """
    row = get_plan(uow, plan_id)
    granted = _grants(uow, plan_id)
    running = [each for each in granted if each["stopped_at"] is None and each["shared_with"] == row.tenant_id]
    found = {
        "state": row.state,
        "proposed_at": row.sharing_proposed_at,
        "proposed_by": row.sharing_proposed_by,
        "preview": _preview(uow, row),
    }
    return {
        "plan_id": plan_id,
        "version": version_of({**found, "running": running, "icb": row.tenant_id}),
        **found,
        "shared": bool(running),
        "shown": _shown_to_icb(uow, running[0]["id"]) if running else None,
        "granted": granted,
        "seen": _seen(uow, plan_id),
    }


def shared_plans(uow: UnitOfWork, org_id: str | None = None) -> list[dict[str, Any]]:
    """Return the priorities that organisations, or one of them, share with the principal's ICB."""
    view, known = shared_view.c, known_organisation.c
    statement = (
        select(
            view.id.label("sharing_id"),
            view.tenant_id,
            view.org_id,
            known.name.label("org_name"),
            known.fictional,
            view.plan_id,
            view.how_much,
            view.content,
            view.shared_at,
        )
        .outerjoin(known_organisation, known.org_id == view.org_id)
        .where(view.audience_tenant == uow.principal.tenant_id)
        .order_by(view.org_id, view.shared_at.desc())
    )
    if org_id is not None:
        statement = statement.where(view.org_id == org_id)
    return [dict(row) for row in uow.session.execute(statement).mappings()]


def _counts_by_priority(uow: UnitOfWork, plan_id: UUID) -> dict[str, dict[str, int]]:
    counts = (
        select(*count_columns(local_day(uow.now)))
        .where(action.c.tenant_id == priority.c.tenant_id, action.c.priority_id == priority.c.id)
        .lateral("counts")
    )
    statement = (
        select(priority.c.item_id, counts.c.done, counts.c.under_way, counts.c.overdue)
        .join_from(priority, counts, true())
        .where(priority.c.tenant_id == uow.principal.tenant_id, priority.c.plan_id == plan_id)
    )
    rows = uow.session.execute(statement)
    return {row.item_id: {"done": row.done, "under_way": row.under_way, "overdue": row.overdue} for row in rows}


def _shown_to_icb(uow: UnitOfWork, sharing_id: UUID) -> dict[str, Any] | None:
    """Return the frozen copy that the ICB reads: as it stood when the chair decided, not as the preview is now."""
    view = shared_view.c
    statement = select(view.content, view.shared_at).where(
        view.tenant_id == uow.principal.tenant_id, view.id == sharing_id
    )
    found = uow.session.execute(statement).mappings().first()
    return dict(found) if found is not None else None


def _grants(uow: UnitOfWork, plan_id: UUID) -> list[dict[str, Any]]:
    grant = grant_table.c
    shown = (grant.id, grant.shared_with, grant.granted_by, grant.granted_at, grant.stopped_by, grant.stopped_at)
    statement = select(*shown).where(grant.tenant_id == uow.principal.tenant_id, grant.plan_id == plan_id)
    return [dict(row) for row in uow.session.execute(statement.order_by(grant.granted_at.desc(), grant.id)).mappings()]


def _seen(uow: UnitOfWork, plan_id: UUID) -> list[dict[str, Any]]:
    """Return who looked, at ICBs that were left since as well: a reading stays under the tenant of what it was of."""
    reading, grant = shared_view_reading.c, grant_table.c
    statement = (
        select(
            reading.shared_view_id.label("sharing_id"),
            reading.audience_tenant,
            reading.person_id,
            reading.first_read_at,
            reading.last_read_at,
        )
        .join(grant_table, (grant.shared_with == reading.tenant_id) & (grant.id == reading.shared_view_id))
        .where(grant.tenant_id == uow.principal.tenant_id, reading.org_id == uow.principal.org_id)
        .where(grant.plan_id == plan_id)
        .order_by(reading.last_read_at.desc())
    )
    return [dict(row) for row in uow.session.execute(statement).mappings()]
