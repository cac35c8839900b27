"""A published framework and a trust for tests of reflections."""

from typing import Any

import pytest

from services.competency_framework.worker import publish
from shared.principal import Principal
from shared.testing.service_under_test import ServiceUnderTest


@pytest.fixture(autouse=True)
def framework(competency_framework: ServiceUnderTest) -> dict[str, Any]:
    """Return the published framework."""
    publish(competency_framework.database)
    with competency_framework.unit_of_work(Principal.service("NATIONAL", "NATIONAL")) as uow:
        from services.competency_framework.queries import current_framework

        return dict(current_framework(uow).content)


@pytest.fixture
def trust(competency_framework: ServiceUnderTest) -> str:
    """Return a trust of this test."""
    return competency_framework.world.trust()
