"""Invitations: made by whoever may appoint and sent as a mail with a link of our own (accepting: acceptances.py)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from services.directory.commands.appointments import appointer_of, holders
from services.directory.commands.invitation_sendings import one_more
from services.directory.domain.appointments import AppointmentRefused, Post, UnknownRole, check_may_appoint
from services.directory.domain.invitations import LIFETIME, InvitationDates, check_resendable
from services.directory.models import appointment, invitation, person
from services.directory.queries.invitations import invitation_row, invitation_view
from services.directory.queries.register import body
from services.directory.role_rules import body_of, role_rules
from shared import due_work
from shared.clock import end_of_local_day, local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import Conflict, Invalid, NotFound

SEND = "send-invitation"


def invite(
    uow: UnitOfWork, *, name: str, email: str, role: str, organisation: str | None = None, until: date | None = None
) -> dict[str, Any]:
    """Invite somebody to a role, in one's own organisation or where one may fill a first post.

    Raises MayNotAppoint, UnknownRole or AppointmentRefused by the rules, Conflict when this invitation is open already,
    InvitationSentOften.
    """
    org_id = organisation or uow.principal.org_id
    post = post_in(uow, org_id, role)
    check_may_appoint(appointer_of(uow), post)
    _check_addressee(uow, email, post)
    wanted = {
        "for_org": org_id,
        "role": role,
        "name": name,
        "email": email,
        "valid_until": _last_instant(until, uow.now),
    }
    invitation_id = _write_down(uow, wanted, one_more(uow, email))
    due_work.add(uow, SEND, str(invitation_id), uow.now)
    uow.about("invitation", invitation_id)
    return invitation_view(invitation_row(uow, invitation_id), uow.now)


def resend(uow: UnitOfWork, invitation_id: UUID) -> dict[str, Any]:
    """Send a fresh link for another 14 days; the link sent before stops working now.

    From now on the invitation is that of whoever sends it again, and raises what `invite` raises when they may not.
    """
    uow.about("invitation", invitation_id)
    row = _own(uow, invitation_id)
    check_resendable(dates_of(row))
    check_may_appoint(appointer_of(uow), post_in(uow, row.for_org, row.role))
    check_not_oneself(person_with(uow, row.email), inviter=uow.principal.person_id)
    sendings = one_more(uow, row.email, row.sendings)
    change(uow, row, sent_at=uow.now, secret_hash=None, invited_by=uow.principal.person_id, sendings=sendings)
    due_work.add(uow, SEND, str(invitation_id), uow.now)
    return invitation_view(invitation_row(uow, invitation_id), uow.now)


def withdraw(uow: UnitOfWork, invitation_id: UUID) -> dict[str, Any]:
    """Take an invitation back; its link stops working now."""
    uow.about("invitation", invitation_id)
    row = _own(uow, invitation_id)
    check_resendable(dates_of(row))
    change(uow, row, withdrawn_at=uow.now, secret_hash=None)
    due_work.cancel(uow, SEND, str(invitation_id))
    return invitation_view(invitation_row(uow, invitation_id), uow.now)


def post_in(uow: UnitOfWork, org_id: str, role: str) -> Post:
    """Return a role in an organisation as the rules see it; raises UnknownRole, AppointmentRefused when closed."""
    where = body(uow, org_id)
    if role not in role_rules():
        raise UnknownRole("There is no such role.", field="role")
    if where.open_until is not None and where.open_until <= local_day(uow.now):
        raise AppointmentRefused(f"{where.name} is closed.")
    return Post(body_of(where), role_rules()[role], holders(uow, org_id, role))


def person_with(uow: UnitOfWork, email: str, *, lock: bool = False) -> str | None:
    """Return the id of the person with this address, as far as the principal may see; `lock` holds that row."""
    statement = select(person.c.person_id).where(func.lower(person.c.email) == email)
    found = uow.session.execute(statement.with_for_update() if lock else statement).scalar()
    return str(found) if found is not None else None


def check_not_oneself(invited: str | None, *, inviter: str | None) -> None:
    """Raise AppointmentRefused for somebody who would be given a role by themself."""
    if invited is not None and invited == inviter:
        raise AppointmentRefused("You cannot give yourself a role. Ask a colleague.")


def _write_down(uow: UnitOfWork, wanted: dict[str, Any], sendings: list[datetime]) -> UUID:
    asking, invitation_id = uow.principal, new_id()
    own = {"tenant_id": asking.tenant_id, "id": invitation_id, "org_id": asking.org_id, "invited_by": asking.person_id}
    row = {**wanted, **own, "created_at": uow.now, "sent_at": uow.now, "sendings": sendings}
    uow.session.execute(insert(invitation).values(row))
    return invitation_id


def _check_addressee(uow: UnitOfWork, email: str, post: Post) -> None:
    """Refuse an invitation of oneself, of somebody who has the role, and a second one while the first is open."""
    known = person_with(uow, email)
    check_not_oneself(known, inviter=uow.principal.person_id)
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
        sent.email == email,
        sent.accepted_at.is_(None),
        sent.withdrawn_at.is_(None),
        sent.sent_at > uow.now - LIFETIME,
    )
    if uow.session.execute(open_one).first():
        raise Conflict("invitation-open", "This person has been invited already. Send the invitation again instead.")


def _own(uow: UnitOfWork, invitation_id: UUID) -> Row[Any]:
    """Lock an invitation of the caller's own organisation; raises NotFound for any other."""
    sent = invitation.c
    statement = select(invitation).where(sent.id == invitation_id, sent.org_id == uow.principal.org_id)
    row = uow.session.execute(statement.with_for_update()).first()
    if row is None:
        raise NotFound
    return row


def dates_of(row: Row[Any]) -> InvitationDates:
    """Return what decides the state of an invitation."""
    return InvitationDates(row.sent_at, row.accepted_at, row.withdrawn_at)


def change(uow: UnitOfWork, row: Row[Any], **values: Any) -> None:
    """Write new values into an invitation."""
    uow.session.execute(update(invitation).where(invitation.c.id == row.id).values(**values))


def _last_instant(until: date | None, now: datetime) -> datetime | None:
    if until is None:
        return None
    if until < local_day(now):
        raise Invalid("until", "This day is in the past.")
    return end_of_local_day(until)
