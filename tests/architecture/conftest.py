"""Each service in turn, and the catalogue of its schema as its migrations leave it."""

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from infra.servers import ConnectionSettings
from shared.testing.databases import template_for
from tests.architecture.source_tree import SERVICES


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    """Return each service in turn."""
    return str(request.param)


@pytest.fixture
def catalogue(servers: ConnectionSettings, service: str) -> Any:
    """Return a function that asks the catalogue of the migrated schema."""
    database = template_for(servers.postgres, service)
    connection = psycopg.connect(servers.postgres.superuser_dsn(database), row_factory=dict_row, autocommit=True)

    def ask(query: str) -> list[dict[str, Any]]:
        return connection.execute(query.replace(":schema", f"'{service}'").encode()).fetchall()

    yield ask
    connection.close()
