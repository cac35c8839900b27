"""What leaves the organisation: proposed by the lead, decided by the chair, stopped at any time.

Sharing writes a frozen row for the ICB, made from exactly what the preview shows; stopping deletes it. An organisation
shows its ICB one plan at a time: sharing again, or sharing the next plan, takes the place of what was shared.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.action_plan import events
from services.action_plan.commands.steps import check_step, locked_plan
from services.action_plan.domain.errors import NoAudience
from services.action_plan.domain.plans import Step, check_ever_approved
from services.action_plan.models import plan, shared_view, shared_view_reading, sharing_grant
from services.action_plan.queries.sharing import preview, shared_plans
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.ids import new_id

STOPPED_BY_US = "organisation_stopped"
REPLACED = "replaced"


def propose(uow: UnitOfWork, plan_id: UUID) -> None:
    """Ask the chair to show the priorities to the ICB; nothing is shared by it.

    Raises NotFound, NotApproved, NotPossibleNow for a closed plan, and NoAudience.
    """
    row = _shareable(uow, plan_id)
    values = {"sharing_proposed_at": uow.now, "sharing_proposed_by": uow.principal.person_id}
    _set(uow, row, **values)
    outbox.add(uow, events.sharing_proposed(row, local_day(uow.now)))


def decide(uow: UnitOfWork, plan_id: UUID, *, share_priorities: bool) -> None:
    """Share the priorities as the preview shows them now, or stop. The same decision again changes nothing.

    Raises NotFound, and for sharing NotApproved, NotPossibleNow for a closed plan, and NoAudience.
    """
    if not share_priorities:
        row = locked_plan(uow, plan_id)
        running = _running(uow)
        if running is not None and running.plan_id == plan_id:
            _stop(uow, running, STOPPED_BY_US)
        _set(uow, row, sharing_proposed_at=None, sharing_proposed_by=None)
        return
    row = _shareable(uow, plan_id)
    _set(uow, row, sharing_proposed_at=None, sharing_proposed_by=None)
    _share(uow, row, preview(uow, plan_id))


def read_shared_plans(uow: UnitOfWork, org_id: str | None = None) -> list[dict[str, Any]]:
    """What organisations share with the principal's ICB; that it was read is written down for them to see.

    With `org_id` of that organisation alone: nobody is told that something was looked at which was not shown.
    """
    found = shared_plans(uow, org_id)
    if found:
        _write_readings(uow, found)
    for shown in found:
        del shown["tenant_id"]
    return found


def _shareable(uow: UnitOfWork, plan_id: UUID) -> Row[Any]:
    row = locked_plan(uow, plan_id)
    if row.org_id == row.tenant_id:
        raise NoAudience("This is the plan of an ICB: there is nobody above it to share with")
    check_step(row, Step.SHARE)
    check_ever_approved(row.approved_revision)
    return row


def _share(uow: UnitOfWork, row: Row[Any], content: dict[str, Any] | None) -> None:
    running = _running(uow)
    if running is not None:
        if running.plan_id == row.id and _shown_now(uow, running.id) == content:
            return
        if running.plan_id != row.id:
            locked_plan(uow, running.plan_id)
            uow.about("plan", row.id)
        _stop(uow, running, REPLACED)
    sharing_id = new_id()
    owned = {"tenant_id": row.tenant_id, "org_id": row.org_id, "id": sharing_id, "plan_id": row.id}
    given = {"shared_with": row.tenant_id, "granted_by": uow.principal.person_id, "granted_at": uow.now}
    uow.session.execute(insert(sharing_grant).values(**owned, **given))
    shown = {"audience_tenant": row.tenant_id, "audience_kind": "icb", "how_much": "priorities", "content": content}
    uow.session.execute(insert(shared_view).values(**owned, **shown, shared_at=uow.now))
    today = local_day(uow.now)
    event = events.sharing_granted(row, sharing_id=str(sharing_id), audience_tenant=row.tenant_id, granted_on=today)
    outbox.add(uow, event)


def _running(uow: UnitOfWork) -> Row[Any] | None:
    """Return what the organisation shares with its ICB of today.

    What an ICB was shown before the organisation moved away stays as it was on that day (docs/adr/0007).
    """
    grant, principal = sharing_grant.c, uow.principal
    statement = select(sharing_grant).where(
        grant.tenant_id == principal.tenant_id,
        grant.org_id == principal.org_id,
        grant.shared_with == principal.tenant_id,
        grant.stopped_at.is_(None),
    )
    return uow.session.execute(statement).first()


def _shown_now(uow: UnitOfWork, sharing_id: UUID) -> Any:
    view = shared_view.c
    statement = select(view.content).where(view.tenant_id == uow.principal.tenant_id, view.id == sharing_id)
    return uow.session.execute(statement).scalar()


def _stop(uow: UnitOfWork, grant: Row[Any], code: str) -> None:
    view, column = shared_view.c, sharing_grant.c
    uow.session.execute(delete(shared_view).where(view.tenant_id == grant.tenant_id, view.id == grant.id))
    uow.session.execute(
        update(sharing_grant)
        .where(column.tenant_id == grant.tenant_id, column.id == grant.id)
        .values(stopped_by=uow.principal.person_id, stopped_at=uow.now)
    )
    event = events.sharing_stopped(
        grant.plan_id,
        sharing_id=str(grant.id),
        audience_tenant=grant.shared_with,
        stopped_on=local_day(uow.now),
        stop_code=code,
    )
    outbox.add(uow, event)


def _set(uow: UnitOfWork, row: Row[Any], **values: Any) -> None:
    uow.session.execute(update(plan).where(plan.c.tenant_id == row.tenant_id, plan.c.id == row.id).values(**values))


def _write_readings(uow: UnitOfWork, found: list[dict[str, Any]]) -> None:
    readings = [
        {
            "tenant_id": shown["tenant_id"],
            "org_id": shown["org_id"],
            "shared_view_id": shown["sharing_id"],
            "audience_tenant": uow.principal.tenant_id,
            "person_id": uow.principal.person_id,
            "first_read_at": uow.now,
            "last_read_at": uow.now,
        }
        for shown in found
    ]
    statement = upsert(shared_view_reading).values(readings)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "shared_view_id", "person_id"],
            set_={"last_read_at": statement.excluded.last_read_at},
        )
    )
