"""Each service's role reaches its own schema and nothing else."""

from itertools import permutations
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

from infra.postgres.bootstrap import make_roles, make_service_database, run_after_migrations
from infra.postgres.roles import BACKUP, SERVICES, login_roles
from infra.servers.settings import PostgresSettings

RANGE_FUNCTION = """
CREATE OR REPLACE FUNCTION assessment.how_many() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = assessment
    AS 'SELECT count(*) FROM private_answer';
ALTER FUNCTION assessment.how_many() OWNER TO range_reader;
REVOKE ALL ON FUNCTION assessment.how_many() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assessment.how_many() TO app_assessment;
"""


def as_owner(postgres: PostgresSettings, service: str, statements: str) -> None:
    """Run statements as a migration does: signed in as migrate_<service>, acting as the owner."""
    with psycopg.connect(postgres.dsn(f"migrate_{service}")) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"owner_{service}")))
        connection.execute(statements.encode())


@pytest.fixture(scope="module")
def database(empty_database: PostgresSettings) -> PostgresSettings:
    for service in SERVICES:
        as_owner(
            empty_database,
            service,
            f"CREATE TABLE thing (id int); INSERT INTO thing VALUES (1); GRANT SELECT ON thing TO app_{service}",
        )
    return empty_database


@pytest.mark.parametrize("service", SERVICES)
def test_an_app_role_reads_the_table_it_was_granted(database: PostgresSettings, service: str) -> None:
    with psycopg.connect(database.dsn(f"app_{service}")) as connection:
        assert connection.execute("SELECT id FROM thing").fetchall() == [(1,)]


@pytest.mark.parametrize(("service", "other"), list(permutations(SERVICES, 2)))
def test_an_app_role_cannot_read_another_schema(database: PostgresSettings, service: str, other: str) -> None:
    with (
        psycopg.connect(database.dsn(f"app_{service}")) as connection,
        pytest.raises(errors.InsufficientPrivilege, match=f"permission denied for schema {other}"),
    ):
        connection.execute(sql.SQL("SELECT * FROM {}.thing").format(sql.Identifier(other)))


@pytest.mark.parametrize("role", [r for r in login_roles() if r.startswith(("app_", "relay_", "migrate_"))])
@pytest.mark.parametrize("schema", ["public", "own"])
def test_no_role_of_a_service_makes_tables_by_itself(database: PostgresSettings, role: str, schema: str) -> None:
    where = role.split("_", 1)[1] if schema == "own" else schema

    with (
        psycopg.connect(database.dsn(role)) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(sql.SQL("CREATE TABLE {}.planted (id int)").format(sql.Identifier(where)))


def test_a_relay_role_reads_nothing_until_it_is_granted(database: PostgresSettings) -> None:
    with (
        psycopg.connect(database.dsn("relay_assessment")) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT * FROM thing")


def test_only_the_backup_role_passes_row_security_and_none_of_ours_is_superuser(database: PostgresSettings) -> None:
    with psycopg.connect(database.superuser_dsn()) as connection:
        rows = connection.execute(
            "SELECT rolname, rolbypassrls, rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles"
            " WHERE rolname <> 'postgres' AND rolname NOT LIKE 'pg\\_%'"
        ).fetchall()

    assert {name for name, bypasses, _ in rows if bypasses} == {BACKUP}
    assert {name for name, _, powerful in rows if powerful} == set()


def test_keycloaks_role_cannot_connect_to_the_services_database(database: PostgresSettings) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(database.dsn("keycloak"))


def test_the_bootstrap_may_run_again(database: PostgresSettings) -> None:
    superuser = database.superuser_dsn("postgres")

    make_roles(superuser, database.passwords)
    make_service_database(superuser, database.database)

    with psycopg.connect(database.dsn("app_insight")) as connection:
        assert connection.execute("SELECT id FROM thing").fetchall() == [(1,)]


def test_a_function_of_the_range_reader_sees_what_its_caller_may_not(
    database: PostgresSettings, tmp_path: Path
) -> None:
    as_owner(
        database,
        "assessment",
        "CREATE TABLE private_answer (id int); INSERT INTO private_answer VALUES (1), (2);"
        "ALTER TABLE private_answer ENABLE ROW LEVEL SECURITY; ALTER TABLE private_answer FORCE ROW LEVEL SECURITY;"
        "GRANT SELECT ON private_answer TO app_assessment; GRANT SELECT (id) ON private_answer TO range_reader;"
        "CREATE POLICY counted ON private_answer FOR SELECT TO range_reader USING (true)",
    )
    (tmp_path / "assessment__how_many.sql").write_text(RANGE_FUNCTION)

    for _ in range(2):
        ran = run_after_migrations(database.superuser_dsn(), database.database, ["assessment"], folder=tmp_path)

    with psycopg.connect(database.dsn("app_assessment")) as connection:
        assert ran == ["assessment__how_many.sql"]
        assert connection.execute("SELECT * FROM private_answer").fetchall() == []
        assert connection.execute("SELECT how_many()").fetchone() == (2,)
