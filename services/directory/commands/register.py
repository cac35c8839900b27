"""Entries of the register: registered, renamed, closed, open again, succeeded.

Every function locks the organisation first, so that its events leave in the order in which things happened.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.directory import events
from services.directory.commands.accounts import request_accounts_of, request_accounts_once_closed
from services.directory.domain.entries import code_taken
from services.directory.domain.intervals import REGISTER_BEGINS, Interval
from services.directory.models import organisation, organisation_name, succession, tenancy
from services.directory.queries.register import in_tenant_on
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import NotFound


@dataclass(frozen=True, slots=True)
class Entry:
    """One organisation to be registered; `tenant` None while its ICB is not confirmed."""

    code: str
    name: str
    kind: str
    region: str | None
    sector: str | None
    fictional: bool
    open_from: date | None
    open_until: date | None
    source: str
    tenant: str | None = None
    tenant_since: date | None = None


def register_organisation(uow: UnitOfWork, entry: Entry) -> None:
    """Add an organisation to the register, with its name and its tenancy, and tell every service.

    Raises EntryRefused when its code has come into use, a moment ago perhaps.
    """
    row = {name: getattr(entry, name) for name in organisation.c.keys()}  # noqa: SIM118 - a column collection
    since = entry.tenant_since or entry.open_from or REGISTER_BEGINS
    made = insert(organisation).values(row).on_conflict_do_nothing().returning(organisation.c.code)
    if uow.session.execute(made).first() is None:
        raise code_taken(entry.code)
    uow.session.execute(
        insert(organisation_name).values(
            code=entry.code,
            valid_from=entry.open_from or REGISTER_BEGINS,
            valid_until=None,
            name=entry.name,
            source=entry.source,
        )
    )
    if entry.tenant is not None:
        uow.session.execute(
            insert(tenancy).values(
                code=entry.code,
                valid_from=since,
                valid_until=entry.open_until,
                tenant=entry.tenant,
                source=entry.source,
            )
        )
    outbox.add(uow, events.organisation_registered(row, tenant=entry.tenant, valid_from=since))
    if entry.open_until is not None and entry.open_until > local_day(uow.now):
        request_accounts_once_closed(uow, entry.code, entry.open_until)


def rename_organisation(uow: UnitOfWork, code: str, name: str, *, effective_on: date, source: str) -> None:
    """Give an organisation another name from a day on; the old one stays with its dates.

    Of two names given for one day the second counts.
    """
    entry = locked(uow, code)
    uow.session.execute(update(organisation).where(organisation.c.code == code).values(name=name))
    named = organisation_name.c
    uow.session.execute(
        update(organisation_name)
        .where(named.code == code, named.valid_until.is_(None))
        .values(valid_until=effective_on)
    )
    renamed = insert(organisation_name).values(
        code=code, valid_from=effective_on, valid_until=None, name=name, source=source
    )
    new = {key: renamed.excluded[key] for key in ("valid_until", "name", "source")}
    uow.session.execute(renamed.on_conflict_do_update(index_elements=["code", "valid_from"], set_=new))
    told = events.organisation_renamed(
        code, tenant_of(uow, code), name=name, previous_name=entry.name, effective_on=effective_on
    )
    outbox.add(uow, told)


def close_organisation(uow: UnitOfWork, code: str, *, open_until: date) -> None:
    """Note the first day on which an organisation is no longer open; its tenancy and its people's access end with it.

    Who held which role stays as it was: opened again, the organisation has its people again.
    """
    locked(uow, code)
    tenant = tenant_of(uow, code)
    uow.session.execute(update(organisation).where(organisation.c.code == code).values(open_until=open_until))
    held = tenancy.c
    uow.session.execute(
        update(tenancy)
        .where(held.code == code, held.valid_from < open_until)
        .where(or_(held.valid_until.is_(None), held.valid_until > open_until))
        .values(valid_until=open_until)
    )
    outbox.add(uow, events.organisation_closed(code, tenant, closed_on=events.day_before(open_until)))
    request_accounts_once_closed(uow, code, open_until)


def reopen_organisation(uow: UnitOfWork, code: str) -> None:
    """Take back a closing date: the newest tenancy has no end again, and the entry is told afresh."""
    entry = locked(uow, code)
    uow.session.execute(update(organisation).where(organisation.c.code == code).values(open_until=None))
    held = tenancy.c
    newest = select(held.valid_from).where(held.code == code).order_by(held.valid_from.desc()).limit(1)
    row = uow.session.execute(
        update(tenancy)
        .where(held.code == code, held.valid_from == newest.scalar_subquery())
        .values(valid_until=None)
        .returning(held.tenant, held.valid_from)
    ).first()
    told: dict[str, Any] = {**entry._mapping, "open_until": None}
    tenant, since = (row.tenant, row.valid_from) if row else (None, entry.open_from or REGISTER_BEGINS)
    outbox.add(uow, events.organisation_registered(told, tenant=tenant, valid_from=since))
    request_accounts_of(uow, code)


def record_succession(
    uow: UnitOfWork, predecessor: str, successor: str, *, kind: str, effective_on: date, evidence: str
) -> None:
    """Note that an organisation took over from another; which records go along is decided elsewhere, one by one."""
    uow.session.execute(
        insert(succession).values(
            predecessor=predecessor, successor=successor, effective_on=effective_on, kind=kind, evidence=evidence
        )
    )
    succeeded = events.organisation_succeeded(
        predecessor, tenant_of(uow, predecessor), successor=successor, kind=kind, effective_on=effective_on
    )
    outbox.add(uow, succeeded)


def locked(uow: UnitOfWork, code: str) -> Row[Any]:
    """Lock an organisation's row until the end of the transaction; raises NotFound for an unknown code."""
    row = uow.session.execute(select(organisation).where(organisation.c.code == code).with_for_update()).first()
    if row is None:
        raise NotFound
    return row


def tenant_of(uow: UnitOfWork, code: str) -> str | None:
    """Return the tenant an organisation belongs to today, or None."""
    today = local_day(uow.now)
    return uow.session.execute(select(tenancy.c.tenant).where(tenancy.c.code == code, in_tenant_on(today))).scalar()


def open_days(entry: Row[Any]) -> Interval:
    """Return the days on which an organisation is open."""
    return Interval(entry.open_from or REGISTER_BEGINS, entry.open_until)
