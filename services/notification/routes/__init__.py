"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint

from services.notification.routes import inbox, preferences


def blueprints() -> tuple[Blueprint, ...]:
    """Return the blueprints of this service."""
    return (inbox.blueprint(), preferences.blueprint())
