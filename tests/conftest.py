"""What every test may ask for: the real servers of this run, and a mint for tokens of one service's tests.

`make test` starts the servers once and names their profile in IMPACT_TEST_PROFILE; a bare `pytest` starts what it
needs itself and leaves it running for the next time.
"""

import os
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

import pytest

from infra.servers import ConnectionSettings, Profile, Servers, connection_settings
from shared.testing.token_mint import TokenMint, open_mint

pytest_plugins = ["tests.services"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse cases given as a set: two test workers would collect them in different orders and neither would run."""
    for marker in metafunc.definition.iter_markers("parametrize"):
        if isinstance(marker.args[1], AbstractSet):
            raise pytest.UsageError(
                f"{metafunc.definition.nodeid}: give the cases of parametrize in an order, not a set"
            )


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
