"""Roles given and ended.

What is written here is the authority; the copy of memberships that every access check reads is written beside it in
this service, so that a role counts here at once, and by the projection of the event in every other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.directory import events
from services.directory.commands.accounts import lock_person, request_account
from services.directory.commands.register import locked
from services.directory.commands.work_accounts import forget_accounts
from services.directory.domain.appointments import Appointer, AppointmentRefused, Post, check_may_end
from services.directory.domain.terms import has_left
from services.directory.models import appointment
from services.directory.own_hand import own_hand
from services.directory.queries.people import current
from services.directory.queries.register import body
from services.directory.queries.terms import terms_of
from services.directory.role_rules import body_of, role_rules
from shared import audit, due_work, outbox
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import known_membership
from shared.problems import NotFound

EXPIRE = "expire-membership"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role to be given: to whom, where, until when, and by whom (None: set up with the service)."""

    person_id: str
    org_id: str
    role: str
    valid_until: datetime | None = None
    appointed_by: str | None = None


def grant_role(uow: UnitOfWork, grant: Grant, *, provision: bool = True) -> UUID:
    """Give a role and tell every service; the principal is the directory's own hand in the organisation's tenant.

    `provision` asks for the sign-in account to follow. Raises AppointmentRefused when the person holds this role there.
    """
    lock_person(uow, grant.person_id)
    if _holds(uow, grant):
        raise AppointmentRefused("This person has this role already.")
    membership_id, comes_back = new_id(), provision and has_left(terms_of(uow, grant.person_id), uow.now)
    uow.session.execute(insert(appointment).values(_row(uow, membership_id, grant)))
    _copy_for_access(uow, grant)
    told = events.membership_granted(
        membership_id=membership_id,
        person_id=grant.person_id,
        org_id=grant.org_id,
        role=grant.role,
        valid_from=uow.now,
        valid_to=grant.valid_until,
    )
    outbox.add(uow, told)
    if grant.valid_until is not None:
        due_work.add(uow, EXPIRE, str(membership_id), grant.valid_until)
    if provision:
        _let_in(uow, grant.person_id, comes_back=comes_back)
    return membership_id


def end_membership(uow: UnitOfWork, membership_id: UUID, *, reason: str) -> dict[str, Any]:
    """End a role on behalf of somebody who may; ending it again changes nothing.

    Raises NotFound for a membership the caller cannot see, MayNotAppoint when the caller could not have given the role,
    AppointmentRefused for the last national administrator who has no end date.
    """
    uow.about("membership", membership_id)
    held = uow.session.execute(select(appointment).where(appointment.c.id == membership_id)).first()
    if held is None:
        raise NotFound
    appointer, post = appointer_of(uow), _post_of(uow, held)
    elsewhere = held.org_id != uow.principal.org_id
    with own_hand(uow, held.tenant_id, held.org_id):
        locked(uow, held.org_id)  # two who end each other in the same moment: the second finds that nobody else is left
        check_may_end(appointer, post, others_stay=_others_who_stay(uow, held))
        ended = end_role(uow, held.id, end_code="ended", reason=reason)
        if ended and elsewhere:  # the route's own audit row belongs to the organisation of who ended it
            audit.record(uow, "membership.ended", "membership", str(held.id))
    return {"id": membership_id, "person_id": held.person_id, "org_id": held.org_id, "role": held.role, "ended": True}


def end_role(uow: UnitOfWork, membership_id: UUID, *, end_code: str, reason: str | None = None) -> bool:
    """End a role as the directory's own hand and tell every service; False when it had ended before."""
    held = appointment.c
    found = uow.session.execute(select(appointment).where(held.id == membership_id)).first()
    if found is None:
        return False
    lock_person(uow, found.person_id)
    ended = uow.session.execute(
        update(appointment)
        .where(held.id == membership_id, held.ended_at.is_(None))
        .values(ended_at=uow.now, ended_by=uow.principal.person_id, end_reason=reason)
        .returning(held.id)
    ).first()
    if ended is None:
        return False
    _forget_for_access(uow, found)
    told = events.membership_ended(
        membership_id=membership_id,
        person_id=found.person_id,
        org_id=found.org_id,
        role=found.role,
        ended_at=uow.now,
        end_code=end_code,
    )
    outbox.add(uow, told)
    due_work.cancel(uow, EXPIRE, str(membership_id))
    request_account(uow, found.person_id)
    return True


def appointer_of(uow: UnitOfWork) -> Appointer:
    """Return the caller as the appointment rules see them."""
    where = body(uow, uow.principal.org_id)
    return Appointer(body_of(where), uow.principal.roles)


def holders(uow: UnitOfWork, org_id: str, role: str) -> int:
    """Return how many people hold a role in an organisation now, as far as the principal may see."""
    held = appointment.c
    statement = select(func.count()).where(held.org_id == org_id, held.role == role, held.ended_at.is_(None))
    return int(uow.session.execute(statement).scalar_one())


def _post_of(uow: UnitOfWork, held: Row[Any]) -> Post:
    return Post(body_of(body(uow, held.org_id)), role_rules()[held.role], holders(uow, held.org_id, held.role))


def _others_who_stay(uow: UnitOfWork, leaving: Row[Any]) -> int:
    """Return how many others hold the same role with no end date."""
    held = appointment.c
    same = and_(held.org_id == leaving.org_id, held.role == leaving.role, held.person_id != leaving.person_id)
    statement = select(func.count()).where(same, held.ended_at.is_(None), held.valid_until.is_(None))
    return int(uow.session.execute(statement).scalar_one())


def roles_held(uow: UnitOfWork, person_id: str, org_id: str) -> frozenset[str]:
    """Return the roles that somebody holds in an organisation now, as far as the principal may see."""
    held = appointment.c
    statement = select(held.role).where(held.person_id == person_id, held.org_id == org_id, current(uow.now))
    return frozenset(uow.session.execute(statement).scalars())


def _let_in(uow: UnitOfWork, person_id: str, *, comes_back: bool) -> None:
    """Ask for the account to follow; who comes back has nothing left of what opened it before.

    Whoever reads the mails now may be somebody else than whoever knew the password then.
    """
    if comes_back:
        forget_accounts(uow, person_id)
    request_account(uow, person_id, anew=comes_back)


def _row(uow: UnitOfWork, membership_id: UUID, grant: Grant) -> dict[str, Any]:
    return {
        "tenant_id": uow.principal.tenant_id,
        "id": membership_id,
        "org_id": grant.org_id,
        "person_id": grant.person_id,
        "role": grant.role,
        "valid_from": uow.now,
        "valid_until": grant.valid_until,
        "appointed_by": grant.appointed_by,
    }


def _holds(uow: UnitOfWork, grant: Grant) -> bool:
    held = appointment.c
    statement = select(held.id).where(
        held.org_id == grant.org_id,
        held.person_id == grant.person_id,
        held.role == grant.role,
        held.ended_at.is_(None),
    )
    return uow.session.execute(statement).first() is not None


def _copy_for_access(uow: UnitOfWork, grant: Grant) -> None:
    statement = upsert(known_membership).values(
        person_id=grant.person_id,
        org_id=grant.org_id,
        role=grant.role,
        valid_from=uow.now,
        valid_to=grant.valid_until,
    )
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "org_id", "role"],
            set_={"valid_from": statement.excluded.valid_from, "valid_to": statement.excluded.valid_to},
        )
    )


def _forget_for_access(uow: UnitOfWork, found: Row[Any]) -> None:
    held = known_membership.c
    uow.session.execute(
        delete(known_membership).where(
            held.person_id == found.person_id, held.org_id == found.org_id, held.role == found.role
        )
    )
