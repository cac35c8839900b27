"""Deleting what the directory has kept long enough (domain/retention.py): invitations, and the ways to reach leavers.

All see the rows of all tenants, as our own process; nobody's request comes here.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Select, cast, delete, exists, func, or_, select

from services.directory.commands.accounts import request_account
from services.directory.commands.addresses import give_up_address
from services.directory.domain.invitations import LIFETIME
from services.directory.domain.retention import ADDRESS_KEPT_MONTHS, INVITATION_KEPT_MONTHS, address_is_due
from services.directory.models import appointment, former_address, invitation, organisation, person
from services.directory.queries.terms import terms_of
from shared.clock import LONDON, months_before
from shared.database import UnitOfWork


def forget_invitations(uow: UnitOfWork, at_once: int) -> int:
    """Delete invitations that were taken up, withdrawn or ran out long ago; return how many.

    They are locked first: one that is sent again in this moment stays. Old ones are found by when they were sent, which
    an index tells; row security lets no index tell an expression of several columns.
    """
    sent, before = invitation.c, months_before(uow.now, INVITATION_KEPT_MONTHS)
    was_over = func.coalesce(sent.accepted_at, sent.withdrawn_at, sent.sent_at + LIFETIME)
    due = (
        select(sent.tenant_id, sent.id)
        .where(sent.sent_at <= before, was_over <= before)
        .limit(at_once)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    gone = delete(invitation).where(sent.tenant_id == due.c.tenant_id, sent.id == due.c.id).returning(sent.id)
    return len(uow.session.execute(gone).all())


def forget_leavers(uow: UnitOfWork, at_once: int) -> int:
    """Let people whose last role ended long ago be reached no more, nor sign in; return how many.

    Whoever is given a role in this moment is locked by that, or found to hold it: both stay as they are.
    """
    before = months_before(uow.now, ADDRESS_KEPT_MONTHS)
    found = uow.session.execute(_left(before, at_once)).scalars().all()
    due = [person_id for person_id in found if address_is_due(terms_of(uow, person_id), before)]
    for person_id in due:
        give_up_address(uow, person_id)
        request_account(uow, person_id)
    return len(due)


def forget_former_addresses(uow: UnitOfWork, at_once: int) -> int:
    """Delete addresses that people had before, to which the one mail they wait for never went; return how many."""
    row, before = former_address.c, months_before(uow.now, ADDRESS_KEPT_MONTHS)
    due = select(row.id).where(row.changed_at <= before).limit(at_once)
    gone = delete(former_address).where(row.id.in_(due)).returning(row.id)
    return len(uow.session.execute(gone).all())


def _left(before: datetime, at_once: int) -> Select[Any]:
    held, where = appointment.c, organisation.c
    closed = func.timezone(str(LONDON), cast(where.open_until, DateTime))
    end = func.least(held.ended_at, held.valid_until, closed)
    acted = exists().where(held.person_id == person.c.person_id)
    since = exists().where(
        held.person_id == person.c.person_id, where.code == held.org_id, or_(end.is_(None), end > before)
    )
    statement = select(person.c.person_id).where(person.c.email.is_not(None), acted, ~since).limit(at_once)
    return statement.with_for_update(skip_locked=True)
