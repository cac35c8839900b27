"""The servers these tests look at."""

import secrets
from collections.abc import Iterator

import pytest

from infra.postgres.bootstrap import drop_database, make_service_database
from infra.servers import ConnectionSettings, Servers
from infra.servers.settings import PostgresSettings
from infra.servers.testing import servers_for_tests


@pytest.fixture(scope="session")
def local_servers() -> Servers:
    """Return the running servers, Keycloak apart: no test here needs it."""
    return servers_for_tests(only=["postgres", "kafka", "s3", "ses", "smtp"])


@pytest.fixture(scope="session")
def connections(local_servers: Servers) -> ConnectionSettings:
    """Return how to reach them."""
    return local_servers.settings


@pytest.fixture(scope="session")
def empty_database(connections: ConnectionSettings) -> Iterator[PostgresSettings]:
    """Return a database of its own, with roles and empty schemas, as the migrations find it."""
    postgres = connections.postgres
    name = f"roles_{secrets.token_hex(4)}"
    make_service_database(postgres.superuser_dsn("postgres"), name)
    yield PostgresSettings(port=postgres.port, database=name, passwords=postgres.passwords)
    drop_database(postgres.superuser_dsn("postgres"), name)
