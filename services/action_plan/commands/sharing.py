"""What leaves the organisation: proposed by the lead, decided by the chair, stopped at any time.

Sharing writes a frozen row for the ICB, made from exactly what the preview shows; stopping deletes it. An organisation
shows its ICB one plan at a time: sharing again, or sharing another plan, takes the place of what was shared. Sharing
ends with the plan: what is closed is not shown as if it held (`grants.py`).
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.action_plan import events
from services.action_plan.commands.grants import (
    REPLACED,
    STOPPED_BY_US,
    end_with_plan,
    running_grant,
    stop_grant,
)
from services.action_plan.commands.steps import check_step, locked_plan
from services.action_plan.domain.plans import State, Step, check_ever_approved, check_is_followed
from services.action_plan.models import plan, shared_view, shared_view_reading, sharing_grant
from services.action_plan.queries.sharing import shared_plans, sharing_view
from shared import outbox, replica
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import StaleVersion

LEFT_OVER_WORK = "plan.closed-while-shared"


def propose(uow: UnitOfWork, plan_id: UUID) -> None:
    """Ask the chair to show the priorities to the ICB; nothing is shared by it.

    Raises NotFound, NotApproved, NotPossibleNow for a closed plan, and NoAudience.
    """
    row = locked_plan(uow, plan_id)
    _check_shareable(uow, row)
    values = {"sharing_proposed_at": uow.now, "sharing_proposed_by": uow.principal.person_id}
    _set(uow, row, **values)
    outbox.add(uow, events.sharing_proposed(row, local_day(uow.now)))


def decide(uow: UnitOfWork, plan_id: UUID, version: int, *, share_priorities: bool) -> None:
    """Share the priorities as the preview showed them, or stop. The same decision again changes nothing.

    `version` is that of what the chair was shown (`sharing_view`). Raises NotFound, StaleVersion, and for sharing
    NotApproved, NotPossibleNow for a closed plan, and NoAudience.
    """
    row = locked_plan(uow, plan_id)
    shown = sharing_view(uow, plan_id)
    if shown["version"] != version:
        raise StaleVersion(shown)
    if not share_priorities:
        running = running_grant(uow)
        if running is not None and running.plan_id == plan_id:
            stop_grant(uow, running, STOPPED_BY_US)
        _set(uow, row, sharing_proposed_at=None, sharing_proposed_by=None)
        return
    _check_shareable(uow, row)
    _set(uow, row, sharing_proposed_at=None, sharing_proposed_by=None)
    _share(uow, row, shown)


def end_left_over(uow: UnitOfWork, plan_id: UUID) -> bool:
    """Stop what is still shared of a plan that was closed before sharing ended with it; tell whether anything was."""
    row = locked_plan(uow, plan_id)
    return row.state == State.CLOSED and end_with_plan(uow, row)


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


def _check_shareable(uow: UnitOfWork, row: Row[Any]) -> None:
    check_is_followed(replica.kind_of(uow, row.org_id))
    check_step(row, Step.SHARE)
    check_ever_approved(row.approved_revision)


def _share(uow: UnitOfWork, row: Row[Any], shown: dict[str, Any]) -> None:
    """Let the ICB read the preview of `shown` (`sharing_view`), in place of what it read before; unless it is that."""
    content = shown["preview"]
    if shown["shown"] is not None and shown["shown"]["content"] == content:
        return
    running = running_grant(uow)
    if running is not None:
        if running.plan_id != row.id:
            locked_plan(uow, running.plan_id)
            uow.about("plan", row.id)
        stop_grant(uow, running, REPLACED)
    sharing_id = new_id()
    owned = {"tenant_id": row.tenant_id, "org_id": row.org_id, "id": sharing_id, "plan_id": row.id}
    given = {"shared_with": row.tenant_id, "granted_by": uow.principal.person_id, "granted_at": uow.now}
    uow.session.execute(insert(sharing_grant).values(**owned, **given))
    copy = {"audience_tenant": row.tenant_id, "audience_kind": "icb", "how_much": "priorities", "content": content}
    uow.session.execute(insert(shared_view).values(**owned, **copy, shared_at=uow.now))
    today = local_day(uow.now)
    event = events.sharing_granted(row, sharing_id=str(sharing_id), audience_tenant=row.tenant_id, granted_on=today)
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
