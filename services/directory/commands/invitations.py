"""Invitations: made by whoever may appoint, sent as a mail with a link of our own, accepted once."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from services.directory.commands.appointments import Grant, appointer_of, grant_role, holders
from services.directory.commands.register import locked
from services.directory.commands.work_accounts import link_work_account
from services.directory.domain.appointments import (
    Appointer,
    AppointmentRefused,
    MayNotAppoint,
    Post,
    UnknownRole,
    check_may_appoint,
)
from services.directory.domain.invitations import (
    LIFETIME,
    InvitationDates,
    InvitationNotUsable,
    check_acceptable,
    check_renewable,
    check_resendable,
)
from services.directory.domain.work_accounts import WorkAccount, check_invited
from services.directory.models import appointment, invitation, person
from services.directory.own_hand import own_hand
from services.directory.queries.invitations import by_secret, invitation_row, invitation_view
from services.directory.queries.register import body
from services.directory.role_rules import body_of, role_rules
from shared import audit, due_work
from shared.clock import end_of_local_day, local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import Conflict, Invalid, NotFound

SEND = "send-invitation"


def invite(
    uow: UnitOfWork, *, name: str, email: str, role: str, organisation: str | None = None, until: date | None = None
) -> dict[str, Any]:
    """Invite somebody to a role, in one's own organisation or where one may fill a first post.

    Raises MayNotAppoint, UnknownRole or AppointmentRefused by the rules, Conflict when this invitation is open already.
    """
    org_id = organisation or uow.principal.org_id
    post = _post(uow, org_id, role)
    check_may_appoint(appointer_of(uow), post)
    _check_addressee(uow, email, post)
    invitation_id = new_id()
    row = {
        "tenant_id": uow.principal.tenant_id,
        "id": invitation_id,
        "org_id": uow.principal.org_id,
        "for_org": org_id,
        "role": role,
        "name": name,
        "email": email.lower(),
        "valid_until": _last_instant(until, uow.now),
        "invited_by": uow.principal.person_id,
        "created_at": uow.now,
        "sent_at": uow.now,
    }
    uow.session.execute(insert(invitation).values(row))
    due_work.add(uow, SEND, str(invitation_id), uow.now)
    uow.about("invitation", invitation_id)
    return invitation_view(invitation_row(uow, invitation_id), uow.now)


def resend(uow: UnitOfWork, invitation_id: UUID) -> dict[str, Any]:
    """Send a fresh link for another 14 days; the link sent before stops working now."""
    uow.about("invitation", invitation_id)
    row = _own(uow, invitation_id)
    check_resendable(_dates(row))
    _change(uow, row, sent_at=uow.now, secret_hash=None)
    due_work.add(uow, SEND, str(invitation_id), uow.now)
    return invitation_view(invitation_row(uow, invitation_id), uow.now)


def renew(uow: UnitOfWork, secret: str) -> dict[str, Any]:
    """Send a fresh link to the invited address because the person asked; the old one stops working.

    Raises NotFound for a secret that opens nothing, InvitationNotUsable unless the link has run out.
    """
    seen = by_secret(uow, secret)
    with own_hand(uow, seen.tenant_id, seen.org_id):
        row = uow.session.execute(select(invitation).where(invitation.c.id == seen.id).with_for_update()).one()
        check_renewable(_dates(row), created_at=row.created_at, now=uow.now)
        _change(uow, row, sent_at=uow.now, secret_hash=None)
        due_work.add(uow, SEND, str(row.id), uow.now)
        uow.about("invitation", row.id)
    return {"sent": True}


def withdraw(uow: UnitOfWork, invitation_id: UUID) -> dict[str, Any]:
    """Take an invitation back; its link stops working now."""
    uow.about("invitation", invitation_id)
    row = _own(uow, invitation_id)
    check_resendable(_dates(row))
    _change(uow, row, withdrawn_at=uow.now, secret_hash=None)
    due_work.cancel(uow, SEND, str(invitation_id))
    return invitation_view(invitation_row(uow, invitation_id), uow.now)


def accept(uow: UnitOfWork, secret: str, *, work: WorkAccount | None = None) -> dict[str, Any]:
    """Accept the invitation whose secret this is: the person is known from now on and holds the role.

    A mailbox that is already a person's keeps its one account, and gains the role; `work` is linked to it. Raises
    NotFound for a secret that opens nothing, InvitationNotUsable when used or too old, WorkAccountRefused, and the
    appointment rules' refusals as of today.
    """
    seen = by_secret(uow, secret)
    where = body(uow, seen.for_org)
    if where.tenant is None:
        raise AppointmentRefused(f"{where.name} belongs to no ICB yet.")
    with own_hand(uow, seen.tenant_id, seen.org_id):
        row = uow.session.execute(select(invitation).where(invitation.c.id == seen.id).with_for_update()).one()
        check_acceptable(_dates(row), now=uow.now)
    with own_hand(uow, where.tenant, where.code):
        locked(uow, where.code)  # a first post is filled by one, however many accept in this moment
        _check_still_stands(uow, row)
        person_id, known = _person_for(uow, row)
        grant = Grant(person_id, row.for_org, row.role, row.valid_until, row.invited_by)
        membership_id = grant_role(uow, grant)
        if work is not None:
            check_invited(work, row.email)
            link_work_account(uow, person_id, work)
            audit.record(uow, "work-account.linked", "person", person_id)
        audit.record(uow, "membership.granted", "membership", str(membership_id))
    with own_hand(uow, seen.tenant_id, seen.org_id):
        _change(uow, row, accepted_at=uow.now, person_id=person_id)
    return {"organisation": where.name, "org_id": where.code, "role": row.role, "account_known": known}


def _post(uow: UnitOfWork, org_id: str, role: str) -> Post:
    where = body(uow, org_id)
    if role not in role_rules():
        raise UnknownRole("There is no such role.", field="role")
    if where.open_until is not None and where.open_until <= local_day(uow.now):
        raise AppointmentRefused(f"{where.name} is closed.")
    return Post(body_of(where), role_rules()[role], holders(uow, org_id, role))


def _check_addressee(uow: UnitOfWork, email: str, post: Post) -> None:
    """Refuse an invitation of oneself, of somebody who has the role, and a second one while the first is open."""
    known = uow.session.execute(select(person.c.person_id).where(func.lower(person.c.email) == email.lower())).scalar()
    if known is not None and known == uow.principal.person_id:
        raise AppointmentRefused("You cannot give yourself a role. Ask a colleague.")
    held = appointment.c
    if (
        known is not None
        and uow.session.execute(
            select(held.id).where(
                held.person_id == known,
                held.org_id == post.body.code,
                held.role == post.rule.role,
                held.ended_at.is_(None),
            )
        ).first()
    ):
        raise AppointmentRefused("This person has this role already.")
    sent = invitation.c
    open_one = select(sent.id).where(
        sent.for_org == post.body.code,
        sent.role == post.rule.role,
        sent.email == email.lower(),
        sent.accepted_at.is_(None),
        sent.withdrawn_at.is_(None),
        sent.sent_at > uow.now - LIFETIME,
    )
    if uow.session.execute(open_one).first():
        raise Conflict("invitation-open", "This person has been invited already. Send the invitation again instead.")


def _check_still_stands(uow: UnitOfWork, row: Row[Any]) -> None:
    """Ask the rules again as of today: a first post may have been filled, the organisation may have moved or closed."""
    asking = body(uow, row.org_id)
    roles = frozenset(way.by for way in role_rules()[row.role].ways)
    appointer = Appointer(body_of(asking), roles)
    try:
        check_may_appoint(appointer, _post(uow, row.for_org, row.role))
    except MayNotAppoint as exc:
        raise InvitationNotUsable(
            "This invitation no longer holds: the role has been taken up since, or the organisation has moved."
        ) from exc


def _person_for(uow: UnitOfWork, row: Row[Any]) -> tuple[str, bool]:
    """Return the id of the person with this address, and whether we knew them before."""
    statement = select(person.c.person_id).where(func.lower(person.c.email) == row.email)
    known = uow.session.execute(statement).scalar()
    if known is not None:
        return known, True
    person_id = str(new_id())
    uow.session.execute(insert(person).values(person_id=person_id, name=row.name, email=row.email, created_at=uow.now))
    return person_id, False


def _own(uow: UnitOfWork, invitation_id: UUID) -> Row[Any]:
    """Lock an invitation of the caller's own organisation; raises NotFound for any other."""
    sent = invitation.c
    statement = select(invitation).where(sent.id == invitation_id, sent.org_id == uow.principal.org_id)
    row = uow.session.execute(statement.with_for_update()).first()
    if row is None:
        raise NotFound
    return row


def _dates(row: Row[Any]) -> InvitationDates:
    return InvitationDates(row.sent_at, row.accepted_at, row.withdrawn_at)


def _change(uow: UnitOfWork, row: Row[Any], **values: Any) -> None:
    uow.session.execute(update(invitation).where(invitation.c.id == row.id).values(**values))


def _last_instant(until: date | None, now: datetime) -> datetime | None:
    if until is None:
        return None
    if until < local_day(now):
        raise Invalid("until", "This day is in the past.")
    return end_of_local_day(until)
