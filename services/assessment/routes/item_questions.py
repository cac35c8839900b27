"""Questions about a signed result."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.assessment.commands import item_questions
from services.assessment.queries.item_questions import questions_about
from services.assessment.routes.who import BOARD, RUNNERS
from services.assessment.schemas.requests import AnswerQuestion, AskAboutItem
from services.assessment.schemas.results import ItemQuestionPage
from shared.access import requires
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of questions about results."""
    blp = Blueprint("item-questions", __name__, url_prefix="/v1/rounds", description="Questions about results")

    @blp.route("/<uuid:round_id>/questions")
    @requires(*BOARD, audit=None)
    @blp.response(200, ItemQuestionPage)
    def list_questions(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = questions_about(uow, round_id)
        return reply(answer)

    @blp.route("/<uuid:round_id>/items/<item_id>/questions", methods=["POST"])
    @requires(*BOARD, audit="item.asked-about")
    @blp.arguments(AskAboutItem)
    @blp.response(201, ItemQuestionPage)
    def ask(data: dict[str, Any], round_id: UUID, item_id: str) -> Response:
        with unit_of_work() as uow:
            item_questions.ask(uow, round_id, item_id, **data)
            answer = questions_about(uow, round_id)
            uow.commit(answer)
        return reply(answer, 201)

    @blp.route("/<uuid:round_id>/questions/<uuid:question_id>/answer", methods=["POST"])
    @requires(*RUNNERS, audit="item-question.answered")
    @blp.arguments(AnswerQuestion)
    @blp.response(200, ItemQuestionPage)
    def answer_question(data: dict[str, Any], round_id: UUID, question_id: UUID) -> Response:
        with unit_of_work() as uow:
            item_questions.answer(uow, round_id, question_id, **data)
            answer = questions_about(uow, round_id)
            uow.commit(answer)
        return reply(answer)

    return blp
