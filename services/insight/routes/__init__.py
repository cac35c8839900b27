"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint

from services.insight.routes import published_figures, trust_status


def blueprints() -> tuple[Blueprint, ...]:
    """Return the blueprints of this service."""
    return (trust_status.blp, published_figures.blp)
