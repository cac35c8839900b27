"""D7: the logins behind national figures can read no row of a trust, whatever a query says."""

import psycopg
import pytest

from infra.servers import ConnectionSettings
from services.insight.models import metadata
from services.insight.policies import AGGREGATOR_READS
from shared.testing.service_under_test import ServiceUnderTest

PRIVILEGES = ("select", "insert", "update", "delete", "truncate", "references", "trigger")


def held(insight: ServiceUnderTest, role: str) -> set[tuple[str, str]]:
    """Every table of the schema with the privileges a role has on it or on any column of it."""
    query = (
        b"select c.relname, p from pg_class c cross join unnest(%s::text[]) p"
        b" where c.relnamespace = 'insight'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')"
        b" and (has_table_privilege(%s, c.oid, p) or (p in ('select', 'insert', 'update', 'references')"
        b" and has_any_column_privilege(%s, c.oid, p)))"
    )
    with psycopg.connect(insight.superuser_url) as connection:
        return {(row[0], row[1]) for row in connection.execute(query, [list(PRIVILEGES), role, role]).fetchall()}


def connect(insight: ServiceUnderTest, servers: ConnectionSettings, role: str) -> psycopg.Connection:
    return psycopg.connect(servers.postgres.dsn(role, insight.superuser_url.rsplit("/", 1)[-1]))


def test_the_national_login_can_read_cells_and_nothing_else(insight: ServiceUnderTest) -> None:
    assert held(insight, "national_insight") == {("national_cell", "select")}


@pytest.mark.parametrize("table", sorted({*metadata.tables, "outbox", "audit_entry", "known_membership"}))
def test_the_national_login_is_refused_every_other_table(
    insight: ServiceUnderTest, servers: ConnectionSettings, table: str
) -> None:
    with connect(insight, servers, "national_insight") as connection:
        if table == "national_cell":
            connection.execute(f"select count(*) from {table}".encode())
            return
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"select count(*) from {table}".encode())


def test_the_aggregator_reads_named_columns_and_writes_figures_alone(insight: ServiceUnderTest) -> None:
    reads = {(table, "select") for table in AGGREGATOR_READS}
    writes = {("national_cell", "insert"), ("snapshot", "insert"), ("figure_set", "update")}

    assert held(insight, "aggregator_insight") == reads | writes


@pytest.mark.parametrize(
    "query",
    [
        "select round_id, invited, finished from assessment_status",
        "select closes_on from assessment_status",
        "select tenant_id from contribution",
        "select * from plan_status",
        "select * from sharing_status",
        "select revision_note from figure_set",
    ],
)
def test_the_aggregator_is_refused_what_it_does_not_need(
    insight: ServiceUnderTest, servers: ConnectionSettings, query: str
) -> None:
    with (
        connect(insight, servers, "aggregator_insight") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(query.encode())


def test_the_services_own_login_reads_neither_cells_nor_snapshots(insight: ServiceUnderTest) -> None:
    tables = {table for table, _ in held(insight, "app_insight")}

    assert tables.isdisjoint({"national_cell", "snapshot"})


@pytest.mark.parametrize("role", ["app_assessment", "app_portal", "app_action_plan", "relay_assessment"])
def test_no_other_service_reads_anything_here(
    insight: ServiceUnderTest, servers: ConnectionSettings, role: str
) -> None:
    with connect(insight, servers, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(b"select count(*) from insight.national_cell")
