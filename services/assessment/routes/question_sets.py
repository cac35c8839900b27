"""The question sets, readable by everybody who signed in."""

from flask import Response
from flask_smorest import Blueprint

from services.assessment.queries.question_sets import all_question_sets, question_set_content
from services.assessment.schemas.question_sets import QuestionSetPage, QuestionSetView
from shared.access import requires
from shared.web import reply, unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of question sets."""
    blp = Blueprint("question-sets", __name__, url_prefix="/v1/question-sets", description="What is asked")

    @blp.route("")
    @requires(audit=None)
    @blp.response(200, QuestionSetPage)
    def list_question_sets() -> Response:
        with unit_of_work() as uow:
            answer = all_question_sets(uow)
        return reply(answer)

    @blp.route("/<question_set_id>")
    @requires(audit=None)
    @blp.response(200, QuestionSetView)
    def show_question_set(question_set_id: str) -> Response:
        with unit_of_work() as uow:
            answer = question_set_content(uow, question_set_id)
        return reply(answer)

    return blp
