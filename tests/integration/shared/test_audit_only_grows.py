"""A2: nobody changes the audit trail or its seals, neither the application nor the owner of the tables."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from infra.servers import ConnectionSettings
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.shared.audit_trails import lay

SERVICES = ("directory", "assessment", "action_plan", "competency_framework", "notification", "insight")
CHANGES = {
    "update": "update {} set tenant_id = 'X'",
    "update of nothing": "update {} set tenant_id = 'X' where false",
    "delete": "delete from {}",
    "truncate": "truncate {}",
    "upsert": "insert into {0} overriding system value select * from {0} limit 1"
    " on conflict ({1}) do update set tenant_id = 'X'",
    "merge": "merge into {0} as old using {0} as new on old.{1} = new.{1} when matched then delete",
}
KEYS = {"audit_entry": "seq", "audit_seal": "entry_seq"}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> ServiceUnderTest:
    """Return each service in turn, with a sealed trail."""
    found: ServiceUnderTest = request.getfixturevalue(request.param)
    lay(found, 2)
    return found


@pytest.fixture(params=["app", "owner", "owner without row security", "superuser"])
def connection(
    request: pytest.FixtureRequest, service: ServiceUnderTest, servers: ConnectionSettings
) -> Iterator[psycopg.Connection[Any]]:
    """Return a transaction of each role in turn, undone in the end."""
    role, database = str(request.param), service.superuser_url.rpartition("/")[2]
    login = {"app": f"app_{service.name}", "superuser": "postgres"}.get(role, f"migrate_{service.name}")
    url = service.superuser_url if role == "superuser" else servers.postgres.dsn(login, database)
    with psycopg.connect(url) as opened:
        opened.execute(sql.SQL("set search_path to {}").format(sql.Identifier(service.name)))
        if role.startswith("owner"):
            opened.execute(sql.SQL("set role {}").format(sql.Identifier(f"owner_{service.name}")))
        if role == "owner without row security":
            for table in KEYS:
                opened.execute(sql.SQL("alter table {} no force row level security").format(sql.Identifier(table)))
        yield opened
        opened.rollback()


@pytest.mark.parametrize("table", KEYS)
def test_no_change_gets_through(connection: psycopg.Connection[Any], table: str) -> None:
    got_through: list[str] = []
    for name, statement in CHANGES.items():
        try:
            with connection.transaction():
                connection.execute(statement.format(table, KEYS[table]).encode())
        except InsufficientPrivilege:
            continue
        got_through.append(name)

    assert got_through == []
