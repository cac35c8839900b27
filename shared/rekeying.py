"""Moves every row of an organisation to another tenant: the one transaction that touches two tenants.

Tables without a parent among the tenant tables are updated; composite foreign keys `on update cascade` carry the rest
along, author-private rows included, which no principal could update. Views shared with the old ICB stay as of that
day (kind AUDIENCE), with the record of who there reads them (kind SEEN_BY: the organisation goes on seeing it). Audit
rows and file keys never move.
"""

from sqlalchemy import text

from shared.database import UnitOfWork

MOVABLE = text(
    "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname = current_schema() and c.relkind = 'r'"
    " and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')"
    " and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id')"
    " and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'audience_tenant')"
    " and not exists (select from pg_constraint f join pg_attribute a on a.attrelid = f.conrelid"
    "   and a.attnum = any (f.conkey) and a.attname = 'tenant_id' where f.conrelid = c.oid and f.contype = 'f')"
    " and c.relname not in ('outbox', 'audit_entry', 'known_tenancy')"
    " order by c.relname"
)


def rekey_organisation(uow: UnitOfWork, org_id: str, from_tenant: str, to_tenant: str) -> None:
    """Give all of `org_id`'s rows in this schema to `to_tenant`.

    The principal is of scope service with tenant `from_tenant`; repeating it finds nothing left to do. Nobody else's
    transaction for the organisation is open meanwhile: what it had not yet committed could not be moved.
    """
    uow.hold_alone(org_id)
    tables = list(uow.session.execute(MOVABLE).scalars())
    with uow.moving_to(to_tenant):
        for table in tables:
            uow.session.execute(
                text(f"update {table} set tenant_id = :to where tenant_id = :from and org_id = :org"),  # noqa: S608 - names from the catalogue
                {"to": to_tenant, "from": from_tenant, "org": org_id},
            )
