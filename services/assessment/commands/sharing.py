"""What leaves the organisation: proposed by the lead, decided by the chair, stopped at any time.

Sharing writes a frozen row for the ICB, made from exactly what the preview shows; stopping deletes it.
"""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.assessment import events
from services.assessment.commands.steps import locked_round
from services.assessment.domain.errors import NoAudience, NotSignedOff
from services.assessment.domain.results import levels_by_practice
from services.assessment.domain.rounds import State, local_day
from services.assessment.domain.sharing import Shared, require_audience
from services.assessment.models import (
    progress_visibility,
    shared_view,
    shared_view_reading,
    sharing_grant,
    sharing_proposal,
)
from services.assessment.queries.rounds import latest_result
from services.assessment.queries.sharing import preview, progress_is_visible, shared_summaries
from shared import outbox
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT
from shared.problems import NotFound

PROPOSABLE = {"share_summary": "summary", "share_priorities": "priorities", "count_us": "count_us"}


def propose(
    uow: UnitOfWork, round_id: UUID, *, share_summary: bool, count_us: bool, share_priorities: bool = False
) -> None:
    """Prepare what to share for the chair to decide; nothing is shared by it. Raises NotFound and NotSignedOff."""
    row = _signed_off(uow, round_id)
    asked = {"share_summary": share_summary, "share_priorities": share_priorities, "count_us": count_us}
    values = {**asked, "proposed_by": uow.principal.person_id, "proposed_at": uow.now}
    statement = upsert(sharing_proposal).values(tenant_id=row.tenant_id, org_id=row.org_id, round_id=round_id, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "round_id"], set_=values))
    proposed = [word for name, word in PROPOSABLE.items() if asked[name]]
    outbox.add(uow, events.sharing_proposed(row, proposed, local_day(uow.now)))


def decide(uow: UnitOfWork, round_id: UUID, *, share_summary: bool, count_us: bool, progress_visible: bool) -> None:
    """Share exactly what is said and stop the rest. Raises NotFound, NotSignedOff and NoAudience."""
    row = _signed_off(uow, round_id)
    running = running_grants(uow, round_id)
    if share_summary and Shared.SUMMARY not in running:
        _share_summary(uow, row)
    if count_us and Shared.COUNTED not in running:
        _count(uow, row)
    for what, wanted in ((Shared.SUMMARY, share_summary), (Shared.COUNTED, count_us)):
        if not wanted and what in running:
            _stop(uow, row, running[what])
    set_progress_visibility(uow, visible=progress_visible)
    proposal = sharing_proposal.c
    uow.session.execute(
        delete(sharing_proposal).where(proposal.tenant_id == row.tenant_id, proposal.round_id == round_id)
    )


def stop(uow: UnitOfWork, grant_id: UUID) -> UUID:
    """Stop sharing one thing and return its round; stopping again changes nothing.

    Raises NotFound, and NoAudience for what was shared with an ICB the organisation has left: that stays as it was
    on the day of the move and goes no further (DECISIONS 7).
    """
    grant = sharing_grant.c
    found = uow.session.execute(
        select(sharing_grant).where(grant.tenant_id == uow.principal.tenant_id, grant.id == grant_id)
    ).first()
    if found is None:
        raise NotFound
    round_id: UUID = found.round_id
    row = locked_round(uow, round_id)
    current = running_grants(uow, row.id).get(Shared(found.what))
    if current is not None and current.id == grant_id:
        if found.what == Shared.SUMMARY and found.shared_with != uow.principal.tenant_id:
            raise NoAudience("This was shared with an ICB you have left. It stays as it was on that day")
        _stop(uow, row, current)
    return round_id


def set_progress_visibility(uow: UnitOfWork, *, visible: bool) -> None:
    """Show the ICB the organisation's progress, or hide it. Nothing is told when nothing changes."""
    if progress_is_visible(uow) == visible:
        return
    key = {"tenant_id": uow.principal.tenant_id, "org_id": uow.principal.org_id}
    values = {"visible": visible, "changed_by": uow.principal.person_id, "changed_at": uow.now}
    statement = upsert(progress_visibility).values(**key, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
    today = local_day(uow.now)
    outbox.add(uow, events.progress_visibility_changed(uow.principal.org_id, visible=visible, changed_on=today))


def read_shared_summaries(uow: UnitOfWork, org_id: str | None = None) -> list[dict[str, Any]]:
    """What organisations share with the principal's ICB; that it was read is written down for them to see."""
    found = shared_summaries(uow, org_id)
    if found:
        _write_readings(uow, found)
    for summary in found:
        del summary["tenant_id"]
    return found


def _write_readings(uow: UnitOfWork, found: list[dict[str, Any]]) -> None:
    readings = [
        {
            "tenant_id": summary["tenant_id"],
            "org_id": summary["org_id"],
            "shared_view_id": summary["sharing_id"],
            "audience_tenant": uow.principal.tenant_id,
            "person_id": uow.principal.person_id,
            "first_read_at": uow.now,
            "last_read_at": uow.now,
        }
        for summary in found
    ]
    statement = upsert(shared_view_reading).values(readings)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "shared_view_id", "person_id"],
            set_={"last_read_at": statement.excluded.last_read_at},
        )
    )


def _signed_off(uow: UnitOfWork, round_id: UUID) -> Row[Any]:
    row = locked_round(uow, round_id)
    if row.state != State.SIGNED_OFF:
        raise NotSignedOff("Only a signed-off self-assessment can be shared")
    return row


def running_grants(uow: UnitOfWork, round_id: UUID) -> dict[Shared, Row[Any]]:
    """What is shared of a round now."""
    grant = sharing_grant.c
    statement = select(sharing_grant).where(
        grant.tenant_id == uow.principal.tenant_id, grant.round_id == round_id, grant.stopped_at.is_(None)
    )
    return {Shared(row.what): row for row in uow.session.execute(statement)}


def _grant(uow: UnitOfWork, row: Row[Any], what: Shared, shared_with: str) -> UUID:
    statement = insert(sharing_grant).values(
        tenant_id=row.tenant_id,
        org_id=row.org_id,
        id=new_id(),
        round_id=row.id,
        what=what.value,
        shared_with=shared_with,
        granted_by=uow.principal.person_id,
        granted_at=uow.now,
    )
    grant_id: UUID = uow.session.execute(statement.returning(sharing_grant.c.id)).scalar_one()
    return grant_id


def _share_summary(uow: UnitOfWork, row: Row[Any]) -> None:
    require_audience(org_id=row.org_id, tenant_id=row.tenant_id)
    grant_id = _grant(uow, row, Shared.SUMMARY, row.tenant_id)
    statement = insert(shared_view).values(
        tenant_id=row.tenant_id,
        org_id=row.org_id,
        id=grant_id,
        round_id=row.id,
        audience_tenant=row.tenant_id,
        audience_kind="icb",
        how_much=Shared.SUMMARY.value,
        content=preview(uow, row),
        shared_at=uow.now,
    )
    uow.session.execute(statement)
    today = local_day(uow.now)
    event = events.summary_shared(row, sharing_id=str(grant_id), audience_tenant=row.tenant_id, granted_on=today)
    outbox.add(uow, event)


def _count(uow: UnitOfWork, row: Row[Any]) -> None:
    """Let the result be counted; it takes the place of an older one of the organisation."""
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


def _stop(uow: UnitOfWork, row: Row[Any], grant: Row[Any]) -> None:
    today = local_day(uow.now)
    if grant.what == Shared.SUMMARY:
        view = shared_view.c
        uow.session.execute(delete(shared_view).where(view.tenant_id == row.tenant_id, view.id == grant.id))
        event = events.summary_withdrawn(
            row, sharing_id=str(grant.id), audience_tenant=grant.shared_with, stopped_on=today
        )
    else:
        event = events.no_longer_counted(row, today)
    outbox.add(uow, event)
    column = sharing_grant.c
    uow.session.execute(
        update(sharing_grant)
        .where(column.tenant_id == row.tenant_id, column.id == grant.id)
        .values(stopped_by=uow.principal.person_id, stopped_at=uow.now)
    )
