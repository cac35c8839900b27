"""Questions about people. Who may be seen is the row policies' business; these functions only say what is asked."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, exists, func, or_, select

from services.directory.models import appointment, organisation, person, tenancy
from services.directory.queries.register import in_tenant_on
from services.directory.role_rules import role_titles
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT
from shared.problems import NotFound

LEAVERS_SHOWN_FOR = timedelta(days=365)
_tenant = organisation.alias("tenant_organisation")


def current(now: datetime) -> Any:
    """Return the condition that an appointment holds at `now`."""
    held = appointment.c
    return and_(
        held.valid_from <= now, held.ended_at.is_(None), or_(held.valid_until.is_(None), held.valid_until > now)
    )


def people_of(
    uow: UnitOfWork, org_id: str, *, looks_after_access: bool, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return the people who hold a role in an organisation, by name, with their roles; one statement.

    Who looks after access sees e-mail addresses too, and whom they appoint elsewhere; to everybody else another
    organisation has nobody. A cursor is the last person's id.
    """
    if not looks_after_access and org_id != uow.principal.org_id:
        return {"items": [], "next": None, "count": 0}
    held, who = appointment.c, person.c
    role = func.json_build_object(
        "membership_id", held.id, "role", held.role, "since", held.valid_from, "until", held.valid_until
    )
    statement = (
        select(who.person_id, who.name, who.email, func.json_agg(role).label("roles"))
        .join(appointment, held.person_id == who.person_id)
        .where(held.org_id == org_id, current(uow.now))
        .group_by(who.person_id, who.name, who.email)
        .order_by(func.lower(who.name), who.person_id)
        .limit(limit)
    )
    if cursor:
        last = select(func.lower(who.name)).where(who.person_id == cursor).scalar_subquery()
        statement = statement.where(
            or_(func.lower(who.name) > last, and_(func.lower(who.name) == last, who.person_id > cursor))
        )
    items = [_shown(row, addresses=looks_after_access) for row in uow.session.execute(statement)]
    return {"items": items, "next": items[-1]["person_id"] if len(items) == limit else None, "count": len(items)}


def role_of_somebody(uow: UnitOfWork, membership_id: UUID) -> dict[str, Any]:
    """Return a role that is held now, with who holds it where; raises NotFound for one the principal cannot see."""
    held, who, where = appointment.c, person.c, organisation.c
    statement = (
        select(appointment, who.name, where.name.label("organisation_name"))
        .join(person, who.person_id == held.person_id)
        .join(organisation, where.code == held.org_id)
        .where(held.id == membership_id, current(uow.now))
    )
    row = uow.session.execute(statement).first()
    if row is None:
        raise NotFound
    return {
        "membership_id": row.id,
        "role": row.role,
        "title": role_titles()[row.role],
        "since": row.valid_from,
        "until": last_day(row.valid_until),
        "person_id": row.person_id,
        "name": row.name,
        "organisation": row.org_id,
        "organisation_name": row.organisation_name,
    }


def _shown(row: Any, *, addresses: bool) -> dict[str, Any]:
    roles = sorted(row.roles, key=lambda role: str(role["role"]))
    return {
        "person_id": row.person_id,
        "name": row.name,
        "email": row.email if addresses else None,
        "roles": [_role(role) for role in roles],
    }


def _role(role: dict[str, Any]) -> dict[str, Any]:
    until = datetime.fromisoformat(role["until"]) if role["until"] else None
    return {**role, "title": role_titles()[role["role"]], "until": last_day(until)}


def last_day(until: datetime | None) -> date | None:
    """Return the last local day on which something that ends at `until` holds: what a page says, and people typed."""
    return local_day(until - timedelta(microseconds=1)) if until else None


def names(uow: UnitOfWork, person_ids: Sequence[str]) -> dict[str, Any]:
    """Return the names of those of `person_ids` who act or acted for the organisation, or gave a role there; one's own.

    Narrower than the row policy, by which somebody who acts for an ICB or the national team sees whom these appoint
    elsewhere, and who appointed these: no page names them from an id, and a list of them is `people_of`'s business.
    """
    who, held = person.c, appointment.c
    here = and_(held.tenant_id == uow.principal.tenant_id, held.org_id == uow.principal.org_id)
    known = or_(
        who.person_id == uow.principal.person_id,
        exists().where(here, held.person_id == who.person_id),
        exists().where(here, held.appointed_by == who.person_id),
    )
    statement = select(who.person_id, who.name).where(who.person_id.in_(list(person_ids)), known)
    return {"names": {row.person_id: row.name for row in uow.session.execute(statement)}}


def with_addresses(uow: UnitOfWork, emails: Sequence[str]) -> dict[str, Any]:
    """Return who of the organisation acted for has one of these addresses, by address; everybody else is left out."""
    held, who = appointment.c, person.c
    statement = (
        select(func.lower(who.email).label("email"), who.person_id)
        .join(appointment, held.person_id == who.person_id)
        .where(held.org_id == uow.principal.org_id, current(uow.now), func.lower(who.email).in_(list(emails)))
        .distinct()
    )
    return {"found": {row.email: row.person_id for row in uow.session.execute(statement)}}


def addresses(uow: UnitOfWork, person_ids: Sequence[str]) -> dict[str, Any]:
    """Return name and e-mail address of each of `person_ids` that is known and has one, for the moment of sending."""
    who = person.c
    named = and_(who.person_id.in_(list(person_ids)), who.email.is_not(None))
    statement = select(who.person_id, who.email, who.name).where(named)
    return {"people": [dict(row) for row in uow.session.execute(statement.order_by(who.person_id)).mappings()]}


def whoever_signed_in(uow: UnitOfWork) -> dict[str, Any]:
    """Return who the principal's person is and for whom they may act today; one statement, nobody chosen yet.

    A role in an organisation that has closed is left out: without a tenant nobody can act for it.
    """
    person_id = uow.principal.person_id
    rows = uow.session.execute(_own_roles(uow.now).where(person.c.person_id == person_id)).all()
    if not rows:
        return {"person_id": person_id, "name": None, "email": None, "memberships": [], "national_roles": []}
    national = sorted(row.role for row in rows if row.org_id == NATIONAL_TENANT)
    held: dict[str, list[Row[Any]]] = {}
    for row in rows:
        if row.tenant is not None and row.org_id != NATIONAL_TENANT:
            held.setdefault(row.org_id, []).append(row)
    return {
        "person_id": person_id,
        "name": rows[0].name,
        "email": rows[0].email,
        "memberships": [_membership(of) for _, of in sorted(held.items(), key=lambda item: item[1][0].org_name)],
        "national_roles": national,
    }


def leavers(uow: UnitOfWork, *, limit: int = 100) -> dict[str, Any]:
    """Return whose roles in the organisation acted for ended in the last twelve months, newest first."""
    held, who = appointment.c, person.c
    statement = (
        select(held.id, who.name, held.role, held.ended_at)
        .join(person, who.person_id == held.person_id)
        .where(held.org_id == uow.principal.org_id, held.ended_at > uow.now - LEAVERS_SHOWN_FOR)
        .order_by(held.ended_at.desc(), held.id)
        .limit(limit)
    )
    items = [
        {"membership_id": row.id, "name": row.name, "title": role_titles()[row.role], "ended_at": row.ended_at}
        for row in uow.session.execute(statement)
    ]
    return {"items": items, "next": None, "count": len(items)}


def _membership(rows: list[Row[Any]]) -> dict[str, Any]:
    first = rows[0]
    return {
        "org_id": first.org_id,
        "org_name": first.org_name,
        "org_kind": first.kind,
        "tenant_id": first.tenant,
        "tenant_name": first.tenant_name,
        "fictional": first.fictional,
        "roles": sorted(row.role for row in rows),
    }


def _own_roles(now: datetime) -> Any:
    held, where = appointment.c, organisation.c
    return (
        select(
            person.c.name,
            person.c.email,
            held.org_id,
            held.role,
            where.name.label("org_name"),
            where.kind,
            where.fictional,
            tenancy.c.tenant,
            _tenant.c.name.label("tenant_name"),
        )
        .outerjoin(appointment, and_(held.person_id == person.c.person_id, current(now)))
        .outerjoin(organisation, where.code == held.org_id)
        .outerjoin(tenancy, and_(tenancy.c.code == held.org_id, in_tenant_on(local_day(now))))
        .outerjoin(_tenant, _tenant.c.code == tenancy.c.tenant)
        .order_by(held.org_id, held.role)
    )
