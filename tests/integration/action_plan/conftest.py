"""The action plan service with a trust that has everybody a plan needs."""

import pytest

from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.action_plan.planning_trusts import PlanningTrust, found_trust


@pytest.fixture
def trust(action_plan: ServiceUnderTest) -> PlanningTrust:
    """Return a trust without a plan."""
    return found_trust(action_plan)
