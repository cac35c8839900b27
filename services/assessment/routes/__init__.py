"""HTTP in, HTTP out: one file a resource."""

from flask_smorest import Blueprint

from services.assessment.routes import (
    agreements,
    answers,
    earlier_results,
    evidence,
    item_questions,
    question_set_drafts,
    question_sets,
    results,
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
        evidence,
        sign_off,
        results,
        item_questions,
        earlier_results,
        sharing,
        shared_summaries,
    )
    return tuple(room.blueprint() for room in rooms)
