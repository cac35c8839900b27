"""The signed result: read in any version, and put right by a new one."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.assessment.commands.corrections import correct_result
from services.assessment.queries.results import result_view
from services.assessment.result_files import result_file
from services.assessment.routes.who import BOARD, SIGNERS
from services.assessment.schemas.requests import CorrectResult, WhichVersion
from services.assessment.schemas.results import CorrectedView, ResultView
from shared.access import requires
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of results."""
    blp = Blueprint("results", __name__, url_prefix="/v1/rounds", description="Signed results")
    _reading(blp)
    _correcting(blp)
    return blp


def _reading(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/result")
    @requires(*BOARD, audit=None)
    @blp.arguments(WhichVersion, location="query")
    @blp.response(200, ResultView)
    def show_result(query: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = result_view(uow, round_id, **query)
        return reply(answer, etag=answer["revision"])

    @blp.route("/<uuid:round_id>/result/files/<kind>")
    @requires(*BOARD, audit="result.exported")
    @blp.arguments(WhichVersion, location="query")
    @blp.response(200, content_type="application/octet-stream")
    def export_result(query: dict[str, Any], round_id: UUID, kind: str) -> Response:
        with unit_of_work() as uow:
            file = result_file(result_view(uow, round_id, **query), kind)
            uow.commit()
        response = Response(file.content, content_type=file.content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
        return response


def _correcting(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/corrections", methods=["POST"])
    @requires(*SIGNERS, audit="result.corrected", strong=True)
    @blp.arguments(CorrectResult)
    @blp.response(200, CorrectedView)
    def correct(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = correct_result(uow, round_id, **data)
            uow.commit(answer)
        return reply(answer, etag=answer["revision"])
