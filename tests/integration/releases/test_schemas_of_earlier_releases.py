"""Today's code on the schema of an earlier release, and back to the schema before the newest migration and on again."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.postgres.roles import SERVICES
from infra.servers import ConnectionSettings
from shared.migrations import upgrade
from shared.testing.databases import fresh_database
from shared.testing.token_mint import TokenMint
from tests.integration.shared.earlier_schema import BEHIND, READY, EarlierSchema, ready, web_process
from tests.releases.recording import Schema, releases, schema_of
from tests.security.rows.planting import WITHOUT_MECHANISM, mechanism_tables, rows_of, tables_of

RELEASES = pytest.mark.parametrize("release", releases(), ids=lambda path: path.name)
Rows = dict[str, list[dict[str, Any]]]


def read(release: Path, name: str) -> Any:
    return json.loads((release / f"{name}.json").read_text())


@RELEASES
@pytest.mark.parametrize("service", SERVICES)
def test_code_of_today_is_not_ready_on_the_schema_of_an_earlier_release_until_it_is_migrated(
    servers: ConnectionSettings, mint: TokenMint, worker: str, release: Path, service: str
) -> None:
    with web_process(servers, mint, service, f"{worker}_earlier") as (app, schema):
        today = schema_of(schema.dsn(), service)
        schema.go_back(read(release, "revisions")[service])
        earlier, on_earlier = schema_of(schema.dsn(), service), ready(app)
        upgrade(service, schema.url("migrate"))
        migrated, on_migrated = schema_of(schema.dsn(), service), ready(app)

    assert earlier == read(release, "schema")[service]
    assert (on_earlier, on_migrated) == (BEHIND, READY)
    assert migrated == today


def plant(schema: EarlierSchema) -> None:
    """Put a row into every table of the schema; what it refers to need not be there."""
    shared = () if schema.service in WITHOUT_MECHANISM else mechanism_tables()
    with psycopg.connect(schema.dsn()) as connection:
        connection.execute(f"set local search_path to {schema.service}".encode())
        connection.execute("set local session_replication_role to replica")
        for table, row in {row.table.name: row for row in rows_of((*tables_of(schema.service), *shared))}.items():
            connection.execute(f"delete from {table}".encode())
            connection.execute(row.insert())


def rows_in(schema: EarlierSchema, columns: Schema) -> Rows:
    """Return what every table holds, of the columns that are asked for."""
    found: Rows = {}
    for table, names in columns.items():
        rows = [row for (row,) in schema.as_superuser(f"select to_jsonb(held) from {table} held")]
        found[table] = [{name: row[name] for name in names} for row in rows]
    return found


def lost(before: Rows, after: Rows) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows that are gone; a migration may add some."""
    return [(table, row) for table, rows in before.items() for row in rows if row not in after[table]]


@pytest.mark.parametrize("service", SERVICES)
def test_the_newest_migration_is_undone_and_done_again_without_a_row_lost(
    servers: ConnectionSettings, worker: str, service: str
) -> None:
    schema = EarlierSchema(servers.postgres, service, fresh_database(servers.postgres, service, f"{worker}_earlier"))
    plant(schema)
    today = schema_of(schema.dsn(), service)
    all_rows = rows_in(schema, today)
    schema.go_back()
    earlier = schema_of(schema.dsn(), service)
    undone = rows_in(schema, earlier)
    upgrade(service, schema.url("migrate"))

    kept: Rows = {
        table: [{name: row[name] for name in names if name in row} for row in all_rows.get(table, [])]
        for table, names in earlier.items()
    }
    assert sum(map(len, undone.values())) > len(undone) / 2
    assert undone == kept
    assert lost(undone, rows_in(schema, earlier)) == []
    assert schema_of(schema.dsn(), service) == today
