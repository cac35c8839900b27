"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint

from services.assessment.routes import agreements, answers, question_sets, rounds, shared_summaries, sharing, sign_off


def blueprints() -> tuple[Blueprint, ...]:
    """Return the blueprints of this service."""
    return tuple(
        room.blueprint() for room in (question_sets, rounds, answers, agreements, sign_off, sharing, shared_summaries)
    )
