"""The composition root of the web role."""

from typing import Any

from flask import Flask

from services.insight import config as settings
from services.insight.published import open_cell_reader
from services.insight.routes import blueprints
from shared.config import ServiceConfig
from shared.web import create_service_app


def create_app(config: ServiceConfig | None = None, **overrides: Any) -> Flask:
    """Build the application; `overrides` (database, verifier, clock) are for tests."""
    complete = settings.load() if config is None else settings.with_further_logins(config)
    app = create_service_app(complete, title="Insight", blueprints=blueprints(), **overrides)
    open_cell_reader(app, complete)
    return app
