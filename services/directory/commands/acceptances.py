"""What the holder of an invitation's link can do: accept it, once, or ask for a fresh link."""

from typing import Any

from sqlalchemy import Row, select

from services.directory.commands.accounts import request_account
from services.directory.commands.addresses import person_at
from services.directory.commands.appointments import Grant, grant_role, roles_held
from services.directory.commands.invitation_sendings import one_more
from services.directory.commands.invitations import SEND, change, check_not_oneself, dates_of, post_in
from services.directory.commands.register import locked
from services.directory.commands.work_accounts import link_work_account
from services.directory.domain.appointments import (
    Appointer,
    AppointmentRefused,
    MayNotAppoint,
    Post,
    check_may_appoint,
)
from services.directory.domain.invitations import InvitationNotUsable, check_acceptable, check_renewable
from services.directory.domain.terms import acts
from services.directory.domain.work_accounts import WorkAccount, check_invited
from services.directory.models import invitation
from services.directory.own_hand import own_hand
from services.directory.queries.invitations import by_secret
from services.directory.queries.register import body
from services.directory.queries.terms import terms_of
from services.directory.role_rules import body_of
from shared import audit, due_work
from shared.database import UnitOfWork


def accept(
    uow: UnitOfWork, secret: str, *, work: WorkAccount | None = None, passkey: bool | None = None
) -> dict[str, Any]:
    """Accept the invitation whose secret this is: the person is known from now on and holds the role.

    A mailbox that is already a person's keeps its one account, and gains the role; `work` is linked to it. Somebody who
    left and comes back sets up the sign-in anew; long after, the mailbox is somebody else's (domain/terms.py).
    `passkey` says how the person wants to sign in, for an account that has not been set up yet. Raises NotFound for a
    secret that opens nothing, InvitationNotUsable when used or too old, WorkAccountRefused, and the appointment rules'
    refusals as of today.
    """
    seen = by_secret(uow, secret)
    uow.about("invitation", seen.id)
    where = body(uow, seen.for_org)
    if where.tenant is None:
        raise AppointmentRefused(f"{where.name} belongs to no ICB yet.")
    with own_hand(uow, seen.tenant_id, seen.org_id):
        row = _locked(uow, seen)
        check_acceptable(dates_of(row), now=uow.now)
    with own_hand(uow, where.tenant, where.code):
        locked(uow, where.code)  # a first post is filled by one, however many accept in this moment
        _check_still_stands(uow, row)
        person_id, known = _appoint(uow, row, work)
        if passkey is not None:
            request_account(uow, person_id, passkey=passkey)
    with own_hand(uow, seen.tenant_id, seen.org_id):
        change(uow, row, accepted_at=uow.now, person_id=person_id)
        # the route's own audit row is nobody's: whoever accepts has not signed in
        audit.record(uow, "invitation.accepted", "invitation", str(row.id))
    return {"organisation": where.name, "org_id": where.code, "role": row.role, "account_known": known}


def renew(uow: UnitOfWork, secret: str) -> dict[str, Any]:
    """Send a fresh link to the invited address because the person asked; the old one stops working.

    Raises NotFound for a secret that opens nothing, InvitationNotUsable unless the link has run out and the invitation
    still holds, InvitationSentOften.
    """
    seen = by_secret(uow, secret)
    uow.about("invitation", seen.id)
    with own_hand(uow, seen.tenant_id, seen.org_id):
        row = _locked(uow, seen)
        check_renewable(dates_of(row), created_at=row.created_at, now=uow.now)
        _check_still_stands(uow, row)
        change(uow, row, sent_at=uow.now, secret_hash=None, sendings=one_more(uow, row.email, row.sendings))
        due_work.add(uow, SEND, str(row.id), uow.now)
        audit.record(uow, "invitation.renewed", "invitation", str(row.id))
    return {"sent": True}


def _locked(uow: UnitOfWork, seen: Row[Any]) -> Row[Any]:
    return uow.session.execute(select(invitation).where(invitation.c.id == seen.id).with_for_update()).one()


def _appoint(uow: UnitOfWork, row: Row[Any], work: WorkAccount | None) -> tuple[str, bool]:
    """Give whoever was invited the role; return the person's id, and whether they sign in as before.

    Whoever invited may have taken the invited address for their own since: asked again, as inviting asked.
    """
    person_id = person_at(uow, name=row.name, email=row.email)
    check_not_oneself(person_id, inviter=row.invited_by)
    known = acts(terms_of(uow, person_id), uow.now)
    membership_id = grant_role(uow, Grant(person_id, row.for_org, row.role, row.valid_until, row.invited_by))
    if work is not None:
        check_invited(work, row.email)
        link_work_account(uow, person_id, work)
        audit.record(uow, "work-account.linked", "person", person_id)
    audit.record(uow, "membership.granted", "membership", str(membership_id))
    return person_id, known


def _check_still_stands(uow: UnitOfWork, row: Row[Any]) -> None:
    """Ask the rules again as of today, as the directory's own hand.

    A first post may have been filled, the organisation may have moved or closed, and whoever invited may have lost the
    role that allowed it: a link must not outlive the right to send it. A colleague who has that right sends it again.
    """
    asking, post = body(uow, row.org_id), post_in(uow, row.for_org, row.role)
    if not _allows(asking, frozenset(way.by for way in post.rule.ways), post):
        raise InvitationNotUsable(
            "This invitation no longer holds: the role has been taken up since, or the organisation has moved. "
            f"Ask {asking.name} for a new one."
        )
    if not _allows(asking, roles_held(uow, row.invited_by, row.org_id), post):
        raise InvitationNotUsable(
            f"Whoever invited you no longer gives roles for {asking.name}. "
            f"Ask somebody who looks after access at {asking.name} to send you a new link."
        )


def _allows(asking: Row[Any], roles: frozenset[str], post: Post) -> bool:
    try:
        check_may_appoint(Appointer(body_of(asking), roles), post)
    except MayNotAppoint:
        return False
    return True
