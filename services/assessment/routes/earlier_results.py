"""Earlier self-assessments done elsewhere, and the history of all results."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask_smorest import Blueprint

from services.assessment.commands import earlier_results
from services.assessment.earlier_files import template
from services.assessment.queries.earlier_results import earlier_view, history
from services.assessment.queries.question_sets import get_question_set
from services.assessment.routes.who import BOARD, ORGANISERS
from services.assessment.schemas.earlier_results import EarlierFile, EarlierView, HistoryPage
from shared.access import requires
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of earlier self-assessments."""
    blp = Blueprint("earlier-results", __name__, url_prefix="/v1", description="History of results")
    _reading(blp)
    _importing(blp)
    return blp


def _reading(blp: Blueprint) -> None:
    @blp.route("/results")
    @requires(*BOARD, audit=None)
    @blp.response(200, HistoryPage)
    def list_results() -> Response:
        with unit_of_work() as uow:
            answer = history(uow)
        return reply(answer)

    @blp.route("/earlier-results/<uuid:earlier_id>")
    @requires(*BOARD, audit=None)
    @blp.response(200, EarlierView)
    def show_earlier(earlier_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = earlier_view(uow, earlier_id)
        return reply(answer)

    @blp.route("/earlier-results/templates/<question_set_id>/<kind>")
    @requires(*BOARD, audit=None)
    @blp.response(200, content_type="application/octet-stream")
    def show_template(question_set_id: str, kind: str) -> Response:
        with unit_of_work() as uow:
            file = template(get_question_set(uow, question_set_id), kind)
        response = Response(file.content, content_type=file.content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
        return response


def _importing(blp: Blueprint) -> None:
    @blp.route("/earlier-results", methods=["POST"])
    @requires(*ORGANISERS, audit="earlier-result.looked-at")
    @blp.arguments(EarlierFile, location="files")
    @blp.response(201, EarlierView)
    def upload(files: dict[str, Any]) -> Response:
        file = files["file"]
        with unit_of_work() as uow:
            answer = earlier_results.look_at_file(uow, file.read(), file.filename or "")
            g.answer_status = 201
            uow.commit(answer)
        return reply(answer, 201)

    @blp.route("/earlier-results/<uuid:earlier_id>/confirm", methods=["POST"])
    @requires(*ORGANISERS, audit="earlier-result.imported")
    @blp.response(200, EarlierView)
    def confirm(earlier_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = earlier_results.confirm(uow, earlier_id)
            uow.commit(answer)
        return reply(answer)

    @blp.route("/earlier-results/<uuid:earlier_id>", methods=["DELETE"])
    @requires(*ORGANISERS, audit="earlier-result.taken-out")
    @blp.response(200, HistoryPage)
    def take_out(earlier_id: UUID) -> Response:
        with unit_of_work() as uow:
            earlier_results.take_out(uow, earlier_id)
            answer = history(uow)
            uow.commit(answer)
        return reply(answer)
