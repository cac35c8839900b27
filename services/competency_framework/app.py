"""The composition root of the web role."""

from typing import Any

from flask import Flask

from services.competency_framework import config as settings
from services.competency_framework.routes import blueprints
from shared.config import ServiceConfig
from shared.web import create_service_app


def create_app(config: ServiceConfig | None = None, **overrides: Any) -> Flask:
    """Build the application; `overrides` (database, verifier, clock) are for tests."""
    return create_service_app(
        config or settings.load(), title="Board competencies", blueprints=blueprints(), **overrides
    )
