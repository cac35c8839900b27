"""Questions about invitations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text

from services.directory.domain.invitations import InvitationDates, can_be_renewed, fingerprint
from services.directory.models import appointment, invitation, organisation, person
from services.directory.own_hand import own_hand
from services.directory.queries.people import current, last_day
from services.directory.role_rules import role_rules, role_titles
from shared.contracts.roles import Role, role_register
from shared.database import UnitOfWork
from shared.problems import NotFound


def invitations(uow: UnitOfWork, *, limit: int = 200) -> dict[str, Any]:
    """Return the invitations that the organisation acted for has sent, newest first; accepted ones included."""
    sent = invitation.c
    statement = _with_organisation().where(sent.org_id == uow.principal.org_id).order_by(sent.created_at.desc())
    rows, held = uow.session.execute(statement.limit(limit)).all(), _roles_by_person(uow)
    items = [invitation_view(row, uow.now, sender=held.get(row.invited_by, frozenset())) for row in rows]
    return {"items": items, "next": None, "count": len(items)}


def _roles_by_person(uow: UnitOfWork) -> dict[str, frozenset[str]]:
    """Return the roles held now in the organisation acted for, by person."""
    held = appointment.c
    roles = func.array_agg(held.role).label("roles")
    statement = select(held.person_id, roles).where(held.org_id == uow.principal.org_id, current(uow.now))
    return {row.person_id: frozenset(row.roles) for row in uow.session.execute(statement.group_by(held.person_id))}


def invitation_row(uow: UnitOfWork, invitation_id: UUID) -> Row[Any]:
    """Return one invitation with the name of the organisation it is for; raises NotFound."""
    row = uow.session.execute(_with_organisation().where(invitation.c.id == invitation_id)).first()
    if row is None:
        raise NotFound
    return row


def invitation_view(row: Row[Any], now: datetime, *, sender: frozenset[str] | None = None) -> dict[str, Any]:
    """Return an invitation as those who may see it are shown it: never its secret.

    `sender` are the roles that whoever sent it holds now; None: it was sent just now, by somebody who may.
    """
    lapsed = sender is not None and not any(way.by in sender for way in role_rules()[row.role].ways)
    dates = InvitationDates(row.sent_at, row.accepted_at, row.withdrawn_at)
    return {
        "id": row.id,
        "organisation": row.for_org,
        "organisation_name": row.organisation_name,
        "name": row.name,
        "email": row.email,
        "role": row.role,
        "role_title": role_titles()[row.role],
        "state": dates.state(now).value,
        "sent_at": row.sent_at,
        "expires_at": dates.expires_at,
        "until": last_day(row.valid_until),
        "invited_by": row.invited_by,
        "accepted_at": row.accepted_at,
        "lapsed": lapsed,
    }


def by_secret(uow: UnitOfWork, secret: str) -> Row[Any]:
    """Return the invitation whose secret this is; the row policy shows a public principal that one and no other.

    Raises NotFound when there is none.
    """
    stored = fingerprint(secret)
    uow.session.execute(text("select set_config('app.invitation', :hash, true)"), {"hash": stored})
    row = uow.session.execute(_with_organisation().where(invitation.c.secret_hash == stored)).first()
    if row is None:
        raise NotFound
    return row


def invitation_for_invitee(uow: UnitOfWork, secret: str) -> dict[str, Any]:
    """Return what an invited person is shown before signing in: no address, no ids."""
    row = by_secret(uow, secret)
    entry = role_register()[Role(row.role)]
    dates = InvitationDates(row.sent_at, row.accepted_at, row.withdrawn_at)
    with own_hand(uow, row.tenant_id, row.org_id):
        inviter = uow.session.execute(select(person.c.name).where(person.c.person_id == row.invited_by)).scalar()
    return {
        "name": row.name,
        "organisation_name": row.organisation_name,
        "fictional": row.fictional,
        "role": row.role,
        "role_title": entry.title,
        "role_meaning": entry.meaning,
        "invited_by": inviter,
        "state": dates.state(uow.now).value,
        "can_be_renewed": can_be_renewed(dates, created_at=row.created_at, now=uow.now),
        "expires_at": dates.expires_at,
    }


def _with_organisation() -> Any:
    named = organisation.c.name.label("organisation_name")
    return select(invitation, named, organisation.c.fictional).join(
        organisation, organisation.c.code == invitation.c.for_org
    )
