"""The composition root of the web role."""

from typing import Any

from flask import Flask

from services.directory import config as settings
from services.directory import own_ways_in
from services.directory.routes import blueprints
from services.directory.work_tokens import EXTENSION, WorkTokens
from shared.config import ServiceConfig
from shared.contracts.roles import Role
from shared.tokens import INTERACTIVE_CLIENT, TokenVerifier
from shared.web import create_service_app

CLIENTS = frozenset({INTERACTIVE_CLIENT, Role.NOTIFICATION_SENDER.value})
"""Whose tokens are taken: people's, through the portal, and those of the one service that asks for addresses."""


def create_app(config: ServiceConfig | None = None, **overrides: Any) -> Flask:
    """Build the application; `config` and `overrides` (database, verifier, clock, work) are for tests.

    Started as it is run, it reads how people sign in from the identity provider.
    """
    as_it_is_run, config = config is None, config or settings.load()
    if "verifier" not in overrides and config.oidc is not None:
        overrides["verifier"] = TokenVerifier(config.oidc, clients=CLIENTS)
    work = settings.load_work_issuer() if "work" not in overrides else overrides.pop("work")
    app = create_service_app(config, title="Directory", blueprints=blueprints(), **overrides)
    if work is not None:
        app.extensions[EXTENSION] = WorkTokens(work)
    if as_it_is_run:
        app.extensions[own_ways_in.EXTENSION] = _ways_in(config.portal_url)
    return app


def _ways_in(portal_url: str) -> own_ways_in.Reader:
    from services.directory.identity_provider import identity_admin, reader_of  # a third of a second

    return reader_of(identity_admin(settings.load_accounts(), portal_url))
