"""The whole system of this run: every service as its own processes, on real servers."""

import os

import pytest

from deploy.local.demo.cast import Cast
from deploy.local.system import System


@pytest.fixture(scope="session")
def system() -> System:
    """Return the system that `make test` started; a bare `pytest` starts it and leaves it running for the next time."""
    running = System(os.environ.get("IMPACT_TEST_PROFILE", "test"))
    running.up()
    return running


@pytest.fixture(scope="session")
def cast(system: System) -> Cast:
    """Return the people of the demonstration, ready to sign in."""
    return Cast(system.profile, system.servers.settings)
