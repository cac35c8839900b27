"""Competency frameworks, readable by everybody who signed in."""

from flask import Response
from flask_smorest import Blueprint

from services.competency_framework import queries
from services.competency_framework.schemas import FrameworkPage
from shared.access import requires
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of frameworks."""
    blp = Blueprint("frameworks", __name__, url_prefix="/v1/frameworks", description="Competency frameworks")

    @blp.route("")
    @requires(audit=None)
    @blp.response(200, FrameworkPage)
    def list_frameworks() -> Response:
        with unit_of_work() as uow:
            answer = queries.frameworks(uow)
        return reply(answer)

    @blp.route("/<framework_id>")
    @requires(audit=None)
    @blp.response(200, description="The framework's content as published")
    def show_framework(framework_id: str) -> Response:
        with unit_of_work() as uow:
            answer = queries.one_framework(uow, framework_id)
        return reply(answer)

    return blp
