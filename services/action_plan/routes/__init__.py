"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint

from services.action_plan.routes import actions, approval, plans, shared_plans, sharing


def blueprints() -> tuple[Blueprint, ...]:
    """Return the blueprints of this service."""
    return tuple(room.blueprint() for room in (plans, approval, actions, sharing, shared_plans))
