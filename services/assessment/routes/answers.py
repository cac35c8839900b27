"""One's own private answers. The audit rows of these routes are visible to the author alone and name no item."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.assessment.commands import answers
from services.assessment.queries.answers import my_answers
from services.assessment.routes.who import INVITABLE
from services.assessment.schemas.requests import SaveAnswer
from services.assessment.schemas.rounds import AnswerView, Finished, MyAnswers
from shared.access import requires
from shared.request_and_reply import if_match, reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of one's own answers."""
    blp = Blueprint("answers", __name__, url_prefix="/v1/rounds", description="One's own private answers")

    @blp.route("/<uuid:round_id>/my-answers")
    @requires(*INVITABLE, audit=None)
    @blp.response(200, MyAnswers)
    def show_my_answers(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = my_answers(uow, round_id)
        return reply(answer)

    @blp.route("/<uuid:round_id>/my-answers/<item_id>", methods=["PUT"])
    @requires(*INVITABLE, audit="answer.saved", private=True)
    @blp.arguments(SaveAnswer())
    @blp.response(200, AnswerView)
    def save(data: dict[str, Any], round_id: UUID, item_id: str) -> Response:
        with unit_of_work() as uow:
            answer = answers.save_answer(uow, round_id, item_id, if_match(), **data)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])

    _finishing(blp)
    return blp


def _finishing(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/my-answers/finish", methods=["POST"])
    @requires(*INVITABLE, audit="answers.finished", private=True)
    @blp.response(200, Finished)
    def finish(round_id: UUID) -> Response:
        return _finished(round_id, finished=True)

    @blp.route("/<uuid:round_id>/my-answers/unfinish", methods=["POST"])
    @requires(*INVITABLE, audit="answers.taken-up-again", private=True)
    @blp.response(200, Finished)
    def unfinish(round_id: UUID) -> Response:
        return _finished(round_id, finished=False)


def _finished(round_id: UUID, *, finished: bool) -> Response:
    with unit_of_work() as uow:
        answer = answers.finish(uow, round_id, finished=finished)
        uow.commit(answer)
    return reply(answer)
