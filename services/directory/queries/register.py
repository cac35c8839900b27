"""Questions about the register: which organisations there are, and where each belongs on a day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select

from services.directory.models import organisation, organisation_name, succession, tenancy
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import NotFound

_tenant = organisation.alias("tenant_organisation")


def organisations(
    uow: UnitOfWork,
    *,
    kind: str | None = None,
    tenant: str | None = None,
    q: str | None = None,
    closed: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """Return a page of the register in the order of codes; closed organisations only when asked for.

    `q` finds part of a name, or a code; a cursor is the last code of the page before.
    """
    today = local_day(uow.now)
    entry = organisation.c
    statement = _entries(today).order_by(entry.code).limit(limit)
    if kind:
        statement = statement.where(entry.kind == kind)
    if tenant:
        statement = statement.where(tenancy.c.tenant == tenant)
    if q:
        statement = statement.where(or_(entry.name.icontains(q, autoescape=True), entry.code == q.upper()))
    if not closed:
        statement = statement.where(or_(entry.open_until.is_(None), entry.open_until > today))
    if cursor:
        statement = statement.where(entry.code > cursor)
    items = [_shown(row) for row in uow.session.execute(statement)]
    return {"items": items, "next": items[-1]["code"] if len(items) == limit else None, "count": len(items)}


def organisation_detail(uow: UnitOfWork, code: str) -> dict[str, Any]:
    """Return one organisation with its names, tenancies and successions; raises NotFound for an unknown code."""
    row = uow.session.execute(_entries(local_day(uow.now)).where(organisation.c.code == code)).first()
    if row is None:
        raise NotFound
    return {
        **_shown(row),
        "names": _dated(uow, organisation_name, code, ("name", "valid_from", "valid_until", "source")),
        "tenancies": _dated(uow, tenancy, code, ("tenant", "valid_from", "valid_until", "source")),
        "predecessors": _links(uow, succession.c.successor == code, "predecessor"),
        "successors": _links(uow, succession.c.predecessor == code, "successor"),
    }


def body(uow: UnitOfWork, code: str) -> Row[Any]:
    """Return code, name, kind, tenant, region, open_from and open_until of one organisation; raises NotFound."""
    row = uow.session.execute(_entries(local_day(uow.now)).where(organisation.c.code == code)).first()
    if row is None:
        raise NotFound
    return row


def in_tenant_on(day: date) -> Any:
    """Return the condition that a tenancy holds on `day`."""
    held = tenancy.c
    return and_(held.valid_from <= day, or_(held.valid_until.is_(None), held.valid_until > day))


def _entries(today: date) -> Select[Any]:
    entry = organisation.c
    shown = (entry.code, entry.name, entry.kind, entry.region, entry.sector, entry.fictional, entry.source)
    return (
        select(
            *shown,
            entry.open_from,
            entry.open_until,
            tenancy.c.tenant,
            tenancy.c.valid_from.label("tenant_since"),
            _tenant.c.name.label("tenant_name"),
        )
        .outerjoin(tenancy, and_(tenancy.c.code == entry.code, in_tenant_on(today)))
        .outerjoin(_tenant, _tenant.c.code == tenancy.c.tenant)
    )


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row._fields}


def _dated(uow: UnitOfWork, table: Any, code: str, names: Sequence[str]) -> list[dict[str, Any]]:
    columns = [table.c[name] for name in names]
    rows = uow.session.execute(select(*columns).where(table.c.code == code).order_by(table.c.valid_from.desc()))
    return [dict(row) for row in rows.mappings()]


def _links(uow: UnitOfWork, condition: Any, other: str) -> list[dict[str, Any]]:
    link = succession.c
    statement = select(link[other].label("code"), link.effective_on, link.kind, link.evidence).where(condition)
    return [dict(row) for row in uow.session.execute(statement.order_by(link.effective_on, link[other])).mappings()]
