"""What the web application of a service holds from its start to its end."""

from flask import Flask

from shared.access import Access
from shared.clock import Clock, SystemClock
from shared.config import ServiceConfig
from shared.database import Database
from shared.rate_limits import RateLimiter
from shared.tokens import TokenVerifier


class ServiceState:
    """What a service's application holds: configuration, database, verifier, clock, declared access."""

    def __init__(
        self,
        config: ServiceConfig,
        database: Database | None,
        verifier: TokenVerifier | None,
        clock: Clock | None,
    ) -> None:
        self.config = config
        self.database = database or Database(
            config.database_url, pool_size=config.pool_size, wake_channel=f"outbox_{config.service}"
        )
        if verifier is None and config.oidc is not None:
            verifier = TokenVerifier(config.oidc)
        self.verifier = verifier
        self.clock = clock or SystemClock()
        self.access: dict[str, Access] = {}
        self.limiter = RateLimiter(config.database_url, self.clock)


def state_of(app: Flask) -> ServiceState:
    """Return the state that `create_service_app` put into `app`."""
    state = app.extensions["service"]
    assert isinstance(state, ServiceState)  # noqa: S101 - put there by the factory above
    return state
