"""What runs of sharing: a grant and, for the ICB, a frozen copy made from exactly what the preview shows."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from services.assessment import events
from services.assessment.domain.errors import NotSignedOff
from services.assessment.domain.results import levels_by_practice
from services.assessment.domain.sharing import HowMuch, Shared, Terms, require_audience, require_counted
from services.assessment.models import shared_view, sharing_grant
from services.assessment.queries.rounds import latest_result
from shared import due_work, outbox
from shared.clock import end_of_local_day, local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Scope

END_WORK = "sharing.end"
STOPPED, EXPIRED, REPLACED = "organisation_stopped", "expired", "replaced"


def running_grants(uow: UnitOfWork, round_id: UUID) -> dict[Shared, Row[Any]]:
    """What is shared of a round now."""
    grant = sharing_grant.c
    statement = select(sharing_grant).where(
        grant.tenant_id == uow.principal.tenant_id, grant.round_id == round_id, grant.stopped_at.is_(None)
    )
    return {Shared(row.what): row for row in uow.session.execute(statement)}


def terms_of(grant: Row[Any]) -> Terms:
    """How much a running grant shows and until when; grants from before there was a choice show the practices."""
    return Terms(HowMuch(grant.how_much or HowMuch.PRACTICES), grant.valid_until)


def _grant(uow: UnitOfWork, row: Row[Any], what: Shared, shared_with: str, terms: Terms | None = None) -> UUID:
    statement = insert(sharing_grant).values(
        tenant_id=row.tenant_id,
        org_id=row.org_id,
        id=new_id(),
        round_id=row.id,
        what=what.value,
        shared_with=shared_with,
        granted_by=uow.principal.person_id,
        granted_at=uow.now,
        how_much=terms and terms.how_much.value,
        valid_until=terms and terms.valid_until,
    )
    grant_id: UUID = uow.session.execute(statement.returning(sharing_grant.c.id)).scalar_one()
    return grant_id


def grant_summary(uow: UnitOfWork, row: Row[Any], terms: Terms, content: dict[str, Any] | None) -> None:
    """Write `content` as the frozen copy that the ICB reads, tell it, and plan its end. Raises NoAudience."""
    require_audience(row.kind)
    grant_id = _grant(uow, row, Shared.SUMMARY, row.tenant_id, terms)
    statement = insert(shared_view).values(
        tenant_id=row.tenant_id,
        org_id=row.org_id,
        id=grant_id,
        round_id=row.id,
        audience_tenant=row.tenant_id,
        audience_kind="icb",
        how_much=terms.how_much.value,
        content=content,
        shared_at=uow.now,
        valid_until=terms.valid_until,
    )
    uow.session.execute(statement)
    outbox.add(
        uow,
        events.summary_shared(
            row,
            sharing_id=str(grant_id),
            audience_tenant=row.tenant_id,
            granted_on=local_day(uow.now),
            valid_until=terms.valid_until,
        ),
    )
    if terms.valid_until is not None:
        due_work.add(uow, END_WORK, str(grant_id), end_of_local_day(terms.valid_until))


def grant_count(uow: UnitOfWork, row: Row[Any]) -> None:
    """Let the result be counted; it takes the place of an older one of the organisation. Raises NoAudience."""
    require_counted(row.kind)
    grant = sharing_grant.c
    uow.session.execute(
        update(sharing_grant)
        .where(
            grant.tenant_id == row.tenant_id,
            grant.org_id == row.org_id,
            grant.what == Shared.COUNTED.value,
            grant.stopped_at.is_(None),
        )
        .values(stopped_by=uow.principal.person_id, stopped_at=uow.now)
    )
    _grant(uow, row, Shared.COUNTED, NATIONAL_TENANT)
    count_again(uow, row)


def count_again(uow: UnitOfWork, row: Row[Any]) -> None:
    """Tell the national figures the levels of the newest version; they take the place of what was told before."""
    stored = latest_result(uow, row.id)
    if stored is None:
        raise NotSignedOff("Only a signed-off self-assessment can be counted")
    levels = levels_by_practice(json.loads(stored.content))
    outbox.add(uow, events.counted(row, levels, local_day(uow.now)))


def stop_grant(uow: UnitOfWork, row: Row[Any], grant: Row[Any], *, why: str = STOPPED) -> None:
    """Delete what the audience could read and tell that it is over; `why` is a stop_code of the events' contract."""
    if grant.what == Shared.SUMMARY:
        _delete_copy(uow, grant)
        _tell_withdrawn(uow, row, grant.id, grant.shared_with, why)
        due_work.cancel(uow, END_WORK, str(grant.id))
    else:
        outbox.add(uow, events.no_longer_counted(row, local_day(uow.now)))
    end_grant(uow, row, grant)


def end_copy_left_behind(uow: UnitOfWork, row: Row[Any], grant: Row[Any], *, why: str) -> bool:
    """Delete the copy of a grant that ended when another took its place after a move; tells whether there was one."""
    left = grant.what == Shared.SUMMARY and _delete_copy(uow, grant)
    if left:
        _tell_withdrawn(uow, row, grant.id, grant.shared_with, why)
    return left


def _delete_copy(uow: UnitOfWork, grant: Row[Any]) -> bool:
    """Delete the frozen copy of a summary; tells whether there was one.

    A copy stays in the tenant that it was shared with, wherever the organisation has moved since. There a process of
    ours alone reaches it: people act in the tenant of today.
    """
    view, ours = shared_view.c, uow.principal
    copy = delete(shared_view).where(view.tenant_id == grant.shared_with, view.id == grant.id).returning(view.id)
    if grant.shared_with == ours.tenant_id:
        return uow.session.execute(copy).first() is not None
    if ours.scope is not Scope.SERVICE:
        raise PermissionError("Only the service scope may delete what was shared before a move.")
    uow.session.bind(replace(ours, tenant_id=grant.shared_with))
    found = uow.session.execute(copy).first() is not None
    uow.session.bind(ours)
    return found


def _tell_withdrawn(uow: UnitOfWork, row: Row[Any], sharing_id: UUID, shared_with: str, why: str) -> None:
    about = {"sharing_id": str(sharing_id), "audience_tenant": shared_with}
    outbox.add(uow, events.summary_withdrawn(row, **about, stopped_on=local_day(uow.now), why=why))


def withdraw_from_before(uow: UnitOfWork, row: Row[Any]) -> None:
    """Delete what today's ICB was shown when the organisation belonged to it once before, and tell so."""
    view = shared_view.c
    old = delete(shared_view).where(
        view.tenant_id == row.tenant_id, view.round_id == row.id, view.audience_tenant == row.tenant_id
    )
    for sharing_id in list(uow.session.execute(old.returning(view.id)).scalars()):
        _tell_withdrawn(uow, row, sharing_id, row.tenant_id, REPLACED)


def end_grant(uow: UnitOfWork, row: Row[Any], grant: Row[Any]) -> None:
    """Write down that a grant runs no longer."""
    column = sharing_grant.c
    uow.session.execute(
        update(sharing_grant)
        .where(column.tenant_id == row.tenant_id, column.id == grant.id)
        .values(stopped_by=uow.principal.person_id, stopped_at=uow.now)
    )
