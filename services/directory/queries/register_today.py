"""The register in the shape that a published file is compared with."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from services.directory.domain.intervals import REGISTER_BEGINS, Interval
from services.directory.domain.register_differences import Register, RegisteredTrust
from services.directory.models import organisation, succession, tenancy
from shared.database import UnitOfWork


def register_today(uow: UnitOfWork) -> Register:
    """Return trusts, regions, ICBs and ICB successions as of today; fictional organisations are left out.

    The published file knows no fictional organisation, so they would all be listed as absent from it.
    """
    entry = organisation.c
    newest = (
        select(tenancy.c.code, tenancy.c.tenant, tenancy.c.valid_from)
        .ext(distinct_on(tenancy.c.code))
        .order_by(tenancy.c.code, tenancy.c.valid_from.desc())
        .subquery()
    )  # a closed trust's last ICB counts: opened again it is there again
    rows = uow.session.execute(
        select(organisation, newest.c.tenant, newest.c.valid_from)
        .outerjoin(newest, newest.c.code == entry.code)
        .where(entry.kind.in_(["trust", "region", "icb"]), entry.fictional.is_(False))
    ).all()
    days = {row.code: Interval(row.open_from or REGISTER_BEGINS, row.open_until) for row in rows}
    trusts = {
        row.code: RegisteredTrust(row.code, row.name, row.region, row.tenant, days[row.code], row.valid_from)
        for row in rows
        if row.kind == "trust"
    }
    regions = frozenset(row.code for row in rows if row.kind == "region")
    icbs = {row.code: days[row.code] for row in rows if row.kind == "icb"}
    link = succession.c
    links = uow.session.execute(select(link.predecessor, link.successor, link.effective_on)).all()
    successions = {(row.predecessor, row.successor): row.effective_on for row in links if row.predecessor in icbs}
    return Register(trusts, regions, icbs, successions)
