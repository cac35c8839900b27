"""The portal on a real PostgreSQL, with an identity provider and services that can be told to fail."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from infra.servers import ConnectionSettings
from tests.integration.portal.portal_under_test import PortalUnderTest, open_portal


@pytest.fixture(scope="session")
def running_portal(servers: ConnectionSettings, worker: str) -> Iterator[PortalUnderTest]:
    """Return the portal once for all tests of a worker."""
    with open_portal(servers, worker) as running:
        yield running


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
