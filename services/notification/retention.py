"""Deleting what was kept long enough (domain/retention.py), tenant by tenant.

One message stays for as long as it is needed: that somebody's role ended is how we know whom no mail may reach about an
organisation any more (`queries.told_after_leaving`). It goes once they hold a role there again.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select

from services.notification.domain.retention import MESSAGE_KEPT_MONTHS
from services.notification.models import message, preference
from services.notification.queries import ROLE_ENDED, still_holds
from shared import retention
from shared.clock import local_day, months_before
from shared.database import UnitOfWork
from shared.mechanism import known_membership, known_organisation, known_tenancy
from shared.principal import NATIONAL_TENANT


def forget_messages(uow: UnitOfWork, at_once: int) -> int:
    """Delete messages with the record of their mails; return how many."""
    row, before = message.c, months_before(uow.now, MESSAGE_KEPT_MONTHS)
    needed = and_(row.kind == ROLE_ENDED, ~_acts_there(message, uow.now))
    return _delete(uow, message, and_(row.created_at <= before, ~needed), at_once)


def forget_preferences(uow: UnitOfWork, at_once: int) -> int:
    """Delete which mails somebody wanted who left that organisation, or it closed, as long ago; return how many."""
    row, before = preference.c, months_before(uow.now, MESSAGE_KEPT_MONTHS)
    told = message.alias("told").c
    ended = and_(
        told.tenant_id == row.tenant_id,
        told.org_id == row.org_id,
        told.person_id == row.person_id,
        told.kind == ROLE_ENDED,
    )
    left = and_(exists().where(ended), ~exists().where(ended, told.created_at > before))
    # Closing ends no membership.
    known = known_organisation.c
    closed = exists().where(known.org_id == row.org_id, known.closed_on < local_day(before))
    return _delete(uow, preference, or_(closed, and_(left, ~_acts_there(preference, uow.now))), at_once)


def tenants(open_unit: retention.OpenUnit) -> Iterable[str]:
    """Return every tenant there has been: our processes see the messages of one at a time."""
    with open_unit(NATIONAL_TENANT, NATIONAL_TENANT) as uow:
        known = uow.session.execute(select(known_tenancy.c.tenant_id).distinct()).scalars()
        return sorted({*known, NATIONAL_TENANT})


def _acts_there(table: Table, now: datetime) -> ColumnElement[bool]:
    held = known_membership.c
    return exists().where(held.person_id == table.c.person_id, held.org_id == table.c.org_id, still_holds(now))


def _delete(uow: UnitOfWork, table: Table, is_due: ColumnElement[bool], at_once: int) -> int:
    """Lock what is due before it goes: another scheduler takes what this one has not."""
    key = list(table.primary_key.columns)
    found = select(*key).where(table.c.tenant_id == uow.principal.tenant_id, is_due).limit(at_once)
    due = found.with_for_update(of=table, skip_locked=True).cte("due")
    same = [column == due.c[column.name] for column in key]
    return len(uow.session.execute(delete(table).where(*same).returning(table.c.person_id)).all())


FORGET = retention.chore({"message": forget_messages, "mail-preference": forget_preferences}, tenants=tenants)
