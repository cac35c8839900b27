"""A backup restores into a new cluster with the same rows, rules and walls, or it is not called restored."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from infra.postgres.backup import KEYCLOAK_DUMP, NotEmpty, back_up, contents_of, read_contents, restore
from infra.postgres.bootstrap import make_keycloak_database
from infra.postgres.roles import KEYCLOAK
from infra.servers import ConnectionSettings, Profile, Servers
from infra.servers.settings import PostgresSettings
from shared import due_work
from shared.ids import new_id
from shared.principal import Principal
from shared.testing.service_under_test import ServiceUnderTest


@pytest.fixture
def original(action_plan: ServiceUnderTest, servers: ConnectionSettings) -> PostgresSettings:
    """Return a database in which two tenants have rows."""
    for _ in range(2):
        trust = action_plan.world.trust()
        tenant = action_plan.world.tenant_of(trust)
        with action_plan.unit_of_work(Principal.service(tenant, trust)) as uow:
            due_work.add(uow, "action-due-soon", str(new_id()), uow.now)
            uow.commit()
    return replace(servers.postgres, database=action_plan.superuser_url.rpartition("/")[2])


@pytest.fixture
def account(original: PostgresSettings) -> Iterator[str]:
    """Return the name of a table in Keycloak's database that holds one row."""
    make_keycloak_database(original.superuser_dsn("postgres"))
    table = f"account_{new_id().hex}"
    with psycopg.connect(original.dsn(KEYCLOAK, KEYCLOAK), autocommit=True) as connection:
        connection.execute(f"create table {table} as select 'lena' as username".encode())
        yield table
        connection.execute(f"drop table {table}".encode())


@pytest.fixture
def new_cluster() -> Iterator[PostgresSettings]:
    """Return an empty PostgreSQL of its own."""
    servers = Servers(Profile("test-restored"), only=["postgres"])
    servers.reset()
    try:
        yield servers.start().postgres
    finally:
        servers.stop()


def test_a_backup_restores_to_the_same_rows_rules_and_walls(
    original: PostgresSettings, new_cluster: PostgresSettings, tmp_path: Path
) -> None:
    backed_up = back_up(original, tmp_path / "backup")

    found = restore(new_cluster, tmp_path / "backup")

    assert len(backed_up.rows["action_plan.due_work"]) >= 2
    assert found.rows == backed_up.rows
    assert "action_plan.plan t t" in found.protection
    with psycopg.connect(new_cluster.dsn("app_action_plan")) as connection:
        assert connection.execute("select count(*) from due_work").fetchone() == (0,), "nobody said who asks"
    with pytest.raises(NotEmpty):
        restore(new_cluster, tmp_path / "backup")


def test_accounts_are_restored_too_and_belong_to_keycloak(
    original: PostgresSettings, account: str, new_cluster: PostgresSettings, tmp_path: Path
) -> None:
    """Without them nobody could sign in: passwords and second factors are Keycloak's, in the same cluster."""
    back_up(original, tmp_path / "backup")

    restore(new_cluster, tmp_path / "backup")

    assert (tmp_path / "backup" / KEYCLOAK_DUMP).exists()
    with psycopg.connect(new_cluster.dsn(KEYCLOAK, KEYCLOAK)) as connection:
        assert connection.execute(f"select username from {account}".encode()).fetchone() == ("lena",)
        connection.execute(f"insert into {account} values ('new')".encode())
        connection.rollback()


def test_a_row_or_a_rule_that_is_missing_is_found(original: PostgresSettings, tmp_path: Path) -> None:
    back_up(original, tmp_path / "backup")
    wanted = read_contents(tmp_path / "backup")

    with psycopg.connect(original.superuser_dsn()) as connection:
        connection.execute("delete from action_plan.due_work")
        connection.execute("alter table action_plan.plan no force row level security")
        differences = wanted.differences(contents_of(connection))
        connection.rollback()

    assert any(line.startswith("action_plan.due_work: ") for line in differences)
    assert {"action_plan.plan t t", "action_plan.plan t f"} <= set(differences)
