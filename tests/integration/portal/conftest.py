"""The portal on a real PostgreSQL, with an identity provider and services that can be told to fail."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from infra.servers import ConnectionSettings
from services.portal import assets
from services.portal.app import create_app
from services.portal.config import APIS
from services.portal.pages import page_sets
from shared.clock import FrozenClock
from shared.testing.databases import fresh_database
from tests.integration.portal.outside import Issuer, Services, serving
from tests.integration.portal.portal_under_test import NOTE_TEMPLATE, PortalUnderTest, config_for_tests, form_pages


@pytest.fixture(scope="session")
def running_portal(servers: ConnectionSettings, worker: str) -> Iterator[PortalUnderTest]:
    """Return the portal once for all tests of a worker."""
    if not assets.MANIFEST.is_file():
        assets.build()
    database = fresh_database(servers.postgres, "portal", worker)
    issuer, work, services = Issuer(), Issuer(), Services()
    clock = FrozenClock(datetime.now(UTC))
    with ExitStack() as stack:
        issuer.base = stack.enter_context(serving(issuer.handle))
        work.base = stack.enter_context(serving(work.handle))
        urls = {name: stack.enter_context(serving(services.handler(name))) for name in APIS}
        url = servers.postgres.dsn("app_portal", database, scheme="postgresql+psycopg")
        config = config_for_tests(url, issuer.issuer, urls, work.issuer)
        app = create_app(config, clock=clock, pages=[*page_sets(), form_pages()])
        app.jinja_env.loader.loaders.append(NOTE_TEMPLATE)  # type: ignore[union-attr]
        yield PortalUnderTest(app, issuer, work, services, clock, servers.postgres.superuser_dsn(database))
        app.extensions["portal"].close()


@pytest.fixture
def portal(running_portal: PortalUnderTest) -> PortalUnderTest:
    """Return the portal with an identity provider and services in good health."""
    running_portal.clock._instant = datetime.now(UTC)
    running_portal.issuer.refresh_status, running_portal.issuer.slow = 200, 0.0
    running_portal.issuer.refreshes.clear()
    running_portal.issuer.auth_requests.clear()
    running_portal.services.answers.clear()
    running_portal.services.received.clear()
    running_portal.services.on("GET", "/inbox", {"items": [], "unread": 0})
    return running_portal
