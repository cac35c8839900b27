"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint

from services.directory.routes import invitations, me, memberships, organisations, people, register_imports


def blueprints() -> tuple[Blueprint, ...]:
    """Return the blueprints of this service."""
    return organisations.blp, register_imports.blp, people.blp, memberships.blp, invitations.blp, me.blp
