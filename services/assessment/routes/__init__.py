"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint

from services.assessment.routes import (
    agreements,
    answers,
    question_set_drafts,
    question_sets,
    rounds,
    shared_summaries,
    sharing,
    sign_off,
)


def blueprints() -> tuple[Blueprint, ...]:
    """Return the blueprints of this service."""
    rooms = (
        question_sets,
        question_set_drafts,
        rounds,
        answers,
        agreements,
        sign_off,
        sharing,
        shared_summaries,
    )
    return tuple(room.blueprint() for room in rooms)
