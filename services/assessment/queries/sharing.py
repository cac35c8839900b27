"""What an organisation shares, and what its ICB sees of it."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Row, cast, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.assessment.domain.results import FIRST_REVISION
from services.assessment.domain.sharing import HowMuch, Signed, practice_summary
from services.assessment.models import (
    progress_visibility,
    round_,
    shared_view,
    shared_view_reading,
    sharing_grant,
    sharing_proposal,
)
from services.assessment.queries.question_sets import get_question_set
from services.assessment.queries.rounds import get_round, latest_result
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.mechanism import known_organisation
from shared.shown_version import version_of


def progress_is_visible(uow: UnitOfWork) -> bool:
    """Whether the ICB sees the organisation's progress: yes until the chair says no."""
    row = progress_visibility.c
    statement = select(row.visible).where(row.tenant_id == uow.principal.tenant_id, row.org_id == uow.principal.org_id)
    visible = uow.session.execute(statement).scalar()
    return True if visible is None else bool(visible)


def preview(uow: UnitOfWork, row: Row[Any], how_much: HowMuch) -> dict[str, Any] | None:
    """The summary exactly as the ICB would read it at that depth, or None before sign-off."""
    return _summary(uow, row, latest_result(uow, row.id), how_much)


def _summary(uow: UnitOfWork, row: Row[Any], stored: Row[Any] | None, how_much: HowMuch) -> dict[str, Any] | None:
    if stored is None:
        return None
    corrected_on = local_day(stored.signed_at) if stored.revision > FIRST_REVISION else None
    signed = Signed(row.signed_off_at, corrected_on)
    return practice_summary(json.loads(stored.content), get_question_set(uow, row.question_set_id), signed, how_much)


def sharing_view(uow: UnitOfWork, round_id: UUID, how_much: HowMuch | None = None) -> dict[str, Any]:
    """What is shared of a round, proposed, and read by whom; the preview as deep as asked for, else as it is shared.

    The version stands for all that a decision rests on: the result at any depth, what is shared and proposed, and the
    ICB that would read it. Raises NotFound.
    """
    row = get_round(uow, round_id)
    stored = latest_result(uow, round_id)
    granted = _grants(uow, round_id=round_id, running_only=True)
    shared_now = next((HowMuch(grant["how_much"]) for grant in granted if grant["how_much"]), HowMuch.PRACTICES)
    found = {
        "progress_visible": progress_is_visible(uow),
        "proposal": _proposal(uow, round_id),
        "granted": granted,
    }
    return {
        "round_id": row.id,
        "version": version_of({**found, "result": stored and stored.sha256, "icb": row.tenant_id}),
        **found,
        "preview": _summary(uow, row, stored, how_much or shared_now),
        "seen": _seen(uow, round_id=round_id),
    }


def everything_shared(uow: UnitOfWork) -> dict[str, Any]:
    """All the organisation shares or shared, newest first, with who looked."""
    items = _grants(uow, round_id=None, running_only=False)
    seen = _seen(uow, round_id=None)
    for item in items:
        item["seen"] = [reading for reading in seen if reading["sharing_id"] == item["id"]]
    return {"items": items, "next": None, "count": len(items), "progress_visible": progress_is_visible(uow)}


def shared_summaries(uow: UnitOfWork, org_id: str | None = None, *, newest_alone: bool = False) -> list[dict[str, Any]]:
    """Summaries that organisations share with the principal's ICB, signed off last first for each organisation.

    With `newest_alone` that first one alone. A correction, or sharing an older one later, makes none the newest.
    """
    view, known = shared_view.c, known_organisation.c
    signed_off_at = cast(view.content["signed_off_at"].astext, DateTime(timezone=True))
    statement = (
        select(
            view.id.label("sharing_id"),
            view.tenant_id,
            view.org_id,
            known.name.label("org_name"),
            known.fictional,
            view.round_id,
            view.how_much,
            view.content,
            view.shared_at,
            view.valid_until,
        )
        .outerjoin(known_organisation, known.org_id == view.org_id)
        .where(
            view.audience_tenant == uow.principal.tenant_id,
            or_(view.valid_until.is_(None), view.valid_until >= local_day(uow.now)),
        )
        .order_by(view.org_id, signed_off_at.desc(), view.id.desc())
    )
    if org_id is not None:
        statement = statement.where(view.org_id == org_id)
    if newest_alone:
        statement = statement.ext(distinct_on(view.org_id))
    return [dict(row) for row in uow.session.execute(statement).mappings()]


def _proposal(uow: UnitOfWork, round_id: UUID) -> dict[str, Any] | None:
    row = sharing_proposal.c
    shown = (
        row.share_summary,
        row.share_priorities,
        row.count_us,
        row.how_much,
        row.valid_until,
        row.proposed_by,
        row.proposed_at,
    )
    statement = select(*shown).where(row.tenant_id == uow.principal.tenant_id, row.round_id == round_id)
    found = uow.session.execute(statement).mappings().first()
    return dict(found) if found is not None else None


def _grants(uow: UnitOfWork, *, round_id: UUID | None, running_only: bool) -> list[dict[str, Any]]:
    grant = sharing_grant.c
    statement = (
        select(
            grant.id,
            grant.round_id,
            round_.c.name.label("round_name"),
            grant.what,
            grant.shared_with,
            grant.granted_by,
            grant.granted_at,
            grant.stopped_by,
            grant.stopped_at,
            grant.how_much,
            grant.valid_until,
        )
        .join(round_, (round_.c.tenant_id == grant.tenant_id) & (round_.c.id == grant.round_id))
        .where(grant.tenant_id == uow.principal.tenant_id, grant.org_id == uow.principal.org_id)
        .order_by(grant.granted_at.desc(), grant.id)
    )
    if round_id is not None:
        statement = statement.where(grant.round_id == round_id)
    if running_only:
        statement = statement.where(grant.stopped_at.is_(None))
    return [dict(row) for row in uow.session.execute(statement).mappings()]


def _seen(uow: UnitOfWork, *, round_id: UUID | None) -> list[dict[str, Any]]:
    """Return who looked, at ICBs that were left since as well: a reading stays under the tenant of what it was of."""
    reading, grant = shared_view_reading.c, sharing_grant.c
    statement = (
        select(
            reading.shared_view_id.label("sharing_id"),
            reading.audience_tenant,
            reading.person_id,
            reading.first_read_at,
            reading.last_read_at,
        )
        .join(sharing_grant, (grant.shared_with == reading.tenant_id) & (grant.id == reading.shared_view_id))
        .where(grant.tenant_id == uow.principal.tenant_id, reading.org_id == uow.principal.org_id)
        .order_by(reading.last_read_at.desc())
    )
    if round_id is not None:
        statement = statement.where(grant.round_id == round_id)
    return [dict(row) for row in uow.session.execute(statement).mappings()]
