"""Make roles, databases and schemas; every statement may be run again and changes nothing then.

Tables, grants on tables and row policies are the services' migrations' business. What the owner of
a schema cannot do itself (hand a function to `range_reader`) lies in after_migrations/*.sql.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from infra.postgres.roles import (
    BACKUP,
    COUNTING_ROLES,
    EXTRA_LOGINS,
    KEYCLOAK,
    SERVICES,
    login_roles,
    logins_of,
    product_roles,
)

AFTER_MIGRATIONS = Path(__file__).parent / "after_migrations"
INITDB_OPTIONS = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
"""How every cluster of ours is made: it sorts by code point, whatever the machine's language is."""
_BOOTSTRAP_LOCK = 4_771_001
"""Advisory lock key: two workers must not create the same role at once."""

Connection = psycopg.Connection[tuple[object, ...]]


def make_roles(superuser_dsn: str, passwords: Mapping[str, str]) -> None:
    """Create every role with its password. Roles belong to the server, not to one database."""
    with psycopg.connect(superuser_dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_BOOTSTRAP_LOCK,))
        for service in SERVICES:
            _make_role(connection, f"owner_{service}", "NOLOGIN NOBYPASSRLS NOINHERIT")
        for role in COUNTING_ROLES:
            _make_role(connection, role, "NOLOGIN NOBYPASSRLS NOINHERIT")
        for role in login_roles():
            # pg_read_all_data must reach the backup by itself: nothing in pg_dump does SET ROLE.
            rights = "LOGIN BYPASSRLS INHERIT" if role == BACKUP else "LOGIN NOBYPASSRLS NOINHERIT"
            _make_role(connection, role, rights, passwords[role])
        for service in SERVICES:
            _wire_roles(connection, service)
        for role, schema in EXTRA_LOGINS.items():
            _set_search_path(connection, role, schema)
        connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(BACKUP)))


def make_service_database(superuser_dsn: str, name: str) -> None:
    """Create the database with an empty schema for each service.

    `superuser_dsn` names any existing database of the server; roles must exist already.
    """
    make_database(superuser_dsn, name)
    with psycopg.connect(superuser_dsn, dbname=name) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_BOOTSTRAP_LOCK,))
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for service in SERVICES:
            _make_schema(connection, service)
        for role, schema in COUNTING_ROLES.items():
            _grant_usage(connection, schema, [role])
        for role, schema in EXTRA_LOGINS.items():
            _grant_usage(connection, schema, [role])


def make_keycloak_database(superuser_dsn: str) -> None:
    """Create Keycloak's database, owned by its role."""
    make_database(superuser_dsn, KEYCLOAK, owner=KEYCLOAK)


def make_database(superuser_dsn: str, name: str, *, owner: str | None = None, template: str | None = None) -> None:
    """Create a database unless it is there; only our own roles may connect to it."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        if not _database_exists(connection, name):
            statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
            if template:
                statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
            connection.execute(statement)
        _restrict_connections(connection, name, [owner] if owner else product_roles())
        if owner:
            connection.execute(
                sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(owner))
            )


def copy_database(superuser_dsn: str, *, template: str, name: str) -> None:
    """Make `name` afresh as a copy of `template` (nobody may be connected to the template)."""
    drop_database(superuser_dsn, name)
    make_database(superuser_dsn, name, template=template)


def drop_database(superuser_dsn: str, name: str) -> None:
    """Remove a database, ending its connections."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def run_after_migrations(
    superuser_dsn: str, database: str, services: Iterable[str] = SERVICES, *, folder: Path = AFTER_MIGRATIONS
) -> list[str]:
    """Run <service>__<what>.sql of the folder for these services, each file in one transaction.

    Returns the names of the files that ran. A file must bear being run again.
    """
    wanted = set(services)
    files = [f for f in sorted(folder.glob("*.sql")) if f.name.split("__")[0] in wanted]
    for file in files:
        with psycopg.connect(superuser_dsn, dbname=database) as connection:
            connection.execute(file.read_bytes())
    return [file.name for file in files]


def _make_role(connection: Connection, role: str, rights: str, password: str | None = None) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    verb = sql.SQL("ALTER") if found else sql.SQL("CREATE")
    statement = sql.SQL("{} ROLE {} WITH NOSUPERUSER NOCREATEDB NOCREATEROLE {}").format(
        verb, sql.Identifier(role), sql.SQL(rights)
    )
    if password is not None:
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
    connection.execute(statement)


def _wire_roles(connection: Connection, service: str) -> None:
    owner, migrate = sql.Identifier(f"owner_{service}"), sql.Identifier(f"migrate_{service}")
    connection.execute(sql.SQL("GRANT {} TO {}").format(owner, migrate))
    for role in (f"owner_{service}", *logins_of(service)):
        _set_search_path(connection, role, service)


def _set_search_path(connection: Connection, role: str, schema: str) -> None:
    connection.execute(
        sql.SQL("ALTER ROLE {} SET search_path TO {}").format(sql.Identifier(role), sql.Identifier(schema))
    )


def _make_schema(connection: Connection, service: str) -> None:
    owner = sql.Identifier(f"owner_{service}")
    schema = sql.Identifier(service)
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(schema, owner))
    connection.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC").format(schema))
    _grant_usage(connection, service, logins_of(service))


def _grant_usage(connection: Connection, schema: str, roles: Iterable[str]) -> None:
    connection.execute(
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(
            sql.Identifier(schema), sql.SQL(", ").join(map(sql.Identifier, roles))
        )
    )


def _database_exists(connection: Connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    return found.fetchone() is not None


def _restrict_connections(connection: Connection, name: str, roles: Iterable[str]) -> None:
    database = sql.Identifier(name)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.SQL(", ").join(map(sql.Identifier, roles)))
    )
