"""The composition root of the web role."""

from typing import Any

from flask import Flask

from services.assessment import config as settings
from services.assessment.routes import blueprints
from shared.config import ServiceConfig
from shared.storage import FileStore
from shared.web import create_service_app


def create_app(config: ServiceConfig | None = None, *, files: FileStore | None = None, **overrides: Any) -> Flask:
    """Build the application; `files` and `overrides` (database, verifier, clock) are for tests."""
    config = config or settings.load()
    app = create_service_app(config, title="Self-assessments", blueprints=blueprints(), **overrides)
    app.extensions["files"] = files or FileStore(config.aws)
    return app
