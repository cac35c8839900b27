"""Code of a newer release on a schema that is not migrated yet: web processes are not ready, and are once it is."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from infra.postgres.roles import SERVICES
from infra.servers import ConnectionSettings
from shared.schema_version import revisions_of
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.token_mint import TokenMint
from tests.integration.shared.earlier_schema import BEHIND, READY, EarlierSchema, ready, web_process

CHANGES = ("update alembic_version set version_num = '0001'", "delete from alembic_version", "truncate alembic_version")


@pytest.fixture
def schema(notification: ServiceUnderTest, servers: ConnectionSettings, worker: str) -> Iterator[EarlierSchema]:
    """Return the schema under `notification`, which is as it was afterwards."""
    found = EarlierSchema(servers.postgres, "notification", f"test_notification_{worker}")
    yield found
    found.as_superuser("delete from alembic_version")
    found.as_superuser("insert into alembic_version values (%s)", revisions_of("notification").head)


@pytest.mark.parametrize("service", SERVICES)
def test_a_web_process_is_not_ready_until_the_schema_is_migrated_and_then_without_a_restart(
    servers: ConnectionSettings, mint: TokenMint, worker: str, service: str
) -> None:
    with web_process(servers, mint, service, f"{worker}_behind") as (app, schema):
        migrated = ready(app)
        schema.go_back()
        behind, alive = ready(app), app.test_client().get("/health/live").status_code
        schema.migrate()
        migrated_again = ready(app)

    assert (migrated, behind, alive, migrated_again) == (READY, BEHIND, 200, READY)


@pytest.mark.parametrize("service", ["notification", "portal"])
def test_a_web_process_is_not_ready_on_a_schema_that_was_never_migrated(
    servers: ConnectionSettings, mint: TokenMint, worker: str, service: str
) -> None:
    with web_process(servers, mint, service, f"{worker}_behind") as (app, schema):
        schema.as_superuser("drop table alembic_version")
        never_migrated = ready(app)

    assert never_migrated == BEHIND


@pytest.mark.parametrize(("version", "expected"), [("0001", BEHIND), ("0002", BEHIND), ("9999", READY)])
def test_a_version_that_this_code_knows_and_has_gone_beyond_is_behind_and_one_that_it_does_not_know_is_newer(
    notification: ServiceUnderTest, schema: EarlierSchema, version: str, expected: object
) -> None:
    schema.as_superuser("update alembic_version set version_num = %s", version)

    assert ready(notification.app) == expected


def test_a_schema_that_says_no_version_is_behind(notification: ServiceUnderTest, schema: EarlierSchema) -> None:
    schema.as_superuser("delete from alembic_version")

    assert ready(notification.app) == BEHIND


def test_to_be_ready_costs_one_statement(notification: ServiceUnderTest) -> None:
    with notification.counted_statements() as statements:
        assert ready(notification.app) == READY

    assert [statement for statement in statements if "set_config" not in statement] == [
        "select version_num from alembic_version"
    ]


@pytest.mark.parametrize("role", ["app", "relay"])
def test_a_process_reads_the_version_and_writes_it_never(
    notification: ServiceUnderTest, schema: EarlierSchema, role: str
) -> None:
    address = schema.url(role).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("select version_num from alembic_version").fetchall()
        for change in CHANGES:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(change.encode())

    assert found == [(revisions_of("notification").head,)]
