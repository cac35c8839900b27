"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint

from services.competency_framework.routes import frameworks, profile, reflections


def blueprints() -> tuple[Blueprint, ...]:
    """Return the blueprints of this service."""
    return (frameworks.blueprint(), reflections.blueprint(), reflections.shared_blueprint(), profile.blueprint())
