"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint

from services.directory.routes import (
    address,
    invitations,
    me,
    memberships,
    organisations,
    people,
    register_imports,
    ways_in,
)


def blueprints() -> tuple[Blueprint, ...]:
    """Return the blueprints of this service."""
    things = organisations, register_imports, people, memberships, invitations, me, address, ways_in
    return tuple(each.blp for each in things)
