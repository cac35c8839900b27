"""Insight's read model, emptied, and a fresh one beside it."""

from collections.abc import Iterator

import psycopg
import pytest

from infra.servers import ConnectionSettings
from services.insight.models import READ_MODEL
from services.insight.rebuild import Rebuild
from shared.handling import EventHandling
from shared.testing.service_under_test import ServiceUnderTest
from shared.worker import parts_of


@pytest.fixture
def emptied(insight: ServiceUnderTest) -> None:
    """A rebuild is about everything there is: begin with nothing."""
    names = [table.name for table in READ_MODEL]
    names += ["known_organisation", "known_tenancy", "known_membership", "inbox", "inbox_position", "parked_event"]
    with psycopg.connect(insight.superuser_url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"delete from insight.{name}".encode())


@pytest.fixture
def rebuild(insight: ServiceUnderTest, servers: ConnectionSettings, emptied: None) -> Iterator[Rebuild]:
    database = insight.superuser_url.rsplit("/", 1)[-1]
    owner_url = servers.postgres.dsn("migrate_insight", database, scheme="postgresql+psycopg")
    made = Rebuild(app_url=insight.config.database_url, owner_url=owner_url)
    made.begin()
    yield made
    made.close()


@pytest.fixture
def live(insight: ServiceUnderTest) -> EventHandling:
    return EventHandling(parts_of("insight", insight.config).registration(), insight.database)
