"""A second set of the projection's tables, empty, in a schema of its own, with the same policies and grants.

A connection whose search path begins with that schema runs every handler unchanged against the fresh tables.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.pool import NullPool

from services.insight.models import READ_MODEL
from shared import mechanism
from shared.database import Database, UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal

LIVE: Final = "insight"
FRESH: Final = "insight_next"
OWNER: Final = "owner_insight"
BOOK_KEEPING: Final = (
    mechanism.known_organisation,
    mechanism.known_tenancy,
    mechanism.known_membership,
    mechanism.inbox,
    mechanism.inbox_position,
    mechanism.parked_event,
    mechanism.dead_letter,
)
"""What a consumer writes besides the read model; the fresh set is thrown away when the read model is taken over."""
PROJECTION: Final = (*READ_MODEL, *BOOK_KEEPING)
POLICIES: Final = text(
    "select tablename, policyname, cmd, array_to_string(roles, ', ') as roles, qual, with_check from pg_policies"
    " where schemaname = :live and tablename = any(:tables) order by tablename, policyname"
)
GRANTS: Final = text(
    "select c.relname, g.privilege_type as privilege, r.rolname, null as columns"
    " from pg_class c cross join lateral aclexplode(c.relacl) g join pg_roles r on r.oid = g.grantee"
    " where c.relnamespace = cast(:live as regnamespace) and c.relname = any(:tables) and g.grantee <> c.relowner"
    " union all"
    " select c.relname, g.privilege_type, r.rolname, string_agg(a.attname, ', ' order by a.attnum)"
    " from pg_class c join pg_attribute a on a.attrelid = c.oid cross join lateral aclexplode(a.attacl) g"
    " join pg_roles r on r.oid = g.grantee"
    " where c.relnamespace = cast(:live as regnamespace) and c.relname = any(:tables)"
    " group by c.relname, g.privilege_type, r.rolname"
)
TENANTS: Final = text("select distinct tenant_id from known_tenancy union select :national order by 1")


def owner_engine(url: str) -> Engine:
    """Return connections of the owner of both schemas."""
    engine = create_engine(url, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _become_owner(connection: object, _: object) -> None:
        _run_once(connection, f"set role {OWNER}")

    return engine


def fresh_database(url: str) -> Database:
    """Return the application's login, working on the fresh tables.

    A commit does not wait for the disk: a rebuild that a crash ends begins again from the first event.
    """
    database = Database(url, pool_size=2)

    @event.listens_for(database.engine, "connect")
    def _look_there_first(connection: object, _: object) -> None:
        _run_once(connection, f"set search_path to {FRESH}, {LIVE}")
        _run_once(connection, "set synchronous_commit to off")

    return database


def _run_once(connection: object, statement: str) -> None:
    """Run a statement that outlives the transactions of a new connection."""
    connection.autocommit = True  # type: ignore[attr-defined]
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(statement)
    connection.autocommit = False  # type: ignore[attr-defined]


def make_fresh_tables(owner: Engine) -> None:
    """Make the fresh set, empty; what an earlier rebuild left behind is removed."""
    with owner.begin() as connection:
        elsewhere = connection.execution_options(schema_translate_map={None: FRESH})
        for table in PROJECTION:
            connection.execute(text(f"drop table if exists {FRESH}.{table.name}"))
            table.create(elsewhere, checkfirst=False)
        _copy_protection(connection)


def _copy_protection(connection: Connection) -> None:
    about = {"live": LIVE, "tables": [table.name for table in PROJECTION]}
    for name in about["tables"]:
        connection.execute(text(f"alter table {FRESH}.{name} enable row level security"))
        connection.execute(text(f"alter table {FRESH}.{name} force row level security"))
    for policy in connection.execute(POLICIES, about).all():
        clauses = f" using ({policy.qual})" if policy.qual else ""
        clauses += f" with check ({policy.with_check})" if policy.with_check else ""
        connection.exec_driver_sql(
            f"create policy {policy.policyname} on {FRESH}.{policy.tablename} for {policy.cmd}"
            f" to {policy.roles}{clauses}"
        )
    for grant in connection.execute(GRANTS, about).all():
        columns = f" ({grant.columns})" if grant.columns else ""
        connection.exec_driver_sql(f"grant {grant.privilege}{columns} on {FRESH}.{grant.relname} to {grant.rolname}")


def take_over(owner: Engine) -> None:
    """Put the fresh read model in the place of the old one, in one transaction."""
    with owner.begin() as connection:
        connection.execute(text("set local lock_timeout = '5s'"))
        for table in READ_MODEL:
            connection.execute(text(f"drop table {LIVE}.{table.name}"))
            connection.execute(text(f"alter table {FRESH}.{table.name} set schema {LIVE}"))
        for table in BOOK_KEEPING:
            connection.execute(text(f"drop table {FRESH}.{table.name}"))


def digests(database: Database, tables: Iterable[Table] = READ_MODEL) -> dict[str, str]:
    """Return the SHA-256 of each table's rows as COPY writes them, in the order of the primary key.

    Row policies show one tenant at a time, so the rows of each tenant follow one another.
    """
    with UnitOfWork(database, Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        tenants = list(uow.session.execute(TENANTS, {"national": NATIONAL_TENANT}).scalars())
    sums = {table.name: hashlib.sha256() for table in tables}
    for tenant in tenants:
        with UnitOfWork(database, Principal.service(tenant, tenant)) as uow:
            for table in tables:
                if "tenant_id" in table.c or tenant == NATIONAL_TENANT:
                    sums[table.name].update(_copied(uow, table, tenant))
    return {name: digest.hexdigest() for name, digest in sums.items()}


def _copied(uow: UnitOfWork, table: Table, tenant: str) -> bytes:
    names = ", ".join(sorted(column.name for column in table.c))
    key = ", ".join(column.name for column in table.primary_key)
    of_tenant = " where tenant_id = current_setting('app.tenant_id')" if "tenant_id" in table.c else ""
    rows = f"select {names} from {table.name}{of_tenant} order by {key}"  # noqa: S608 - names from our own models
    driver = uow.session.connection().connection.driver_connection
    with driver.cursor().copy(f"copy ({rows}) to stdout") as copy:  # type: ignore[union-attr]
        return b"".join(bytes(part) for part in copy)
