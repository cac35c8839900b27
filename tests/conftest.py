"""What every test may ask for: the real servers of this run, and a mint for tokens of one service's tests.

`make test` starts the servers once and names their profile in IMPACT_TEST_PROFILE; a bare `pytest` starts what it
needs itself and leaves it running for the next time.
"""

import os
from collections.abc import Iterator

import pytest

from infra.servers import ConnectionSettings, Profile, Servers, connection_settings
from shared.testing.token_mint import TokenMint, open_mint

pytest_plugins = ["tests.services"]


@pytest.fixture(scope="session")
def servers() -> ConnectionSettings:
    """Return how to reach the servers of this run; PostgreSQL is always among them."""
    named = os.environ.get("IMPACT_TEST_PROFILE")
    if named:
        return connection_settings(named)
    return Servers(Profile("test"), only=["postgres"]).start()


@pytest.fixture(scope="session")
def mint() -> Iterator[TokenMint]:
    """Return an issuer of tokens for tests of one service by itself."""
    with open_mint() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """Return the name of this test worker: its databases and topics are its own."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "gw0"))
