"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint


def blueprints() -> tuple[Blueprint, ...]:
    """Return the blueprints of this service."""
    return ()
