"""What the ICB reads of a plan right now, and how that ends: stopped, replaced, or closed together with its plan."""

from typing import Any

from sqlalchemy import Row, delete, select, update

from services.action_plan import events
from services.action_plan.domain.plans import CloseCode
from services.action_plan.models import shared_view, sharing_grant
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork

STOPPED_BY_US = "organisation_stopped"
REPLACED = "replaced"
EXPIRED = "expired"


def running_grant(uow: UnitOfWork) -> Row[Any] | None:
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


def stop_grant(uow: UnitOfWork, grant: Row[Any], code: str, *, plan_close_code: str | None = None) -> None:
    """Delete what the ICB could read and say so; the caller holds the plan."""
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
        plan_close_code=plan_close_code,
    )
    outbox.add(uow, event)


def end_with_plan(uow: UnitOfWork, closed: Row[Any]) -> bool:
    """Stop what is shared of a closed plan and tell whether anything was: the ICB must not take it for today's.

    What the next plan shows is for the chair to decide anew.
    """
    running = running_grant(uow)
    if running is None or running.plan_id != closed.id:
        return False
    code = REPLACED if closed.close_code == CloseCode.SUPERSEDED else EXPIRED
    stop_grant(uow, running, code, plan_close_code=closed.close_code)
    return True
